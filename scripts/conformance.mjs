// Runs `sluice cat` over the CSV cases and compares with what each suite expects.
//
//   node scripts/conformance.mjs            writes docs/reference/conformance.md
//   node scripts/conformance.mjs --check    writes nothing; prints the answers as JSON
//
// The cases are those of the project, or of the folder SLUICE_CASES_DIR. Needs `npm run build`.
import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { Writable } from "node:stream";
import { fileURLToPath } from "node:url";
import { runCli } from "../dist/cli/run-cli.js";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const folder = process.env.SLUICE_CASES_DIR ?? join(root, "test/fixtures/csv-cases");

function collector() {
  const pieces = [];
  const stream = new Writable({
    write(piece, _, done) {
      pieces.push(Buffer.from(piece));
      done();
    },
  });
  return { stream, text: () => Buffer.concat(pieces).toString() };
}

async function answerOf({ file, encoding, dialect }) {
  const stdout = collector();
  const stderr = collector();
  const marks = ["delimiter", "quote", "escape"].flatMap((name) =>
    dialect[name] ? [`--${name}`, dialect[name]] : [],
  );
  const words = ["cat", "--json", ...marks, "--encoding", encoding, join(folder, file)];
  const streams = { stdin: process.stdin, stdout: stdout.stream, stderr: stderr.stream };
  const exitCode = await runCli(words, streams);
  const refusal = stderr.text().split("\n")[0];
  if (exitCode !== 0 || refusal !== "") return { refusal };
  const lines = stdout.text().split("\n").filter(Boolean);
  const records = lines.map((line) => JSON.parse(line));
  const kept = records.filter(([first, ...rest]) => rest.length > 0 || (first ?? "") !== "");
  return { sha256: createHash("sha256").update(JSON.stringify(kept)).digest("hex") };
}

function isRight({ kind, sha256, allow_error: mayRefuse }, answer) {
  if (answer.sha256 === undefined) return kind !== "records" || mayRefuse === true;
  return kind === "records"
    ? answer.sha256 === sha256
    : [sha256 ?? []].flat().includes(answer.sha256);
}

const cases = JSON.parse(readFileSync(join(folder, "manifest.json"), "utf8"));
const results = [];
for (const each of cases) {
  const answer = await answerOf(each);
  const isAsExpected = isRight(each.expect, answer);
  const { id, suite, expect } = each;
  results.push({ id, suite, kind: expect.kind, isRight: isAsExpected, ...answer });
}

if (process.argv.includes("--check")) process.stdout.write(`${JSON.stringify(results)}\n`);
else {
  const page = join(root, "docs/reference/conformance.md");
  mkdirSync(dirname(page), { recursive: true });
  writeFileSync(page, pageOf(results));
  const wrong = results.filter((each) => !each.isRight);
  for (const { id, refusal } of wrong) process.stdout.write(`wrong: ${id} ${refusal ?? ""}\n`);
  process.stdout.write(`${results.length - wrong.length} passed, ${wrong.length} failed\n`);
  process.exitCode = wrong.length === 0 ? 0 : 1;
}

function pageOf(all) {
  const suites = [...new Set(all.map(({ suite }) => suite))].toSorted((a, b) => a.localeCompare(b));
  const rows = suites.map((suite) =>
    rowOf(
      suite,
      all.filter((each) => each.suite === suite),
    ),
  );
  const wrong = all.filter((each) => !each.isRight).map(({ id }) => `- \`${id}\``);
  return `# Conformance

What \`sluice cat\` makes of ${all.length} real and hostile CSV files from ${suites.length} public suites. Written by
\`npm run conformance\`; the suites whose licence allows it are in \`test/fixtures/csv-cases\`, the others are read from the
folder that \`SLUICE_CASES_DIR\` names. Encoding and dialect are declared, as each suite states them.

_Records_: the file must be read, and give exactly these records. _Refused_: the file, or the record at fault, must be
refused. _Either_: one of several readings, or a refusal.

| Suite | Cases | Records | Refused | Either | Right |
| --- | ---: | ---: | ---: | ---: | ---: |
${rows.join("\n")}
${rowOf("**all**", all)}
${wrong.length === 0 ? "" : `\n## Wrong\n\n${wrong.join("\n")}\n`}`;
}

function rowOf(name, list) {
  const count = (kind) => list.filter((each) => each.kind === kind).length;
  const right = list.filter((each) => each.isRight).length;
  const cells = [name, list.length, count("records"), count("error"), count("one_of"), right];
  return `| ${cells.join(" | ")} |`;
}
