/** The speed of a job in a real service: rows committed against the clock of the database, and what a wait holds up. */
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { expectAllGood } from "../support/all-good.ts";
import { FLIGHT_COLUMNS, importFlights, resultOf, waitForExport } from "../support/export-job.ts";
import { FaultScene } from "../support/fault-scene.ts";
import { flightsFile } from "../support/flights.ts";
import { startImport, waitForEnd, waitForShare } from "../support/import-job.ts";
import { ProcessServiceScene } from "../support/process-service.ts";
import { until } from "../support/until.ts";

const flights = flightsFile(1);
const more = flightsFile(2);
/** A lease that no test outlives: what goes on before, goes on without it. */
const NO_LEASE = { leaseMs: 3_600_000 };
/** Longer than any answer takes, and far below the waits of the tests. */
const AT_ONCE_MS = 2_000;

let scene: FaultScene;

beforeEach(async () => {
  scene = await FaultScene.open();
});
afterEach(() => scene?.[Symbol.asyncDispose]());

interface Entry {
  readonly part: number;
  readonly rows: number;
  /** Since the job began, by the clock of the database. */
  readonly seconds: number;
}

/** What was committed, in the order of the commits. */
async function commits(jobId: string, after = "started_at"): Promise<readonly Entry[]> {
  const { rows } = await scene.pool.query<Entry>(
    `select part_no as part, records_read::int as rows,
        extract(epoch from c.committed_at - j.${after})::float8 as seconds
      from sluice.chunk c join sluice.job j on j.id = c.job_id where j.id = $1 order by c.committed_at`,
    [jobId],
  );
  return rows;
}

function sum(entries: readonly Entry[]): number {
  return entries.reduce((total, { rows }) => total + rows, 0);
}

/** Never more than the limit allows, in chunks of a quarter of a second, part by part. */
function expectHeld(entries: readonly Entry[], limit: number): void {
  let total = 0;
  for (const { rows, seconds } of entries) {
    total += rows;
    expect(total).toBeLessThanOrEqual(limit * seconds + 1);
    // The first stretch of an export holds the smallest key as well.
    expect(rows).toBeLessThanOrEqual(Math.ceil(limit / 4) + 1);
  }
  const parts = entries.map(({ part }) => part);
  expect(parts).toEqual(parts.toSorted((one, other) => one - other));
}

async function timeline(service: Awaited<ReturnType<FaultScene["start"]>>, jobId: string) {
  const { items } = await service.client.getTimeline(jobId);
  return items
    .filter(({ type }) => type === "job.speed_changed")
    .map(({ by, details }) => ({ by, ...details }));
}

describe("an import with a limit", () => {
  test("never commits more than it allows, part by part, and every row once", async () => {
    const service = await scene.start();
    const job = await startImport(service.client, flights.bytes, {
      table: "flights",
      maxRecordsPerSecond: 20_000,
    });
    expect(job.maxRecordsPerSecond).toBe(20_000);

    await scene.expectImported(job.id, "flights", flights.sums);

    const entries = await commits(job.id);
    expect(new Set(entries.map(({ part }) => part)).size).toBeGreaterThan(1);
    expect(sum(entries)).toBe(50_000);
    expectHeld(entries, 20_000);
    expect(entries.at(-1)?.seconds).toBeLessThan(20);
  });

  test("goes on at full speed from the next chunk on when it is taken away", async () => {
    const service = await scene.start();
    const job = await startImport(service.client, flights.bytes, {
      table: "flights",
      maxRecordsPerSecond: 100,
    });
    await until("rows were committed", async () => (await commits(job.id)).length > 0);

    const changed = await service.client.changeJob(job.id, { maxRecordsPerSecond: null });

    expect(changed.maxRecordsPerSecond).toBeNull();
    await scene.expectImported(job.id, "flights", flights.sums);
    expect(await timeline(service, job.id)).toEqual([{ by: "local", from: 100, to: null }]);
  });

  test("that is set while it runs holds a second later, with one part in hand", async () => {
    const service = await scene.start({
      environment: { SLUICE_FAILPOINT: "chunk_gap:*:sleep=100" },
    });
    const job = await startImport(service.client, more.bytes, { table: "flights" });
    await waitForShare(service.client, job.id, 0.1);

    await service.client.changeJob(job.id, { maxRecordsPerSecond: 1_000 });
    await scene.pool.query(
      "create table changed as select id, clock_timestamp() + interval '3 s' as at from sluice.job where id = $1",
      [job.id],
    );
    const late = async (): Promise<readonly Entry[]> => {
      const { rows } = await scene.pool.query<Entry>(
        `select c.part_no as part, c.records_read::int as rows,
            extract(epoch from c.committed_at - t.at)::float8 as seconds
          from sluice.chunk c join changed t on t.id = c.job_id where c.committed_at > t.at order by c.committed_at`,
      );
      return rows;
    };
    const seen = await until("some seconds have passed", async () => {
      const entries = await late();
      return (entries.at(-1)?.seconds ?? 0) > 2 && entries;
    });

    // What may be made up for, a second at most, comes on top.
    expect(sum(seen)).toBeLessThanOrEqual(1_000 * ((seen.at(-1)?.seconds ?? 0) + 1.5));
    expect(new Set(seen.map(({ part }) => part)).size).toBe(1);
    await service.client.changeJob(job.id, { maxRecordsPerSecond: 10_000_000 });
    await scene.expectImported(job.id, "flights", more.sums);
    expect(await timeline(service, job.id)).toEqual([
      { by: "local", from: null, to: 1_000 },
      { by: "local", from: 1_000, to: 10_000_000 },
    ]);
  });

  test("pauses at once while it waits, and resumes with its limit", async () => {
    const service = await scene.start();
    const job = await startImport(service.client, flights.bytes, {
      table: "flights",
      maxRecordsPerSecond: 4,
    });
    await until("rows were committed", async () => (await commits(job.id)).length > 0);

    const askedAt = performance.now();
    const { job: paused, isReached } = await service.client.act(job.id, "pause");

    expect({ isReached, state: paused.state }).toEqual({ isReached: true, state: "paused" });
    expect(performance.now() - askedAt).toBeLessThan(AT_ONCE_MS);
    const before = sum(await commits(job.id));
    await service.client.act(job.id, "resume");
    await until("it goes on", async () => sum(await commits(job.id)) > before);
    expect((await service.client.getJob(job.id)).maxRecordsPerSecond).toBe(4);
    expect((await service.client.act(job.id, "stop")).job.state).toBe("stopped");
    await expectAllGood(scene.pool);
  });

  test("keeps no other job waiting for a lane", async () => {
    const service = await scene.start({ environment: { SLUICE_CONCURRENCY: "2" } });
    const slow = await startImport(service.client, flights.bytes, {
      table: "slow",
      maxRecordsPerSecond: 10,
    });
    await until("rows were committed", async () => (await commits(slow.id)).length > 0);

    const quick = await startImport(service.client, flights.bytes, { table: "quick" });

    expect((await waitForEnd(service.client, quick.id)).state).toBe("succeeded");
    expect((await service.client.getJob(slow.id)).state).toBe("running");
    await service.client.act(slow.id, "stop");
  });

  test("writes every row once when its service is killed", async () => {
    let service = await scene.start({ settings: NO_LEASE });
    const job = await startImport(service.client, flights.bytes, {
      table: "flights",
      maxRecordsPerSecond: 20_000,
    });
    for (const share of [0.2, 0.5]) {
      await scene.waitForShare(job.id, share);
      await service.end("SIGKILL");
      service = await scene.start({ settings: NO_LEASE });
    }

    await scene.expectImported(job.id, "flights", flights.sums);

    expectHeld(await commits(job.id, "created_at"), 20_000);
  });

  test("is given back at once when its service stops", async () => {
    const service = await scene.start();
    const job = await startImport(service.client, flights.bytes, {
      table: "flights",
      maxRecordsPerSecond: 1,
    });
    await until("rows were committed", async () => (await commits(job.id)).length > 0);

    const askedAt = performance.now();
    expect(await service.end("SIGTERM")).toBe(0);

    // Less than a runner is waited for that does not answer.
    expect(performance.now() - askedAt).toBeLessThan(6_000);
    expect(await scene.stored(job.id)).toMatchObject({ state: "queued", rescues: 0 });
  });
});

describe("an export with a limit", () => {
  test.each(["keyed", "snapshot"] as const)("that is %s is held, and whole", async (method) => {
    const service = await scene.start();
    await importFlights(scene, service.client, flights.bytes);
    const request = { table: "flights", columns: FLIGHT_COLUMNS, method };
    const full = await service.client.createExport(request);
    await waitForExport(service.client, full.id);

    const job = await service.client.createExport({ ...request, maxRecordsPerSecond: 20_000 });
    const end = await waitForExport(service.client, job.id);

    expect(end).toMatchObject({ state: "succeeded", maxRecordsPerSecond: 20_000 });
    const entries = await commits(job.id);
    expect(sum(entries)).toBe(50_000);
    if (method === "keyed") expectHeld(entries, 20_000);
    const last = entries.at(-1)?.seconds ?? 0;
    expect(last).toBeGreaterThan(2);
    expect(last).toBeLessThan(20);
    const [one, other] = [full, job].map(({ id }) => resultOf(service.client, id));
    expect((await one)?.equals((await other) ?? Buffer.alloc(0))).toBe(true);
    await expectAllGood(scene.pool);
  });

  test("pauses while it waits, and ends when the limit is gone", async () => {
    const service = await scene.start();
    await importFlights(scene, service.client, flights.bytes);
    const request = { table: "flights", columns: FLIGHT_COLUMNS, maxRecordsPerSecond: 4 };
    const job = await service.client.createExport(request);
    await until("rows were committed", async () => (await commits(job.id)).length > 0);

    const askedAt = performance.now();
    expect((await service.client.act(job.id, "pause")).job.state).toBe("paused");
    expect(performance.now() - askedAt).toBeLessThan(AT_ONCE_MS);

    await service.client.changeJob(job.id, { maxRecordsPerSecond: null });
    await service.client.act(job.id, "resume");
    const end = await waitForExport(service.client, job.id);
    expect(end).toMatchObject({ state: "succeeded", progress: { recordsWritten: 50_000 } });
    await expectAllGood(scene.pool);
  });
});

const NOTES = `
import { defineProcess } from "sluice";
export default defineProcess({
  name: "notes",
  batchSize: 100,
  run: async (batch, ctx) => {
    await ctx.tx.query("insert into note (id) select unnest($1::int[])", [batch.records.map((r) => Number(r.id))]);
  },
});
`;
const csv = `id\n${Array.from({ length: 500 }, (_, at) => `${at + 1}\n`).join("")}`;

describe("a process with a limit", () => {
  let world: ProcessServiceScene;

  beforeEach(async () => {
    world = await ProcessServiceScene.open({ "notes.ts": NOTES });
    await world.scene.pool.query("create table note (id integer primary key)");
  });
  afterEach(() => world?.[Symbol.asyncDispose]());

  async function notes(): Promise<number> {
    const { rows } = await world.scene.pool.query<{ count: number }>(
      "select count(*)::int as count from note",
    );
    return rows[0]?.count ?? -1;
  }

  test("keeps its batches whole, and waits between them", async () => {
    await world.start();

    const job = await world.create("notes", csv, { maxRecordsPerSecond: 200 });

    expect((await world.waitForEnd(job.id)).state).toBe("succeeded");
    const { rows } = await world.scene.pool.query<{ rows: number; seconds: number }>(
      `select records_read::int as rows, extract(epoch from committed_at - j.started_at)::float8 as seconds
        from sluice.chunk c join sluice.job j on j.id = c.job_id where j.id = $1 order by from_byte`,
      [job.id],
    );
    expect(rows.map((row) => row.rows)).toEqual([100, 100, 100, 100, 100]);
    // Four waits of half a second; the last batch is waited for by nobody.
    expect(rows.at(-1)?.seconds).toBeGreaterThan(1.9);
    expect(await notes()).toBe(500);
    await expectAllGood(world.scene.pool);
  });

  test("pauses at once in a wait of minutes, and goes on when the limit is raised", async () => {
    const service = await world.start();
    const job = await world.create("notes", csv, { maxRecordsPerSecond: 1 });
    await world.waitForRecords(job.id, 100);

    const askedAt = performance.now();
    const { outcome, job: paused } = await world.act(job.id, "pause");

    expect({ outcome, state: paused.state }).toEqual({ outcome: "reached", state: "paused" });
    expect(performance.now() - askedAt).toBeLessThan(AT_ONCE_MS);
    await world.act(job.id, "resume");
    await world.waitForRecords(job.id, 200);
    await service.client.changeJob(job.id, { maxRecordsPerSecond: 100_000 });
    expect((await world.waitForEnd(job.id)).state).toBe("succeeded");
    expect(await notes()).toBe(500);
    await expectAllGood(world.scene.pool);
  });

  test("does every record once when its service is killed in a wait", async () => {
    const service = await world.start({ settings: NO_LEASE });
    const job = await world.create("notes", csv, { maxRecordsPerSecond: 1 });
    await world.waitForRecords(job.id, 100);
    await service.end("SIGKILL");

    const next = await world.start({ settings: NO_LEASE });
    await world.waitForRecords(job.id, 200);
    await next.client.changeJob(job.id, { maxRecordsPerSecond: null });

    expect((await world.waitForEnd(job.id)).state).toBe("succeeded");
    expect(await notes()).toBe(500);
    await expectAllGood(world.scene.pool);
  });
});
