// Runs a case: all contenders in turn, in every round, each with a table of its own on the same server.
import { rm } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { runProgram } from "./programs.mjs";
import { startBenchService } from "./service.mjs";

const COPY_FILE = fileURLToPath(new URL("copy-file.mjs", import.meta.url));

/** Runs `rounds` rounds of a case. Returns for each contender its runs in the order of the rounds. */
export async function runCase(bench, theCase, data, rounds) {
  const contenders = theCase.contenders.filter(({ isOffered = true }) => isOffered);
  const runs = new Map(contenders.map((contender) => [contender.name, []]));
  const checks = new Map();
  const number = Math.min(rounds, theCase.mostRounds ?? rounds);
  for (let round = 0; round < number; round++) {
    // Every other round goes backwards, so that no one always comes after the same one.
    const order = round % 2 === 0 ? contenders : contenders.toReversed();
    for (const contender of order) {
      const { run, check } = await runOnce(bench, theCase, data, contender);
      runs.get(contender.name).push(run);
      checks.set(contender.name, check);
      bench.say(`  ${contender.name}: ${run.seconds.toFixed(2)} s`);
    }
  }
  if (new Set(checks.values()).size > 1)
    throw new Error(`The contenders do not agree on the rows: ${JSON.stringify([...checks])}`);
  return runs;
}

async function runOnce(bench, theCase, data, contender) {
  const { client, url, folder } = bench;
  const table = "bench_target";
  await client.query(`drop table if exists ${table}`);
  if (contender.needsTable)
    for (const statement of theCase.ddl(data)(table)) await client.query(statement);
  const service = contender.needsNoService ? null : await bench.service.get();
  if (service === null) await bench.service.stop();
  const scene = { client, url, folder, data, table, service };
  if (theCase.isExport) await loadTable(scene);
  const run = await contender.load(scene);
  if (theCase.isExport) await readBack(scene, theCase.ddl(data), run.path);
  const check = await checkTable(client, table, data);
  await client.query(`drop table ${table}`);
  return { run, check };
}

/** Loads the table that is to be exported, and leaves the server as a table of its own age would. */
async function loadTable({ client, url, data, table }) {
  await runProgram(process.execPath, [COPY_FILE, url, table, data.path]);
  await client.query(`vacuum analyze ${table}`);
}

/** Replaces the table by what the file has, which the check of the table then looks at. */
async function readBack({ client, url, table }, ddl, path) {
  await client.query(`drop table ${table}`);
  for (const statement of ddl(table)) await client.query(statement);
  await runProgram(process.execPath, [COPY_FILE, url, table, path]);
  await rm(path);
}

/** All rows are there; returns a sum over their texts, which is the same for the same rows. */
async function checkTable(client, table, data) {
  const columns = Object.keys(data.columns).join(", ");
  const { rows } = await client.query(
    `select count(*)::int as rows, sum(hashtext((${columns})::text))::text as sum from ${table}`,
  );
  if (rows[0].rows !== data.rows)
    throw new Error(`Expected ${data.rows} rows in the table, got ${rows[0].rows}.`);
  return rows[0].sum;
}

/** A service that is started when somebody wants it, and can be stopped in between. */
export function lazyService(folder, url) {
  let running = null;
  const stop = async () => {
    await (await running)?.stop();
    running = null;
  };
  return {
    get: () => (running ??= startBenchService(folder, url)),
    stop,
  };
}
