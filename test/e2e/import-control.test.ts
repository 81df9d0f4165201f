/** Pause, resume and stop of a running import, through the API of a real service. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { expectAllGood } from "../support/all-good.ts";
import { openTestDatabase, type TestDatabase } from "../support/database.ts";
import { flightsFile, sumsOf } from "../support/flights.ts";
import { startImport, waitForEnd, waitForShare, waitForState } from "../support/import-job.ts";
import {
  SMALL_PIECES,
  startServiceProcess,
  temporaryFolder,
  type ServiceProcess,
} from "../support/service.ts";

let database: TestDatabase;
let folder: Awaited<ReturnType<typeof temporaryFolder>>;
let service: ServiceProcess;
const flights = flightsFile(4);

beforeAll(async () => {
  database = await openTestDatabase();
  folder = await temporaryFolder();
  service = await startServiceProcess({
    dir: folder.path,
    databaseUrl: database.url,
    settings: SMALL_PIECES,
  });
});

afterAll(async () => {
  await service?.[Symbol.asyncDispose]();
  await database?.[Symbol.asyncDispose]();
  await folder?.[Symbol.asyncDispose]();
});

/** Pauses a job, or returns it as it ended while it was being asked. */
async function pauseOrEnd(id: string): ReturnType<typeof service.client.getJob> {
  try {
    return (await service.client.act(id, "pause")).job;
  } catch (error) {
    const job = await service.client.getJob(id);
    if (job.state !== "succeeded") throw error;
    return job;
  }
}

describe("an import", () => {
  test("of several parts on two lanes ends with every record once", async () => {
    const job = await startImport(service.client, flights.bytes, { table: "whole" });

    const end = await waitForEnd(service.client, job.id);

    expect(end).toMatchObject({ state: "succeeded", failure: null });
    expect(end.progress).toMatchObject({
      recordsRead: 200_000,
      recordsWritten: 200_000,
      recordsRejected: 0,
      fraction: 1,
    });
    expect(await sumsOf(database.pool, "whole")).toEqual(flights.sums);
    const { rows } = await database.pool.query<{ parts: number }>(
      "select count(*)::int as parts from sluice.part where job_id = $1 and part_no > 0",
      [job.id],
    );
    expect(rows[0]?.parts).toBeGreaterThan(5);
    await expectAllGood(database.pool);
  });

  test("paused and resumed again and again ends with the same sums", async () => {
    const job = await startImport(service.client, flights.bytes, { table: "paused" });

    for (const share of [0.1, 0.3, 0.5, 0.7, 0.9]) {
      await waitForShare(service.client, job.id, share);
      const paused = await pauseOrEnd(job.id);
      if (paused.state === "succeeded") break;
      expect(paused.state).toBe("paused");
      await expectNothingRuns();
      expect((await service.client.getJob(job.id)).progress.recordsRead).toBe(
        paused.progress.recordsRead,
      );
      await service.client.act(job.id, "resume");
    }

    expect((await waitForEnd(service.client, job.id)).state).toBe("succeeded");
    expect(await sumsOf(database.pool, "paused")).toEqual(flights.sums);
    await expectAllGood(database.pool);
  });

  test.each([0, 0.2, 0.6])(
    "stopped after a share of %d leaves no table, no staging and no lock",
    async (share) => {
      const table = `stopped_${share * 10}`;
      const job = await startImport(service.client, flights.bytes, { table });
      await waitForShare(service.client, job.id, share);

      const { job: stopped } = await service.client.act(job.id, "stop");

      expect(stopped).toMatchObject({ state: "stopped", result: { rows: "undone" } });
      await expectNothingRuns();
      const left = await database.pool.query(
        "select relname from pg_class where relname = $1 or relname = $2",
        [table, `stage_${job.id.slice(4)}`],
      );
      expect(left.rows).toEqual([]);
      expect(await service.client.getFile(job.file)).toMatchObject({ bytes: flights.bytes.length });
      await expectAllGood(database.pool);
    },
  );

  test("pauses itself after exactly as many records as asked, and goes on when resumed", async () => {
    const job = await startImport(service.client, flights.bytes, {
      table: "canary",
      pauseAfter: 12_345,
    });

    const paused = await waitForState(service.client, job.id, "paused");
    expect(paused.progress.recordsRead).toBe(12_345);

    await service.client.act(job.id, "resume");
    expect((await waitForEnd(service.client, job.id)).state).toBe("succeeded");
    expect(await sumsOf(database.pool, "canary")).toEqual(flights.sums);
  });

  test("fails when more rows are rejected than allowed, and goes on with a higher limit", async () => {
    const bad = Buffer.concat([
      flights.bytes.subarray(0, 1_000_000),
      Buffer.from("\nnever,x,y,A,B\nagain,x,y,A,B\n"),
    ]);
    const job = await startImport(service.client, bad, { table: "limited", maxRejected: 1 });

    const failed = await waitForEnd(service.client, job.id);
    expect(failed).toMatchObject({ state: "failed", failure: { code: "too_many_rejected" } });

    await service.client.act(job.id, "resume", { maxRejected: 10 });
    const end = await waitForEnd(service.client, job.id);
    expect(end.state).toBe("succeeded");
    expect(end.progress.recordsRejected).toBeGreaterThanOrEqual(2);
    await expectAllGood(database.pool);
  });

  test("fails when a larger share of the rows is rejected than allowed, and goes on with a higher one", async () => {
    const lines = [
      "id,age",
      ...Array.from({ length: 100 }, (_, id) => `${id},${id < 94 ? id : "x"}`),
    ];
    const bytes = Buffer.from(`${lines.join("\n")}\n`);
    const body = { table: "shared", types: { age: "integer" }, maxRejected: "5%" };
    const job = await startImport(service.client, bytes, body);

    const failed = await waitForEnd(service.client, job.id);
    expect(failed).toMatchObject({
      state: "failed",
      maxRejected: "5%",
      failure: { code: "too_many_rejected" },
    });
    expect(failed.failure?.message).toContain("6 rows were rejected, the limit is 5%");

    const resumed = await service.client.act(job.id, "resume", { maxRejected: "6%" });
    expect(resumed.job).toMatchObject({ maxRejected: "6%" });
    expect((await waitForEnd(service.client, job.id)).state).toBe("succeeded");
    await expectAllGood(database.pool);
  });

  test("fails early when the share can no longer be met", async () => {
    const bad = "never,x,y,A,B\n".repeat(40_000);
    const end = flights.bytes.indexOf("\n", 600_000) + 1;
    const start = flights.bytes.subarray(0, flights.bytes.indexOf("\n") + 1);
    const rest = flights.bytes.subarray(start.length, end);
    const job = await startImport(service.client, Buffer.concat([start, Buffer.from(bad), rest]), {
      table: "early",
      maxRejected: "1%",
      types: { date: "timestamptz", delay: "integer", distance: "integer" },
    });

    const failed = await waitForEnd(service.client, job.id);

    expect(failed).toMatchObject({ state: "failed", failure: { code: "too_many_rejected" } });
    expect(failed.progress.recordsRead).toBeLessThan(40_000);
  });
});

/** After a pause or a stop was answered: no lock is held, no transaction is open. */
async function expectNothingRuns(): Promise<void> {
  const { rows } = await database.pool.query(
    `select a.state, a.query from pg_stat_activity a
      where a.application_name = 'sluice runner' and a.datname = current_database() and a.xact_start is not null`,
  );
  expect(rows).toEqual([]);
}
