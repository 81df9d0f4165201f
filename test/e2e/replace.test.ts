/** Mode replace: the table has the rows of the file afterwards, in one step, and stays what it is otherwise. */
import { afterAll, beforeAll, expect, test } from "vitest";
import pg from "pg";
import { expectAllGood } from "../support/all-good.ts";
import { FaultScene } from "../support/fault-scene.ts";
import { importOutcome, linesOf } from "../support/import-outcome.ts";
import { startImport, waitForEnd } from "../support/import-job.ts";
import type { ServiceProcess } from "../support/service.ts";
import { until } from "../support/until.ts";

let scene: FaultScene;
let service: ServiceProcess;

beforeAll(async () => {
  scene = await FaultScene.open();
  service = await scene.start();
});
afterAll(() => scene?.[Symbol.asyncDispose]());

const replace = (table: string, csv: string) =>
  importOutcome(scene.pool, service.client, csv, { table, mode: "replace" });

test("puts the rows of the file in the place of all others, and leaves the table as it is made", async () => {
  await scene.pool.query(
    `create table stock (id int primary key, n int, at serial, up int references stock on delete cascade);
     insert into stock values (1, 1, default, null), (2, 2, default, 1), (3, 3, default, 2);
     create view stocked as select id from stock;
     create table removed (id int);
     create function keep() returns trigger language plpgsql as 'begin insert into removed values (old.id); return null; end';
     create trigger keep after delete on stock for each row execute function keep()`,
  );
  const oid = "select 'stock'::regclass::oid as oid";
  const before = (await scene.pool.query(oid)).rows;

  const { job, rejections } = await replace(
    "stock",
    "id,n,up\n2,20,4\n4,40,\n2,21,\n5,50,1\n6,60,x\n",
  );

  expect(job).toMatchObject({
    state: "succeeded",
    progress: { recordsRead: 5, recordsWritten: 2, recordsRejected: 3 },
    result: { rowsInserted: 2, rowsUpdated: 0, rowsUnchanged: 0, rowsReplaced: 3 },
  });
  expect(rejections).toEqual([
    "4 duplicate_key id 2",
    "5 missing_reference up 1",
    "6 invalid_integer up x",
  ]);
  const { rows } = await scene.pool.query("select id, n, up from stock order by id");
  expect(rows).toEqual([
    { id: 2, n: 20, up: 4 },
    { id: 4, n: 40, up: null },
  ]);
  expect((await scene.pool.query("select from stocked")).rowCount).toBe(2);
  expect(await linesOf(scene.pool, "removed")).toEqual(["(1)", "(2)", "(3)"]);
  expect((await scene.pool.query(oid)).rows).toEqual(before);
});

test("keeps references of other tables when the file has their keys again", async () => {
  await scene.pool.query(
    `create table country (code text primary key, name text);
     insert into country values ('de', 'old'), ('fr', 'old');
     create table city (id int primary key, country text references country);
     insert into city values (1, 'de')`,
  );

  const kept = await replace("country", "code,name\nde,new\nit,new\nit,twin\n");
  const failed = await replace("country", "code,name\nfr,newer\n");

  expect(kept.job).toMatchObject({ result: { rowsInserted: 2, rowsReplaced: 2 } });
  expect(kept.rejections).toEqual(["4 duplicate_key code it"]);
  expect(failed.job).toMatchObject({
    state: "failed",
    failure: {
      code: "publish_refused",
      message: expect.stringContaining("public.country does not let its rows go"),
    },
  });
  expect(await linesOf(scene.pool, "country")).toEqual(["(de,new)", "(it,new)"]);
});

test.each([
  ["cascade", "would be deleted with them"],
  ["set null", "would lose what they refer to"],
])("is refused where rows of another table would go along: on delete %s", async (action, text) => {
  await scene.pool.query(
    `drop table if exists child, parent;
     create table parent (id int primary key); insert into parent values (1);
     create table child (parent int references parent on delete ${action})`,
  );

  await expect(replace("parent", "id\n1\n")).rejects.toMatchObject({
    code: "replace_not_possible",
    message: expect.stringContaining(text),
  });
});

test("does not empty a table because no row fits", async () => {
  await scene.pool.query("create table kept (n int); insert into kept values (1)");

  const { job } = await replace("kept", "n\na\nb\n");
  const emptied = await replace("kept", "n\n");

  expect(job).toMatchObject({ state: "failed", failure: { code: "replace_not_possible" } });
  expect(emptied.job).toMatchObject({ state: "succeeded", result: { rowsReplaced: 1 } });
  expect(await linesOf(scene.pool, "kept")).toEqual([]);
});

test("finds refused rows by halves", async () => {
  await scene.pool.query(
    `create table guarded (n int, exclude using btree (n with =)); insert into guarded values (1)`,
  );

  const { job, rejections } = await replace("guarded", "n\n1\n2\n1\n3\n");

  expect(job).toMatchObject({ result: { rowsInserted: 3, rowsReplaced: 1 } });
  expect(rejections).toEqual(["4 check_violation"]);
});

test("is read by others as it was until the end, and waits for who writes", async () => {
  await scene.pool.query("create table shown (n int primary key); insert into shown values (1)");
  const other = new pg.Client({ connectionString: scene.database.url });
  await other.connect();
  await other.query("begin; insert into shown values (2)");
  const { id } = await startImport(service.client, Buffer.from("n\n2\n3\n"), {
    table: "shown",
    mode: "replace",
  });
  await until("the publishing waits", async () => {
    const { rowCount } = await scene.pool.query(
      "select from pg_locks where not granted and relation = 'shown'::regclass",
    );
    return rowCount !== 0;
  });
  expect(await linesOf(scene.pool, "shown")).toEqual(["(1)"]);
  await other.query("commit");
  await other.end();

  const job = await waitForEnd(service.client, id);

  expect(job).toMatchObject({ result: { rowsInserted: 2, rowsReplaced: 2 } });
  expect(await linesOf(scene.pool, "shown")).toEqual(["(2)", "(3)"]);
});

test("a service that is killed before the end of the publishing leaves all or nothing", async () => {
  await service[Symbol.asyncDispose]();
  await scene.pool.query(
    "create table numbers (n int primary key); insert into numbers select generate_series(1, 5000)",
  );
  const victim = await scene.start({
    environment: { SLUICE_FAILPOINT: "publish_before_commit:1" },
  });
  const lines = Array.from({ length: 12_000 }, (_, index) => `${index + 3001}\n`);
  const { id } = await startImport(victim.client, Buffer.from(`n\n${lines.join("")}`), {
    table: "numbers",
    mode: "replace",
  });
  await victim.ended;
  const sums = "select count(*) as rows, min(n) as least, max(n) as most from numbers";
  expect((await scene.pool.query(sums)).rows).toEqual([{ rows: 5000, least: 1, most: 5000 }]);

  const { client } = await scene.start();

  expect(await waitForEnd(client, id)).toMatchObject({
    result: { rowsInserted: 12_000, rowsReplaced: 5000 },
  });
  expect((await scene.pool.query(sums)).rows).toEqual([
    { rows: 12_000, least: 3001, most: 15_000 },
  ]);
  await expectAllGood(scene.pool);
});
