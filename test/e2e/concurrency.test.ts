/** How many jobs run at once, and in which order. */
import { afterEach, beforeEach, expect, test } from "vitest";
import { FaultScene } from "../support/fault-scene.ts";
import { flightsFile } from "../support/flights.ts";
import { startImport } from "../support/import-job.ts";

const TARGET = "(date timestamptz, delay int, distance int, origin text, destination text)";

const flights = flightsFile(1);
let scene: FaultScene;

beforeEach(async () => {
  scene = await FaultScene.open();
});
afterEach(() => scene?.[Symbol.asyncDispose]());

/** What happened to jobs, in order: beginnings and ends with the index of the job. */
async function history(ids: readonly string[]): Promise<readonly string[]> {
  const { rows } = await scene.pool.query<{ type: string; job_id: string }>(
    "select type, job_id from sluice.event where type in ('job.running', 'job.succeeded') order by id",
  );
  return rows.map((row) => `${row.type.slice(4)} ${ids.indexOf(row.job_id)}`);
}

test("with a concurrency of 1 jobs run one after the other in the order of their creation", async () => {
  const { client } = await scene.start({ environment: { SLUICE_CONCURRENCY: "1" } });
  const ids: string[] = [];
  for (const table of ["one", "two", "three"])
    ids.push((await startImport(client, flights.bytes, { table })).id);

  expect((await scene.stored(ids[2] ?? "")).state).toBe("queued");
  for (const [index, table] of ["one", "two", "three"].entries())
    await scene.expectImported(ids[index] ?? "", table, flights.sums);

  expect(await history(ids)).toEqual([
    "running 0",
    "succeeded 0",
    "running 1",
    "succeeded 1",
    "running 2",
    "succeeded 2",
  ]);
});

test("with a concurrency of 2 jobs that write one table run one after the other, and another beside them", async () => {
  await scene.pool.query(`create table same ${TARGET}; create table beside ${TARGET}`);
  const { client } = await scene.start({
    environment: {
      SLUICE_CONCURRENCY: "2",
      // Enough for all parts of one job and one of another.
      SLUICE_LANES: "4",
      SLUICE_FAILPOINT: "chunk_gap:*:sleep=100",
    },
  });
  const ids: string[] = [];
  const file = await client.uploadFile("flights.csv", flights.bytes);
  for (const table of ["same", "same", "beside"]) {
    const job = await client.createJob({ kind: "import", file: file.id, table, mode: "append" });
    ids.push(job.id);
  }

  for (const id of ids) await scene.waitForState(id, "succeeded");

  const seen = await history(ids);
  expect(seen.indexOf("succeeded 0")).toBeLessThan(seen.indexOf("running 1"));
  expect(seen.indexOf("running 2")).toBeLessThan(seen.indexOf("succeeded 0"));
  await scene.expectImported(ids[2] ?? "", "beside", flights.sums);
  await scene.expectImported(ids[1] ?? "", "same", flightsFile(2).sums);
});
