/** Undoing imports that have ended: their own rows go, as they left them, and nobody else's. */
import pg from "pg";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { previewUndo } from "../../src/engine/preview-undo.ts";
import { insertJob } from "../support/stored-job.ts";
import { OF_OTHERS, PERSON, UndoScene } from "../support/undo-scene.ts";
import { until } from "../support/until.ts";

let scene: UndoScene;
beforeAll(async () => {
  scene = await UndoScene.open();
});
afterAll(() => scene?.[Symbol.asyncDispose]());

describe("a table that the job has made", () => {
  test("is dropped when nobody else has anything in it", async () => {
    const { id, table } = await scene.imported();
    expect(await previewUndo(scene.jobs, id)).toEqual({
      rowsRemoved: 300,
      rowsRestored: 0,
      rowsLeft: 0,
      isEstimate: false,
      dropsTable: true,
    });

    const job = await scene.undo(id);

    expect(job).toMatchObject({
      state: "undone",
      stateReason: { by: "dana" },
      result: { rows: "undone", rowsRemoved: 300, rowsLeft: 0, isTableDropped: true },
    });
    expect(await scene.isThere(table)).toBe(false);
  });

  test("stays with what others changed or added, and with that alone", async () => {
    const { id, table } = await scene.imported();
    await scene.query(`update ${table} set name = 'changed' where n < 5`);
    await scene.query(`delete from ${table} where n between 5 and 7`);
    await scene.query(`insert into ${table} values (${OF_OTHERS}, 'added')`);
    expect(await previewUndo(scene.jobs, id)).toMatchObject({
      rowsRemoved: 292,
      rowsLeft: 8,
      dropsTable: false,
    });

    const { result } = await scene.undo(id);

    expect(result).toMatchObject({ rowsRemoved: 292, rowsLeft: 8 });
    expect(result).not.toHaveProperty("isTableDropped");
    expect(
      await scene.query(`select name, count(*)::int from ${table} group by 1 order by 1`),
    ).toEqual([
      { name: "added", count: 1 },
      { name: "changed", count: 5 },
    ]);
  });

  test.each([
    ["a view", "create view $_v as select * from $"],
    ["an unfinished job", ""],
    ["somebody who has renamed it", "alter table $ rename to $_mine"],
  ])("stays empty for %s", async (_, statement) => {
    const { id, table } = await scene.imported();
    if (statement === "") await insertJob(scene.jobs, { table, mode: "append" });
    else await scene.query(statement.replaceAll("$", table));

    const { result } = await scene.undo(id);

    expect(result).toMatchObject({ rowsRemoved: 300, rowsLeft: 0 });
    expect(await scene.countOf(statement.includes("rename") ? `${table}_mine` : table)).toBe(0);
  });

  test("keeps the rows that something refers to, with the reason, and loses the others", async () => {
    const { id, table } = await scene.imported();
    await scene.query(`alter table ${table} add primary key (n)`);
    await scene.query(
      `create table ${table}_note (n int constraint ${table}_fk references ${table} deferrable initially deferred)`,
    );
    await scene.query(`insert into ${table}_note values (3), (150), (299)`);

    const { result } = await scene.undo(id);

    expect(result).toMatchObject({
      rowsRemoved: 297,
      rowsLeft: 0,
      rowsFailed: 3,
      failedReasons: [
        { reason: `rows of public.${table}_note refer to them (${table}_fk)`, rows: 3 },
      ],
    });
    expect(await scene.query(`select n from ${table} order by n`)).toEqual([
      { n: 3 },
      { n: 150 },
      { n: 299 },
    ]);
  });

  test("is waited for when somebody reads it, and then dropped", async () => {
    const { id, table } = await scene.imported();
    const reader = new pg.Client(scene.database.url);
    await reader.connect();
    await reader.query(`begin; select from ${table} limit 1`);
    const undoing = scene.control.act(id, "undo", PERSON);
    await until("dropping it was tried three times", async () => {
      const [row] = await scene.query(`select drop_tries from sluice.undo where job_id = '${id}'`);
      return Number(row?.["drop_tries"] ?? 0) >= 3;
    });

    await reader.query("commit");

    expect((await undoing).job.result).toMatchObject({ rowsRemoved: 300, isTableDropped: true });
    await reader.end();
  });
});

describe("a table that was there before", () => {
  test("loses the rows of the job alone, whatever their values", async () => {
    const { id, table } = await scene.imported("append");
    const other = await insertJob(scene.jobs, { table, mode: "append" });
    await scene.query(`insert into ${table} select n, name from ${table} where n < 100`);

    const { result } = await scene.undo(id);

    expect(result).toMatchObject({ rowsRemoved: 300, rowsLeft: 0 });
    expect([await scene.countOf(table), await scene.countOf(table, "name = 'old'")]).toEqual([
      110, 10,
    ]);
    await scene.control.act(other.id, "stop", PERSON);
  });

  test("loses rows that were put in by halves, under savepoints of their own", async () => {
    // A trigger names no constraint, so the refused rows are found one by one.
    const { id, table } = await scene.imported(
      "append",
      `create table $ (n int, name text);
       create function $_check() returns trigger language plpgsql as
         'begin if new.n in (17, 218) then raise exception ''no''; end if; return new; end';
       create trigger t before insert on $ for each row execute function $_check()`,
    );
    expect(await scene.countOf(table)).toBe(308);

    const { result } = await scene.undo(id);

    expect(result).toMatchObject({ rowsRemoved: 298, rowsLeft: 0 });
    expect(await scene.countOf(table)).toBe(10);
  });

  test("loses them from each of its partitions", async () => {
    const { id, table } = await scene.imported(
      "append",
      `create table $ (n int, name text) partition by range (n);
       create table $_low partition of $ for values from (0) to (120);
       create table $_high partition of $ for values from (120) to (2000000)`,
    );
    await scene.query(`update ${table} set n = n + 200 where n between 100 and 109`);

    const { result } = await scene.undo(id);

    expect(result).toMatchObject({ rowsRemoved: 290, rowsLeft: 10 });
    expect([await scene.countOf(table), await scene.countOf(table, "name = 'old'")]).toEqual([
      20, 10,
    ]);
  });

  test.each([
    ["vacuum full", 300, "vacuum full $"],
    ["a new order of its rows", 300, "create index $_n on $ (n); cluster $ using $_n"],
    ["freezing", 300, "vacuum freeze $"],
    ["another name", 300, "alter table $ rename to $_now"],
    ["another column", 300, "alter table $ add added int default 7"],
  ])("knows them after %s", async (_, removed, statements) => {
    const { id, table } = await scene.imported("append");

    for (const statement of statements.split("; "))
      await scene.query(statement.replaceAll("$", table));

    expect((await scene.undo(id)).result).toMatchObject({
      rowsRemoved: removed,
      rowsLeft: 300 - removed,
    });
    expect(await scene.countOf(statements.includes("rename") ? `${table}_now` : table)).toBe(10);
  });
});
