/** Undoing imports that have ended: their own rows go, as they left them, and nobody else's. */
import pg from "pg";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { ENGINE_DEFAULTS } from "../../src/core/engine-settings.ts";
import { NO_FAILPOINTS } from "../../src/core/failpoint.ts";
import type { Job } from "../../src/core/job.ts";
import type { PartReader } from "../../src/core/ports.ts";
import type { RunnerStore, SupervisorStore } from "../../src/core/runner-ports.ts";
import type { JobStore } from "../../src/core/store-ports.ts";
import { createControl, type Control } from "../../src/engine/control.ts";
import { previewUndo } from "../../src/engine/preview-undo.ts";
import { CONTROL_NAME, openPool } from "../../src/store/connect.ts";
import { createControlStore } from "../../src/store/control-store.ts";
import { createJobStore } from "../../src/store/job-store.ts";
import { openRunnerStore } from "../../src/store/runner-store.ts";
import { createSupervisorStore } from "../../src/store/supervisor-store.ts";
import { expectAllGood } from "../support/all-good.ts";
import { openTestDatabase, type TestDatabase } from "../support/database.ts";
import { until } from "../support/until.ts";
import { aChunk, COPY_COLUMNS, insertJob, LOSING_DISPATCHER } from "../support/stored-job.ts";

const PERSON = { by: "dana" };
const OF_OTHERS = 1_000_000;

let database: TestDatabase;
let controlPool: pg.Pool;
let jobs: JobStore;
let control: Control;
let controlStore: ReturnType<typeof createControlStore>;
let supervision: SupervisorStore;
let runner: RunnerStore;
let runnerId: string;
let tables = 0;

beforeAll(async () => {
  database = await openTestDatabase();
  controlPool = openPool(database.url, CONTROL_NAME, 4);
  jobs = createJobStore(database.pool, LOSING_DISPATCHER);
  controlStore = createControlStore(controlPool, database.pool, LOSING_DISPATCHER);
  control = createControl(jobs, controlStore, ENGINE_DEFAULTS, () => undefined);
  supervision = createSupervisorStore(database.pool, "folder_test");
  runner = await openRunnerStore(database.url, NO_FAILPOINTS);
  runnerId = await supervision.insertRunner("worker_test", 1);
});

afterAll(async () => {
  await expectAllGood(database.pool);
  await runner?.close();
  await controlPool?.end();
  await database?.[Symbol.asyncDispose]();
});

interface Imported {
  readonly id: string;
  readonly table: string;
}

/** Imports 300 records in chunks of 100; into a new table, or with `append` beside 10 rows of others. */
async function imported(mode: "create" | "append" = "create", made = ""): Promise<Imported> {
  tables += 1;
  const table = `t${tables}`;
  if (mode === "append") {
    await query(
      made === "" ? `create table ${table} (n int, name text)` : made.replaceAll("$", table),
    );
    await query(
      `insert into ${table} (n, name) select ${OF_OTHERS} + i, 'old' from generate_series(1, 10) i`,
    );
  }
  const { id } = await insertJob(jobs, { records: 300, table, mode });
  const message = { jobId: id, partNo: 1, epoch: 1 };
  await supervision.claim(runnerId, message, 1000);
  const assignment = await runner.openPart(message);
  if (assignment === null) throw new Error("the part cannot be opened");
  for (const from of [0, 100, 200])
    await runner.commitChunk(assignment, "text", COPY_COLUMNS, aChunk(from, from + 100));
  expect(await runner.publish(assignment, readAgain)).toBe("published");
  await supervision.release(runnerId, message);
  return { id, table };
}

/** Reads the part again, for rows that the table refuses. */
function readAgain(): Promise<PartReader> {
  const chunks = [aChunk(0, 300)];
  return Promise.resolve({
    format: "text",
    copyColumns: COPY_COLUMNS,
    next: () => Promise.resolve(chunks.pop() ?? null),
    close: () => Promise.resolve(),
  });
}

async function query(text: string): Promise<readonly Record<string, unknown>[]> {
  return (await database.pool.query<Record<string, unknown>>(text)).rows;
}

async function countOf(table: string, condition = "true"): Promise<number> {
  const [row] = await query(`select count(*)::int as count from ${table} where ${condition}`);
  return row?.["count"] as number;
}

async function isThere(table: string): Promise<boolean> {
  return (await jobs.findRelationKind({ schema: "public", table })) !== null;
}

async function undo(id: string): Promise<Job> {
  const { outcome, job } = await control.act(id, "undo", PERSON);
  expect(outcome).toBe("reached");
  return job;
}

describe("a table that the job has made", () => {
  test("is dropped when nobody else has anything in it", async () => {
    const { id, table } = await imported();
    expect(await previewUndo(jobs, id)).toEqual({
      rowsRemoved: 300,
      rowsRestored: 0,
      rowsLeft: 0,
      isEstimate: false,
      dropsTable: true,
    });

    const job = await undo(id);

    expect(job).toMatchObject({
      state: "undone",
      stateReason: { by: "dana" },
      result: { rows: "undone", rowsRemoved: 300, rowsLeft: 0, isTableDropped: true },
    });
    expect(await isThere(table)).toBe(false);
  });

  test("stays with what others changed or added, and with that alone", async () => {
    const { id, table } = await imported();
    await query(`update ${table} set name = 'changed' where n < 5`);
    await query(`delete from ${table} where n between 5 and 7`);
    await query(`insert into ${table} values (${OF_OTHERS}, 'added')`);
    expect(await previewUndo(jobs, id)).toMatchObject({
      rowsRemoved: 292,
      rowsLeft: 8,
      dropsTable: false,
    });

    const { result } = await undo(id);

    expect(result).toMatchObject({ rowsRemoved: 292, rowsLeft: 8 });
    expect(result).not.toHaveProperty("isTableDropped");
    expect(await query(`select name, count(*)::int from ${table} group by 1 order by 1`)).toEqual([
      { name: "added", count: 1 },
      { name: "changed", count: 5 },
    ]);
  });

  test.each([
    ["a view", "create view $_v as select * from $"],
    ["an unfinished job", ""],
    ["somebody who has renamed it", "alter table $ rename to $_mine"],
  ])("stays empty for %s", async (_, statement) => {
    const { id, table } = await imported();
    if (statement === "") await insertJob(jobs, { table, mode: "append" });
    else await query(statement.replaceAll("$", table));

    const { result } = await undo(id);

    expect(result).toMatchObject({ rowsRemoved: 300, rowsLeft: 0 });
    expect(await countOf(statement.includes("rename") ? `${table}_mine` : table)).toBe(0);
  });

  test("keeps the rows that something refers to, with the reason, and loses the others", async () => {
    const { id, table } = await imported();
    await query(`alter table ${table} add primary key (n)`);
    await query(
      `create table ${table}_note (n int constraint ${table}_fk references ${table} deferrable initially deferred)`,
    );
    await query(`insert into ${table}_note values (3), (150), (299)`);

    const { result } = await undo(id);

    expect(result).toMatchObject({
      rowsRemoved: 297,
      rowsLeft: 0,
      rowsFailed: 3,
      failedReasons: [
        { reason: `rows of public.${table}_note refer to them (${table}_fk)`, rows: 3 },
      ],
    });
    expect(await query(`select n from ${table} order by n`)).toEqual([
      { n: 3 },
      { n: 150 },
      { n: 299 },
    ]);
  });

  test("is waited for when somebody reads it, and then dropped", async () => {
    const { id, table } = await imported();
    const reader = new pg.Client(database.url);
    await reader.connect();
    await reader.query(`begin; select from ${table} limit 1`);
    const undoing = control.act(id, "undo", PERSON);
    await until("dropping it was tried three times", async () => {
      const [row] = await query(`select drop_tries from sluice.undo where job_id = '${id}'`);
      return Number(row?.["drop_tries"] ?? 0) >= 3;
    });

    await reader.query("commit");

    expect((await undoing).job.result).toMatchObject({ rowsRemoved: 300, isTableDropped: true });
    await reader.end();
  });
});

describe("a table that was there before", () => {
  test("loses the rows of the job alone, whatever their values", async () => {
    const { id, table } = await imported("append");
    const other = await insertJob(jobs, { table, mode: "append" });
    await query(`insert into ${table} select n, name from ${table} where n < 100`);

    const { result } = await undo(id);

    expect(result).toMatchObject({ rowsRemoved: 300, rowsLeft: 0 });
    expect([await countOf(table), await countOf(table, "name = 'old'")]).toEqual([110, 10]);
    await control.act(other.id, "stop", PERSON);
  });

  test("loses rows that were put in by halves, under savepoints of their own", async () => {
    // A trigger names no constraint, so the refused rows are found one by one.
    const { id, table } = await imported(
      "append",
      `create table $ (n int, name text);
       create function $_check() returns trigger language plpgsql as
         'begin if new.n in (17, 218) then raise exception ''no''; end if; return new; end';
       create trigger t before insert on $ for each row execute function $_check()`,
    );
    expect(await countOf(table)).toBe(308);

    const { result } = await undo(id);

    expect(result).toMatchObject({ rowsRemoved: 298, rowsLeft: 0 });
    expect(await countOf(table)).toBe(10);
  });

  test("loses them from each of its partitions", async () => {
    const { id, table } = await imported(
      "append",
      `create table $ (n int, name text) partition by range (n);
       create table $_low partition of $ for values from (0) to (120);
       create table $_high partition of $ for values from (120) to (2000000)`,
    );
    await query(`update ${table} set n = n + 200 where n between 100 and 109`);

    const { result } = await undo(id);

    expect(result).toMatchObject({ rowsRemoved: 290, rowsLeft: 10 });
    expect([await countOf(table), await countOf(table, "name = 'old'")]).toEqual([20, 10]);
  });

  test.each([
    ["vacuum full", 300, "vacuum full $"],
    ["a new order of its rows", 300, "create index $_n on $ (n); cluster $ using $_n"],
    ["freezing", 300, "vacuum freeze $"],
    ["another name", 300, "alter table $ rename to $_now"],
    ["another column", 300, "alter table $ add added int default 7"],
  ])("knows them after %s", async (_, removed, statements) => {
    const { id, table } = await imported("append");

    for (const statement of statements.split("; ")) await query(statement.replaceAll("$", table));

    expect((await undo(id)).result).toMatchObject({
      rowsRemoved: removed,
      rowsLeft: 300 - removed,
    });
    expect(await countOf(statements.includes("rename") ? `${table}_now` : table)).toBe(10);
  });
});

describe("undo is not possible", () => {
  test.each([
    ["table_gone", "dropped since", "drop table $"],
    ["table_gone", "dropped since", "drop table $; create table $ (n int, name text)"],
    ["rows_unknown", "written anew", "alter table $ alter n type bigint"],
    ["rows_unknown", "emptied", "truncate $; insert into $ values (1, 'new')"],
  ])("for %s: %s", async (reason, words, statements) => {
    const { id, table } = await imported("append");
    for (const statement of statements.split("; ")) await query(statement.replaceAll("$", table));
    const before =
      reason === "table_gone" && !statements.includes("create") ? 0 : await countOf(table);
    const refusal = {
      code: "undo_not_possible",
      message: expect.stringContaining(words) as string,
      details: { reason, state: "succeeded" },
    };

    await expect(control.act(id, "undo", PERSON)).rejects.toMatchObject(refusal);

    await expect(previewUndo(jobs, id)).rejects.toMatchObject(refusal);
    expect((await jobs.findJob(id))?.state).toBe("succeeded");
    if (await isThere(table)) expect(await countOf(table)).toBe(before);
  });

  test("when its days are over, or nobody has noted the rows", async () => {
    const { id, table } = await imported();
    const ended = createJobStore(controlPool, LOSING_DISPATCHER, 0);
    expect(await ended.findJob(id)).toMatchObject({ kept: { refusal: "expired" } });
    await expect(
      createControl(ended, controlStore, ENGINE_DEFAULTS, () => undefined).act(id, "undo", PERSON),
    ).rejects.toMatchObject({ code: "undo_not_possible", details: { reason: "expired" } });

    await query(`delete from sluice.kept_rows where job_id = '${id}'`);

    await expect(control.act(id, "undo", PERSON)).rejects.toMatchObject({
      details: { reason: "rows_unknown" },
    });
    expect(await countOf(table)).toBe(300);
  });
});

describe("an undo", () => {
  test("that the table refuses fails, says why, and goes on when it is asked for again", async () => {
    const { id, table } = await imported("append");
    await query(`revoke delete on ${table} from current_user`);

    await expect(control.act(id, "undo", PERSON)).rejects.toMatchObject({
      code: "undo_failed",
      message: expect.stringContaining("permission denied") as string,
    });

    expect(await jobs.findJob(id)).toMatchObject({ state: "failed", phase: "undoing" });
    await expect(control.act(id, "resume", PERSON)).rejects.toMatchObject({
      code: "transition_not_allowed",
    });
    await query(`grant delete on ${table} to current_user`);
    expect((await undo(id)).result).toMatchObject({ rowsRemoved: 300, rowsLeft: 0 });
    expect(await countOf(table)).toBe(10);
  });

  test("is gone on with when its process is gone, from the end when the table is in another file", async () => {
    const { id, table } = await imported("append");
    let steps = 0;
    const dying: typeof controlStore = {
      ...controlStore,
      underBarrier: async (jobId, work) => {
        steps += 1;
        if (steps > 1) throw new Error("the process is gone");
        return controlStore.underBarrier(jobId, work);
      },
    };
    const died = createControl(jobs, dying, ENGINE_DEFAULTS, () => undefined);
    await expect(died.act(id, "undo", PERSON)).rejects.toThrow("the process is gone");
    expect(await jobs.findJob(id)).toMatchObject({ state: "undoing", phase: "undoing" });
    // A place that is true of the file of that moment alone.
    await query(
      `update sluice.undo set leaf = relation, next_block = 0, file_node = pg_relation_filenode(relation) where job_id = '${id}'`,
    );
    await query(`vacuum full ${table}`);

    expect(await controlStore.findIdleUndos(0)).toContain(id);
    await control.continueUndo(id, 60_000);

    expect(await jobs.findJob(id)).toMatchObject({
      state: "undone",
      result: { rowsRemoved: 300, rowsLeft: 0 },
    });
    expect(await countOf(table)).toBe(10);
  });

  test("takes what it can up to a row that somebody holds, and waits for that one", async () => {
    const { id, table } = await imported(
      "append",
      "create table $ (n int, name text) with (fillfactor = 10)",
    );
    // So that a statement ends before the held row.
    await query(`alter table sluice.undo alter blocks set default 1`);
    const holder = new pg.Client(database.url);
    await holder.connect();
    await holder.query(
      `begin; select from ${table} where ctid = (select min(ctid) from ${table} where n < ${OF_OTHERS}) for update`,
    );
    const undoing = undo(id);

    await until("rows behind the held one are gone", async () => (await countOf(table)) < 310);
    expect(await countOf(table, `n < ${OF_OTHERS}`)).toBeGreaterThan(0);
    await holder.query("commit");
    await holder.end();

    expect((await undoing).result).toMatchObject({ rowsRemoved: 300, rowsLeft: 0 });
    expect(await countOf(table)).toBe(10);
    await query(`alter table sluice.undo alter blocks set default 64`);
  });

  test("of one job is a refusal to the next that asks, and no error to who asks again", async () => {
    const { id } = await imported();
    await undo(id);

    expect((await control.act(id, "undo", PERSON)).job.state).toBe("undone");
    await expect(control.act(id, "stop", PERSON)).rejects.toMatchObject({
      code: "transition_not_allowed",
    });
  });
});
