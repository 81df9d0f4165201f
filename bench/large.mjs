// Whether speed and memory depend on the size of a file: the same shape of data, short and long, through one service and
// through psql in turn: the system keeps the pages of the first gigabytes at less cost than those of later ones, for both.
//
//   npm run build && node bench/large.mjs [rows of the long file; 34,000,000, some 5 GB] [rounds; 2]
//
// Needs room for the long file twice and for its table. DATABASE_URL as in run.mjs.
import { chmod, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { psqlCopy } from "./contenders.mjs";
import { writeData } from "./data.mjs";
import { openBenchDatabase } from "./database.mjs";
import { importByService, startBenchService } from "./service.mjs";

const SEED = 1;
const SHORT_ROWS = 1_000_000;
const TABLE = "bench_target";
const longRows = Number(process.argv[2] ?? 34_000_000);
const rounds = Number(process.argv[3] ?? 2);

const LOADERS = {
  Sluice: async ({ service }, data) => {
    const request = { table: TABLE, types: data.columns };
    const { jobSeconds, peakBytes } = await importByService(service, data, request);
    return { seconds: jobSeconds, peakBytes };
  },
  "psql \\copy": async ({ client, url }, data) => {
    const columns = Object.entries(data.columns).map((column) => column.join(" "));
    await client.query(`create table ${TABLE} (${columns.join(", ")})`);
    return psqlCopy.load({ url, data, table: TABLE });
  },
};

async function measure(scene, name, data) {
  const { seconds, peakBytes } = await LOADERS[name](scene, data);
  const { rows } = await scene.client.query(`select count(*)::int as count from ${TABLE}`);
  await scene.client.query(`drop table ${TABLE}`);
  if (rows[0].count !== data.rows)
    throw new Error(`Expected ${data.rows} rows, got ${rows[0].count}.`);
  const speed = data.rows / seconds;
  const size = `${Math.round(data.bytes / 1e6)} MB`;
  const peak = `peak ${Math.round(peakBytes / 2 ** 20)} MiB so far`;
  console.log(`${name}, ${size}: ${Math.round(speed / 1000)} k rows/s, ${peak}`);
  return speed;
}

const folder = await mkdtemp(join(tmpdir(), "sluice-large-"));
await chmod(folder, 0o755); // the server may run as another user
try {
  const short = writeData(folder, "people", SHORT_ROWS, SEED);
  const long = writeData(await mkdtemp(join(folder, "long-")), "people", longRows, SEED);
  const database = await openBenchDatabase(folder);
  const service = await startBenchService(folder, database.url);
  try {
    const scene = { client: database.client, url: database.url, service };
    await measure(scene, "Sluice", short); // warm
    const ratios = Object.fromEntries(Object.keys(LOADERS).map((name) => [name, []]));
    for (let round = 0; round < rounds; round++)
      for (const name of Object.keys(LOADERS)) {
        const shortSpeed = await measure(scene, name, short);
        ratios[name].push((await measure(scene, name, long)) / shortSpeed);
      }
    for (const [name, list] of Object.entries(ratios))
      console.log(
        `${name}: the long file has ${median(list).toFixed(2)} of the speed of the short one.`,
      );
  } finally {
    await service.stop();
    await database.close();
  }
} finally {
  await rm(folder, { recursive: true });
}

function median(list) {
  return list.toSorted((a, b) => a - b)[Math.floor(list.length / 2)];
}
