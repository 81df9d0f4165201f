// Loads the same files with Sluice and with what people use otherwise, in turn, on one server: `npm run bench`.
//
//   --rows N      rows of each file; 1,000,000
//   --rounds N    how often everything is repeated; 5
//   --quick       100,000 rows and 3 rounds
//   --case NAME   only this case; may be repeated
//   --seed N      of the data; 1
//   --write       writes docs/benchmarks.md
//   --json        prints the results as JSON, and nothing else, on stdout
//
// DATABASE_URL names a server of one's own; the role must be allowed to create a database there. Without it a private
// PostgreSQL runs in a temporary folder. Needs `npm run build`.
import { mkdtemp, chmod, rm } from "node:fs/promises";
import { writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { CASES } from "./cases.mjs";
import { toolVersions } from "./contenders.mjs";
import { makeRandom, writeData } from "./data.mjs";
import { openBenchDatabase } from "./database.mjs";
import { lazyService, runCase } from "./measure.mjs";
import { measurePauses } from "./pauses.mjs";
import { formatReport, formatPage, summarize } from "./report.mjs";

const PAUSES = "pauses";

function readOptions() {
  const { values } = parseArgs({
    options: {
      rows: { type: "string" },
      rounds: { type: "string" },
      pauses: { type: "string" },
      quick: { type: "boolean", default: false },
      case: { type: "string", multiple: true },
      seed: { type: "string", default: "1" },
      write: { type: "boolean", default: false },
      json: { type: "boolean", default: false },
    },
  });
  const { quick } = values;
  const known = [...Object.keys(CASES), PAUSES];
  const names = values.case ?? known;
  const unknown = names.find((name) => !known.includes(name));
  if (unknown !== undefined)
    throw new Error(`Expected a case out of ${known.join(", ")}, got ${unknown}.`);
  return {
    rows: wholeNumber("rows", values.rows ?? (quick ? "100000" : "1000000")),
    rounds: wholeNumber("rounds", values.rounds ?? (quick ? "3" : "5")),
    pauses: wholeNumber("pauses", values.pauses ?? (quick ? "10" : "40")),
    seed: wholeNumber("seed", values.seed),
    isWritten: values.write,
    isJson: values.json,
    names,
  };
}

function wholeNumber(name, text) {
  if (/^[1-9]\d*$/.test(text)) return Number(text);
  throw new Error(`Expected --${name} to be a whole number from 1, got ${text}.`);
}

function say(line) {
  process.stderr.write(`${line}\n`);
}

async function main() {
  const options = readOptions();
  const folder = await mkdtemp(join(tmpdir(), "sluice-bench-"));
  // The server's user and psql walk through it.
  await chmod(folder, 0o755);
  try {
    const database = await openBenchDatabase(folder);
    const service = lazyService(folder, database.url);
    try {
      const report = await measure({ ...database, folder, service, say }, options);
      if (options.isJson) process.stdout.write(`${JSON.stringify(report)}\n`);
      else process.stdout.write(formatReport(report));
      if (options.isWritten) {
        const { format } = await import("prettier");
        const page = await format(formatPage(report), { parser: "markdown" });
        writeFileSync(new URL("../docs/benchmarks.md", import.meta.url), page);
      }
    } finally {
      await service.stop();
      await database.close();
    }
  } finally {
    await rm(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
  }
}

async function measure(bench, options) {
  const { folder, service } = bench;
  const files = new Map();
  const dataOf = (shape) => {
    if (!files.has(shape)) {
      say(`Writing ${options.rows} rows of ${shape}, seed ${options.seed}`);
      files.set(shape, writeData(folder, shape, options.rows, options.seed));
    }
    return files.get(shape);
  };
  const results = [];
  let pauses = null;
  for (const name of options.names) {
    if (name === PAUSES) {
      say("pauses");
      const data = dataOf("people");
      const random = makeRandom(options.seed);
      pauses = await measurePauses(await service.get(), data, options.pauses, random);
      continue;
    }
    const theCase = CASES[name];
    const data = dataOf(theCase.data);
    say(theCase.title);
    const runs = await runCase(bench, theCase, data, options.rounds);
    results.push({ name, title: theCase.title, data: data.name, summary: summarize(data, runs) });
  }
  return {
    options,
    server: bench.facts,
    tools: toolVersions(),
    files: [...files.values()],
    results,
    pauses,
  };
}

await main();
