/** Direct delivery: rows are visible as they are written, each once, and a stop takes exactly them out again. */
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { expectAllGood } from "../support/all-good.ts";
import { FaultScene } from "../support/fault-scene.ts";
import { flightsFile, sumsOf } from "../support/flights.ts";
import { startImport, waitForEnd, waitForShare } from "../support/import-job.ts";
import type { ServiceProcess } from "../support/service.ts";

/** A lease that no test outlives: what goes on before, goes on without it. */
const NO_LEASE = { leaseMs: 3_600_000 };
const DIRECT = { table: "flights", mode: "append", delivery: "direct" } as const;
/** Makes the transaction of each chunk long enough to be hit. */
const SLOW_CHUNKS = { SLUICE_FAILPOINT: "chunk_gap:*:sleep=20" };

const flights = flightsFile(1);
let scene: FaultScene;

beforeEach(async () => {
  scene = await FaultScene.open();
  await scene.pool.query(
    `create table flights (id bigserial primary key, date timestamptz, delay int, distance int, origin text,
       destination text)`,
  );
});
afterEach(() => scene?.[Symbol.asyncDispose]());

function start(environment: Readonly<Record<string, string>> = {}): Promise<ServiceProcess> {
  return scene.start({ settings: NO_LEASE, environment });
}

async function countOf(condition = "true"): Promise<number> {
  const { rows } = await scene.pool.query<{ count: number }>(
    `select count(*)::int as count from flights where ${condition}`,
  );
  return rows[0]?.count ?? -1;
}

/** Starts a slow import into the table and pauses it in the middle. */
async function pausedInTheMiddle(service: ServiceProcess): Promise<string> {
  const { id } = await startImport(service.client, flights.bytes, DIRECT);
  await waitForShare(service.client, id, 0.4);
  await service.client.act(id, "pause");
  return id;
}

describe("a direct import", () => {
  test("shows its rows while it is paused, and has no staging table", async () => {
    const service = await start(SLOW_CHUNKS);

    const id = await pausedInTheMiddle(service);

    const { progress, state } = await service.client.getJob(id);
    expect(state).toBe("paused");
    expect(progress.recordsWritten).toBeGreaterThan(0);
    expect(await countOf()).toBe(progress.recordsWritten);
    const { rows } = await scene.pool.query("select from pg_class where relname like 'stage%'");
    expect(rows).toEqual([]);
    await service.client.act(id, "resume");
    await scene.expectImported(id, "flights", flights.sums);
    expect((await service.client.getJob(id)).result).toEqual({
      rows: "kept",
      rowsInserted: 50_000,
      rowsUpdated: 0,
      rowsUnchanged: 0,
      rowsReplaced: 0,
      rowsRemoved: 0,
      rowsRestored: 0,
      rowsLeft: 0,
      rowsFailed: 0,
      isTableDropped: false,
      dryRun: null,
    });
  });

  test.each([
    ["alter table flights alter delay type real", "Column delay is real now, and was integer"],
    ["alter table flights alter origin type varchar(2) using left(origin, 2)", "Column origin is"],
    [
      "alter table flights drop column delay",
      'column "delay" of relation "flights" does not exist',
    ],
    ["drop table flights", 'relation "public.flights" does not exist'],
  ])("writes nothing by the types of before: %s", async (alter, said) => {
    const service = await start(SLOW_CHUNKS);
    const id = await pausedInTheMiddle(service);
    const { progress } = await service.client.getJob(id);
    await scene.pool.query(alter);

    await service.client.act(id, "resume");

    const ended = await waitForEnd(service.client, id);
    const { recordsRead, recordsWritten } = progress;
    expect(ended).toMatchObject({
      state: "failed",
      failure: { code: "rows_refused" },
      progress: { recordsRead, recordsWritten, recordsRejected: 0 },
    });
    expect(ended.failure?.message).toContain(said);
  });

  test.each(["chunk_begun:2", "before_commit:3", "after_commit:3", "publish_before_commit:1"])(
    "killed at %s writes every record once",
    async (failpoint) => {
      const victim = await start({ SLUICE_FAILPOINT: failpoint });
      const { id } = await startImport(victim.client, flights.bytes, DIRECT);
      await victim.ended;

      await start();

      await scene.expectImported(id, "flights", flights.sums);
    },
  );

  test("rejects the rows that the table refuses, in binary and with deferred constraints", async () => {
    const { client } = await start();
    await scene.pool.query(
      `create table item (id int primary key deferrable initially deferred, n int check (n < 100))`,
    );
    await scene.pool.query("insert into item values (3, 0)");

    const { id } = await startImport(
      client,
      Buffer.from("id,n\n1,1\n2,200\n3,3\n4,4\n1,5\nx,6\n7,7\n"),
      { ...DIRECT, table: "item" },
    );

    expect(await waitForEnd(client, id)).toMatchObject({
      state: "succeeded",
      progress: { recordsRead: 7, recordsWritten: 3, recordsRejected: 4 },
      result: { rows: "kept", rowsInserted: 3 },
    });
    const { rows } = await scene.pool.query<{ found: string }>(
      `select record_no || ' ' || code as found from sluice.rejection where job_id = $1 order by record_no`,
      [id],
    );
    expect(rows.map(({ found }) => found)).toEqual([
      "2 check_violation",
      "3 duplicate_key",
      "5 duplicate_key",
      "6 invalid_integer",
    ]);
    const stored = await scene.pool.query("select id, n from item order by id");
    expect(stored.rows.map((row: { id: number; n: number }) => `${row.id} ${row.n}`)).toEqual([
      "1 1",
      "3 0",
      "4 4",
      "7 7",
    ]);
    await expectAllGood(scene.pool);
  });
});

test("a direct import writes types that only the server reads", async () => {
  const { client } = await start();
  await scene.pool.query("create table host (address inet, tags text[])");

  const { id } = await startImport(
    client,
    Buffer.from('address,tags\n10.0.0.1,"{a,b}"\nnowhere,{}\n,{c}\n'),
    { ...DIRECT, table: "host" },
  );

  expect(await waitForEnd(client, id)).toMatchObject({
    state: "succeeded",
    progress: { recordsWritten: 2, recordsRejected: 1 },
  });
  const { rows } = await scene.pool.query("select address::text, tags from host order by 1");
  expect(rows).toEqual([
    { address: "10.0.0.1/32", tags: ["a", "b"] },
    { address: null, tags: ["c"] },
  ]);
});

describe("stopping a direct import", () => {
  test("takes exactly its rows out again", async () => {
    await scene.pool.query(
      "insert into flights (date, delay, distance, origin, destination) select now(), n, n, 'OLD', 'OLD' from generate_series(1, 1000) n",
    );
    const before = await sumsOf(scene.pool, "flights");
    const service = await start(SLOW_CHUNKS);
    const id = await pausedInTheMiddle(service);
    const { recordsWritten } = (await service.client.getJob(id)).progress;

    const { job, isReached } = await service.client.act(id, "stop");

    expect(isReached).toBe(true);
    expect(job).toMatchObject({
      state: "stopped",
      phase: null,
      result: { rows: "undone", rowsInserted: 0, rowsRemoved: recordsWritten, rowsLeft: 0 },
    });
    expect(await sumsOf(scene.pool, "flights")).toEqual(before);
    await expectAllGood(scene.pool);
  });

  test("leaves what somebody changed, deleted or refers to, and counts it", async () => {
    const service = await start(SLOW_CHUNKS);
    const id = await pausedInTheMiddle(service);
    const { recordsWritten } = (await service.client.getJob(id)).progress;
    await scene.pool.query("create table note (flight bigint references flights)");
    await scene.pool.query("insert into note select id from flights order by id limit 3");
    await scene.pool.query(
      "update flights set origin = 'NEW' where id in (select id from flights order by id desc limit 5)",
    );
    await scene.pool.query(
      "delete from flights where id in (select id from flights where origin <> 'NEW' order by id desc limit 2)",
    );

    const { job } = await service.client.act(id, "stop");

    expect(job).toMatchObject({
      state: "stopped",
      result: {
        rows: "undone",
        rowsRemoved: recordsWritten - 10,
        rowsLeft: 7,
        rowsFailed: 3,
      },
    });
    expect(await countOf()).toBe(8);
    expect(await countOf("origin = 'NEW' or id in (select flight from note)")).toBe(8);
  });

  test("takes rows out that were written beside refused ones", async () => {
    const service = await start(SLOW_CHUNKS);
    await scene.pool.query("alter table flights add check (delay <> 7)");
    const id = await pausedInTheMiddle(service);
    const { recordsWritten, recordsRejected } = (await service.client.getJob(id)).progress;
    expect(recordsRejected).toBeGreaterThan(0);

    const { job } = await service.client.act(id, "stop");

    expect(job.result).toMatchObject({ rowsRemoved: recordsWritten, rowsLeft: 0 });
    expect(await countOf()).toBe(0);
  });

  test("finds its rows in front of many megabytes that others wrote since", async () => {
    const service = await start(SLOW_CHUNKS);
    const id = await pausedInTheMiddle(service);
    const { recordsWritten } = (await service.client.getJob(id)).progress;
    await scene.pool.query(
      `insert into flights (origin) select repeat(md5(n::text), 58) from generate_series(1, 12000) n`,
    );

    const { job } = await service.client.act(id, "stop");

    expect(job.result).toMatchObject({ rowsRemoved: recordsWritten, rowsLeft: 0 });
    expect(await countOf("length(origin) > 1000")).toBe(12_000);
    expect(await countOf("length(origin) < 1000")).toBe(0);
  });

  test("keeps the rows when that is asked for", async () => {
    const service = await start(SLOW_CHUNKS);
    const id = await pausedInTheMiddle(service);
    const { recordsWritten } = (await service.client.getJob(id)).progress;

    const { job } = await service.client.act(id, "stop", { rows: "keep" });

    expect(job).toMatchObject({
      state: "stopped",
      result: { rows: "kept", rowsInserted: recordsWritten },
    });
    expect(await countOf()).toBe(recordsWritten);
  });

  test("goes on with the next service when the one that was asked is killed", async () => {
    const victim = await start(SLOW_CHUNKS);
    const id = await pausedInTheMiddle(victim);
    const held = await scene.pool.connect();
    try {
      // A lock on a row of the job holds the undo in the middle of a stretch.
      await held.query("begin; select from flights order by id desc limit 1 for update");
      const answer = victim.client.act(id, "stop").catch(() => "no answer");
      await scene.waitFor(id, "is undoing its rows", ({ phase }) => phase === "undoing");
      await victim.end("SIGKILL");
      expect(await answer).toBe("no answer");
    } finally {
      await held.query("rollback");
      held.release();
    }
    expect(await scene.stored(id)).toMatchObject({ state: "stopping", phase: "undoing" });

    await start();

    await scene.waitForState(id, "stopped");
    expect(await countOf()).toBe(0);
    await expectAllGood(scene.pool);
  });
});

test("undoing a direct import that failed takes its rows out again", async () => {
  const { client } = await start();
  await scene.pool.query("create table item (n int primary key)");
  const csv = `n\n${Array.from({ length: 30_000 }, (_, n) => `${n}\n`).join("")}x\ny\n`;
  const { id } = await startImport(client, Buffer.from(csv), {
    ...DIRECT,
    table: "item",
    maxRejected: 1,
  });
  const failed = await waitForEnd(client, id);
  expect(failed).toMatchObject({ state: "failed", undo: { possible: true } });
  expect((await scene.pool.query("select from item")).rowCount).toBe(
    failed.progress.recordsWritten,
  );

  const { job, isReached } = await client.act(id, "undo");

  expect(isReached).toBe(true);
  expect(job).toMatchObject({
    state: "undone",
    result: { rows: "undone", rowsRemoved: failed.progress.recordsWritten, rowsLeft: 0 },
  });
  expect((await scene.pool.query("select from item")).rowCount).toBe(0);
});
