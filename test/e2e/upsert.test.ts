/** Mode upsert: rows of the target that a record has the key of are updated, the others are added. */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
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

/** Upserts a file and returns the ended job with its rejections, in short. */
async function upsert(
  table: string,
  csv: string,
  request: Partial<Parameters<typeof startImport>[2]> = {},
) {
  const outcome = await importOutcome(scene.pool, service.client, csv, {
    table,
    mode: "upsert",
    key: ["id"],
    ...request,
  });
  expect(outcome.job.failure).toBeNull();
  return outcome;
}

function counts(rowsInserted: number, rowsUpdated: number, rowsUnchanged: number) {
  return { rows: "kept", rowsInserted, rowsUpdated, rowsUnchanged };
}

describe("an upsert", () => {
  test("writes the columns of the file, and no row that has them", async () => {
    await scene.pool.query(
      `create table people (id int primary key, name text, facts json, price numeric, note text, seen int default 0);
       insert into people values (1, 'Ann', '{"a":1}', 1.0, 'kept', 5), (2, 'Bob', null, 2, 'kept', 5), (3, 'Cid', null, 3, 'kept', 5),
         (9, 'not in the file', null, null, null, 5);
       create function count_up() returns trigger language plpgsql as 'begin new.seen := old.seen + 1; return new; end';
       create trigger count_up before update on people for each row execute function count_up()`,
    );

    const { job, rejections } = await upsert(
      "people",
      'id,name,price,facts\n1,Ann,1.0,"{""a"":1}"\n2,Robert,2,\n3,Cid,3.00,\n4,Dan,,\n,Eve,,\n',
    );

    expect(job).toMatchObject({
      state: "succeeded",
      progress: { recordsRead: 5, recordsWritten: 4, recordsRejected: 1 },
      result: counts(1, 2, 1),
    });
    expect(rejections).toEqual(["6 required_value_missing id "]);
    expect(await linesOf(scene.pool, "people")).toEqual([
      '(1,Ann,"{""a"":1}",1.0,kept,5)',
      "(2,Robert,,2,kept,6)",
      "(3,Cid,,3.00,kept,6)",
      "(4,Dan,,,,0)",
      '(9,"not in the file",,,,5)',
    ]);
    expect(await service.client.getReceipt(job.id)).toMatchObject({
      isBalanced: true,
      rows: { inserted: 1, updated: 2, unchanged: 1 },
    });
  });

  test("takes the last of the records with one key, and names the others", async () => {
    await scene.pool.query("create table twins (id text, region int, n int, unique (region, id))");
    await scene.pool.query("insert into twins values ('a', 1, 0), ('c', 1, 3)");

    const { job, rejections } = await upsert(
      "twins",
      "id,region,n\na,1,1\nb,1,1\na,1,2\nb,1,2\nc,1,3\nb,2,1\n",
      { key: ["id", "region"] },
    );

    expect(job).toMatchObject({ result: counts(2, 1, 1) });
    expect(rejections).toEqual(["2 superseded", "3 superseded"]);
    expect(await linesOf(scene.pool, "twins")).toEqual([
      "(a,1,2)",
      "(b,1,2)",
      "(b,2,1)",
      "(c,1,3)",
    ]);
  });

  test("leaves out what the table refuses, and writes all others", async () => {
    await scene.pool.query(
      `create table unit (id int primary key, boss int references unit, email text unique, size int default 1,
         check (email <> 'bad'));
       insert into unit (id, boss, email) values (1, null, 'a'), (2, 1, 'b'), (3, 1, 'c'), (4, 1, 'd')`,
    );

    const { job, rejections } = await upsert(
      "unit",
      "id,boss,email\n1,7,a\n2,8,b2\n3,1,d\n4,1,bad\n5,1,b\n6,1,x\n7,1,x\n2,99,b3\n",
    );

    expect(job).toMatchObject({ state: "succeeded", result: counts(1, 0, 0) });
    expect(rejections).toEqual([
      "2 missing_reference boss 7",
      "3 superseded id 2",
      "4 duplicate_key email d",
      "5 check_violation",
      "6 duplicate_key email b",
      "8 duplicate_key email x",
      "9 missing_reference boss 99",
    ]);
  });

  test("changes rows to what new rows of the file make possible", async () => {
    await scene.pool.query(
      `create table node (id int primary key, up int references node, tag text unique);
       insert into node values (1, null, 'old'), (2, 1, 'two')`,
    );

    const { job, rejections } = await upsert("node", "id,up,tag\n1,3,new\n3,2,old\n");

    expect(rejections).toEqual([]);
    expect(job).toMatchObject({ result: counts(1, 1, 0) });
    expect(await linesOf(scene.pool, "node")).toEqual(["(1,3,new)", "(2,1,two)", "(3,2,old)"]);
  });

  test("updates rows by a file that could not make new ones", async () => {
    await scene.pool.query(
      "create table partial (id int primary key, name text not null, age int); insert into partial values (1, 'Ann', 40)",
    );

    const { job, rejections } = await upsert("partial", "id,age\n1,41\n2,50\n");

    expect(job).toMatchObject({ result: counts(0, 1, 0) });
    expect(rejections).toEqual(["3 required_value_missing name"]);
    expect(await linesOf(scene.pool, "partial")).toEqual(["(1,Ann,41)"]);
  });

  test("finds rows in partitions, and by a collation that folds cases", async () => {
    await scene.pool.query(
      `create collation folded (provider = icu, locale = 'und-u-ks-level2', deterministic = false);
       create table folded_keys (id text collate folded primary key, n int) partition by hash (id);
       create table folded_1 partition of folded_keys for values with (modulus 2, remainder 0);
       create table folded_2 partition of folded_keys for values with (modulus 2, remainder 1);
       insert into folded_keys values ('Ann', 1), ('Bob', 1)`,
    );

    const { job, rejections } = await upsert("folded_keys", "id,n\nANN,2\nbob,1\ncid,1\nCID,2\n");

    expect(job).toMatchObject({ result: counts(1, 1, 1) });
    expect(rejections).toEqual(["4 superseded id cid"]);
    expect(await linesOf(scene.pool, "folded_keys")).toEqual(["(Ann,2)", "(Bob,1)", "(CID,2)"]);
  });

  test("finds refused rows by halves, among thousands that are written", async () => {
    await scene.pool.query(
      `create table guarded (id int primary key, n int);
       insert into guarded select i, 0 from generate_series(1, 2000) i;
       create function no_thirteen() returns trigger language plpgsql as
         $$ begin if new.id % 1300 = 13 then raise exception 'thirteen'; end if; return new; end $$;
       create trigger no_thirteen before insert or update on guarded for each row execute function no_thirteen()`,
    );
    const lines = Array.from({ length: 4000 }, (_, index) => `${index + 1},${index % 2}\n`);

    const { job, rejections } = await upsert("guarded", `id,n\n${lines.join("")}`);

    // 13 is not changed; 1313 is, and 2613 and 3913 are new: the odd numbers have 0.
    expect(rejections).toEqual(["2614 refused_by_database", "3914 refused_by_database"]);
    expect(job).toMatchObject({ result: counts(1998, 1000, 1000) });
  });

  test.each([
    ["no index at all", "id int, n int"],
    ["a deferrable key", "id int, n int, unique (id) deferrable"],
    ["more columns than the key", "id int, n int, unique (id, n)"],
  ])("needs a unique index on the key: %s", async (_, columns) => {
    await scene.pool.query(`drop table if exists bare; create table bare (${columns})`);
    await scene.pool.query(
      "create unique index on bare (id) where n > 0; create unique index on bare ((id + 0))",
    );

    await expect(upsert("bare", "id,n\n1,1\n")).rejects.toMatchObject({
      code: "unique_index_missing",
      message: expect.stringContaining("create unique index on public.bare (id);"),
    });
  });
});

describe("an upsert beside other sessions", () => {
  let other: pg.Client;
  beforeEach(async () => {
    await scene.pool.query(
      `drop table if exists shared; create table shared (id int primary key, n int);
       insert into shared select i, 0 from generate_series(1, 5) i`,
    );
    other = new pg.Client({ connectionString: scene.database.url });
    await other.connect();
    await other.query("begin");
  });
  afterEach(() => other?.end());

  async function upsertBlocked(csv: string) {
    const { id } = await startImport(service.client, Buffer.from(csv), {
      table: "shared",
      mode: "upsert",
      key: ["id"],
    });
    await until("the publishing waits", async () => {
      const { rowCount } = await scene.pool.query(
        `select from pg_stat_activity where application_name like 'sluice%' and wait_event_type = 'Lock'
           and datname = current_database()`,
      );
      return rowCount !== 0;
    });
    await other.query("commit");
    return waitForEnd(service.client, id);
  }

  test.each([
    ["inserts a row of the file", "insert into shared values (6, 0)", counts(0, 6, 0)],
    ["deletes a row that is to change", "delete from shared where id = 2", counts(2, 4, 0)],
    ["renames a row that is to change", "update shared set id = 20 where id = 2", counts(2, 4, 0)],
    ["changes a row that is to change", "update shared set n = 5 where id = 2", counts(1, 5, 0)],
  ])("waits, and starts over when one %s", async (_, statement, result) => {
    await other.query(statement);

    const job = await upsertBlocked("id,n\n1,1\n2,1\n3,1\n4,1\n5,1\n6,1\n");

    expect(job).toMatchObject({ state: "succeeded", result });
    const { rows } = await scene.pool.query("select id from shared where n = 1 order by id");
    expect(rows.map(({ id }) => id)).toEqual([1, 2, 3, 4, 5, 6]);
    await expectAllGood(scene.pool);
  });
});

test("a service that is killed before the end of the publishing leaves all or nothing", async () => {
  await service[Symbol.asyncDispose]();
  await scene.pool.query(
    "create table numbers (id int primary key, n int); insert into numbers select i, i % 2 from generate_series(1, 9000) i",
  );
  const before = await linesOf(scene.pool, "numbers");
  const lines = Array.from({ length: 12_000 }, (_, index) => `${index + 1},1\n`);
  const victim = await scene.start({
    environment: { SLUICE_FAILPOINT: "publish_before_commit:1" },
  });
  const { id } = await startImport(victim.client, Buffer.from(`id,n\n7,7\n${lines.join("")}`), {
    table: "numbers",
    mode: "upsert",
    key: ["id"],
  });
  await victim.ended;
  expect(await linesOf(scene.pool, "numbers")).toEqual(before);

  const { client } = await scene.start();

  expect(await waitForEnd(client, id)).toMatchObject({ result: counts(3000, 4500, 4500) });
  expect((await scene.pool.query("select from numbers where n = 1")).rowCount).toBe(12_000);
  await expectAllGood(scene.pool);
});
