/** Undoing imports that have written over rows: what was there comes back, and what others did since stays. */
import { afterAll, beforeAll, expect, test } from "vitest";
import { expectAllGood } from "../support/all-good.ts";
import { FaultScene } from "../support/fault-scene.ts";
import { linesOf } from "../support/import-outcome.ts";
import { startImport, waitForEnd, waitForState } from "../support/import-job.ts";
import { until } from "../support/until.ts";
import type { ServiceProcess } from "../support/service.ts";

let scene: FaultScene;
let service: ServiceProcess;

beforeAll(async () => {
  scene = await FaultScene.open();
  service = await scene.start();
});
afterAll(() => scene?.[Symbol.asyncDispose]());

async function importInto(
  table: string,
  csv: string,
  request: Partial<Parameters<typeof startImport>[2]>,
): Promise<string> {
  const { id } = await startImport(service.client, Buffer.from(csv), { table, ...request });
  expect(await waitForEnd(service.client, id)).toMatchObject({
    state: "succeeded",
    undo: { possible: true },
  });
  return id;
}

async function undo(id: string) {
  await service.client.act(id, "undo");
  const job = await waitForState(service.client, id, "undone");
  await expectAllGood(scene.pool);
  return job;
}

function formerTables(): Promise<string[]> {
  return scene.pool
    .query<{ name: string }>(
      "select relname as name from pg_class where relname like 'former\\_%' and relkind = 'r'",
    )
    .then(({ rows }) => rows.map(({ name }) => name));
}

test("rows of an upsert have what they had again, unless somebody has changed them since", async () => {
  await scene.pool.query(
    `create table people (id int primary key, name text, tag text unique, up int references people, note text);
     insert into people select i, 'old', 't' || i, null, 'note' from generate_series(1, 3000) i`,
  );
  const before = await linesOf(scene.pool, "people");
  const changed = Array.from({ length: 2500 }, (_, index) => `${index + 1},new,t${index + 1},\n`);
  // Row 2600 gives its tag to a new row, and row 2601 refers to one.
  const file = `id,name,tag,up\n${changed.join("")}2600,new,free,\n2601,new,t2601,5000\n4000,new,t2600,\n5000,new,x,\n`;
  const id = await importInto("people", file, { mode: "upsert", key: ["id"] });
  await scene.pool.query(
    `update people set note = 'theirs' where id = 7; update people set id = 9000 where id = 8; delete from people where id = 9`,
  );

  const preview = await service.client.previewUndo(id);
  const job = await undo(id);

  expect(preview).toMatchObject({ rowsRemoved: 2, rowsRestored: 2499, rowsLeft: 3 });
  expect(job).toMatchObject({
    result: { rows: "undone", rowsRemoved: 2, rowsRestored: 2499, rowsLeft: 3, rowsFailed: 0 },
  });
  expect(await service.client.getReceipt(id)).toMatchObject({
    undo: { removed: 2, restored: 2499, left: 3, failed: 0 },
  });
  const theirs = ["(7,new,t7,,theirs)", "(9000,new,t8,,note)"];
  expect(await linesOf(scene.pool, "people")).toEqual(
    [...before.filter((line) => !/^\([789],/.test(line)), ...theirs].toSorted(),
  );
  expect(await formerTables()).toEqual([]);
});

test("what cannot be restored is told with its reason, and all else is", async () => {
  await scene.pool.query(
    `create table tags (id int primary key, tag text constraint one_tag unique);
     insert into tags select i, 't' || i from generate_series(1, 20) i`,
  );
  const lines = Array.from({ length: 20 }, (_, index) => `${index + 1},n${index + 1}\n`);
  const id = await importInto("tags", `id,tag\n${lines.join("")}`, { mode: "upsert", key: ["id"] });
  await scene.pool.query("insert into tags values (100, 't5')");

  const job = await undo(id);

  expect(job).toMatchObject({
    result: { rowsRemoved: 0, rowsRestored: 19, rowsLeft: 0, rowsFailed: 1 },
  });
  expect(await service.client.getReceipt(id)).toMatchObject({
    undo: { failedReasons: [{ reason: expect.stringContaining("one_tag"), rows: 1 }] },
  });
  expect(await linesOf(scene.pool, "tags")).toContain("(5,n5)");
});

test("rows of a replace come back, and those that others have added since stay", async () => {
  await scene.pool.query(
    `create table stock (id int primary key, n int, code bigint generated always as identity, twice int generated always as (n * 2) stored);
     insert into stock (id, n) values (1, 10), (2, 20), (3, 30);
     create table booked (stock int references stock); insert into booked values (2)`,
  );
  const id = await importInto("stock", "id,n\n2,21\n4,40\n5,50\n", { mode: "replace" });
  await scene.pool.query(
    "update stock set n = 51 where id = 5; insert into stock (id, n) values (3, 33)",
  );

  const preview = await service.client.previewUndo(id);
  const job = await undo(id);

  expect(preview).toMatchObject({ rowsRemoved: 2, rowsRestored: 3, rowsLeft: 1 });
  expect(job).toMatchObject({
    result: { rowsRemoved: 2, rowsRestored: 2, rowsLeft: 1, rowsFailed: 1 },
  });
  const { rows } = await scene.pool.query<{ line: string }>(
    "select concat_ws(' ', id, n, twice) as line from stock order by id",
  );
  expect(rows.map(({ line }) => line)).toEqual(["1 10 20", "2 20 40", "3 33 66", "5 51 102"]);
  expect(await formerTables()).toEqual([]);
});

test("skipped rows are none that an undo has left", async () => {
  await scene.pool.query("create table few (id int primary key); insert into few values (1)");
  const id = await importInto("few", "id\n1\n2\n", { mode: "append", onConflict: "skip" });

  expect(await undo(id)).toMatchObject({ result: { rowsRemoved: 1, rowsLeft: 0 } });
  expect(await linesOf(scene.pool, "few")).toEqual(["(1)"]);
});

test("the rows that were kept go with the job, and when their days are over", async () => {
  await scene.pool.query("create table gone (id int primary key); insert into gone values (1)");
  const id = await importInto("gone", "id\n2\n", { mode: "replace" });
  expect(await formerTables()).toHaveLength(1);

  await scene.pool.query("delete from sluice.job where id = $1", [id]);

  expect(await formerTables()).toEqual([]);
  const next = await importInto("gone", "id\n3\n", { mode: "replace" });
  expect(await formerTables()).toHaveLength(1);
  await scene.pool.query(
    "update sluice.job set ended_at = ended_at - interval '8 days' where id = $1",
    [next],
  );
  await until("they are given up", async () => (await formerTables()).length === 0);
  expect(await service.client.getJob(next)).toMatchObject({
    undo: { possible: false, reason: "expired" },
  });
});

test("a service that is killed while it restores is followed by another", async () => {
  await service[Symbol.asyncDispose]();
  await scene.pool.query(
    "create table many (id int primary key, n int); insert into many select i, 0 from generate_series(1, 30000) i",
  );
  const before = (await scene.pool.query("select sum(id * n) as sum, count(*) as rows from many"))
    .rows;
  const lines = Array.from({ length: 30_000 }, (_, index) => `${index + 1001},1\n`);
  service = await scene.start();
  const id = await importInto("many", `id,n\n${lines.join("")}`, { mode: "upsert", key: ["id"] });

  void service.client.act(id, "undo").catch(() => undefined);
  await scene.waitFor(id, "is being undone", ({ phase }) => phase === "undoing");
  await service.end("SIGKILL");
  service = await scene.start();

  expect(await waitForState(service.client, id, "undone")).toMatchObject({
    result: { rowsRemoved: 1000, rowsRestored: 29_000, rowsLeft: 0, rowsFailed: 0 },
  });
  expect(
    (await scene.pool.query("select sum(id * n) as sum, count(*) as rows from many")).rows,
  ).toEqual(before);
  expect(await formerTables()).toEqual([]);
});
