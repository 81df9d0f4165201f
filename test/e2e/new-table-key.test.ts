/** New tables with a primary key: made after the load, never visible without it, each key once. */
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { expectAllGood } from "../support/all-good.ts";
import { FaultScene } from "../support/fault-scene.ts";
import { startImport, waitForEnd } from "../support/import-job.ts";
import { SMALL_PIECES, type ServiceProcess } from "../support/service.ts";

let scene: FaultScene;

beforeEach(async () => {
  scene = await FaultScene.open();
});
afterEach(() => scene?.[Symbol.asyncDispose]());

function start(environment: Readonly<Record<string, string>> = {}): Promise<ServiceProcess> {
  return scene.start({ settings: { ...SMALL_PIECES, leaseMs: 3_600_000 }, environment });
}

/** Numbers from 1, each with a text beside it; `again` are put behind them once more. */
function numbersFile(count: number, again: readonly number[] = []): Buffer {
  const numbers = [...Array.from({ length: count }, (_, index) => index + 1), ...again];
  return Buffer.from(`n,pad\n${numbers.map((n) => `${n},${"p".repeat(50)}\n`).join("")}`);
}

/** Definitions of the constraints of a table, and of its indexes. */
async function keysOf(table: string): Promise<readonly string[]> {
  const { rows } = await scene.pool.query<{ found: string }>(
    `select conname || ' ' || pg_get_constraintdef(oid) as found from pg_constraint
     where conrelid = $1::text::regclass and contype <> 'n'
     union all select indexname from pg_indexes where schemaname = 'public' and tablename = $1::text order by 1`,
    [table],
  );
  return rows.map(({ found }) => found);
}

/** The rejections of a job, in short. */
async function rejectionsOf(jobId: string): Promise<readonly string[]> {
  const { rows } = await scene.pool.query<{ found: string }>(
    `select concat_ws(' ', record_no, line_no, code, column_name, value) as found
     from sluice.rejection where job_id = $1 order by record_no`,
    [jobId],
  );
  return rows.map(({ found }) => found);
}

test("a new table gets its primary key, under the name that PostgreSQL would give it", async () => {
  const { client } = await start();

  const { id } = await startImport(client, Buffer.from("Code,Part,n\na,1,x\na,2,y\nb,1,z\n"), {
    table: "keyed",
    key: ["part", "Code"],
  });

  expect(await waitForEnd(client, id)).toMatchObject({
    state: "succeeded",
    key: ["part", "Code"],
    result: { rowsInserted: 3 },
  });
  expect(await keysOf("keyed")).toEqual(["keyed_pkey", "keyed_pkey PRIMARY KEY (part, code)"]);
  const { rows } = await scene.pool.query(
    "select conname from pg_constraint where conname like 'stage%'",
  );
  expect(rows).toEqual([]);
  await expectAllGood(scene.pool);
});

test("a name that is taken in the schema is not the key's", async () => {
  const { client } = await start();
  await scene.pool.query("create table keyed_pkey (n int)");

  const { id } = await startImport(client, Buffer.from("n\n1\n"), { table: "keyed", key: ["n"] });

  expect(await waitForEnd(client, id)).toMatchObject({ state: "succeeded" });
  expect(await keysOf("keyed")).toEqual(["keyed_pkey1", "keyed_pkey1 PRIMARY KEY (n)"]);
});

describe("records without a key of their own", () => {
  test("are rejected: those without a value, and all but the first with one key", async () => {
    const { client } = await start();
    const csv = "id,name\n1,Ann\n,Bob\n2,Cid\n1,Dan\n3,Eve\n2,Fay\n1,Gil\n";

    const { id } = await startImport(client, Buffer.from(csv), { table: "people", key: ["id"] });

    expect(await waitForEnd(client, id)).toMatchObject({
      state: "succeeded",
      progress: { recordsRead: 7, recordsWritten: 3, recordsRejected: 4 },
      result: { rowsInserted: 3 },
    });
    expect(await rejectionsOf(id)).toEqual([
      "2 3 required_value_missing id ",
      "4 5 duplicate_key id 1",
      "6 7 duplicate_key id 2",
      "7 8 duplicate_key id 1",
    ]);
    const { rows } = await scene.pool.query("select id, name from people order by id");
    expect(rows.map(({ id: key, name }) => `${key} ${name}`)).toEqual(["1 Ann", "2 Cid", "3 Eve"]);
    expect(await keysOf("people")).toEqual(["people_pkey", "people_pkey PRIMARY KEY (id)"]);
    await expectAllGood(scene.pool);
  });

  test("are found in every part of a large file", async () => {
    const { client } = await start();
    const again = [7, 30_000, 59_999];

    const { id } = await startImport(client, numbersFile(60_000, again), {
      table: "numbers",
      key: ["n"],
    });

    expect(await waitForEnd(client, id)).toMatchObject({
      state: "succeeded",
      progress: { recordsRead: 60_003, recordsWritten: 60_000, recordsRejected: 3 },
    });
    expect(await rejectionsOf(id)).toEqual([
      "60001 60002 duplicate_key n 7",
      "60002 60003 duplicate_key n 30000",
      "60003 60004 duplicate_key n 59999",
    ]);
    await expectAllGood(scene.pool);
  });

  test("count against the rejections that are allowed, and nothing is visible then", async () => {
    const { client } = await start();
    const { id } = await startImport(client, Buffer.from("n\n1\n1\n1\n"), {
      table: "strict",
      key: ["n"],
      maxRejected: 1,
    });

    expect(await waitForEnd(client, id)).toMatchObject({
      state: "failed",
      failure: { code: "too_many_rejected" },
    });
    const { rows } = await scene.pool.query("select to_regclass('strict') as found");
    expect(rows).toEqual([{ found: null }]);

    await client.act(id, "resume", { maxRejected: 2 });
    expect(await waitForEnd(client, id)).toMatchObject({ result: { rowsInserted: 1 } });
    await expectAllGood(scene.pool);
  });
});

describe("a service that is killed while a table with a key is published", () => {
  test.each(["publish_begun:1", "publish_prepared:1", "publish_before_commit:1"])(
    "at %s leaves the rest to the next one",
    async (failpoint) => {
      const victim = await start({ SLUICE_FAILPOINT: failpoint });
      const { id } = await startImport(victim.client, numbersFile(20_000, [5]), {
        table: "numbers",
        key: ["n"],
      });
      await victim.ended;
      const { rows } = await scene.pool.query("select to_regclass('numbers') as found");
      expect(rows).toEqual([{ found: null }]);

      const { client } = await start();

      expect(await waitForEnd(client, id)).toMatchObject({
        state: "succeeded",
        progress: { recordsWritten: 20_000, recordsRejected: 1 },
      });
      expect(await keysOf("numbers")).toEqual(["numbers_pkey", "numbers_pkey PRIMARY KEY (n)"]);
      await expectAllGood(scene.pool);
    },
  );

  test("after its key was built does not build it again", async () => {
    const victim = await start({ SLUICE_FAILPOINT: "publish_prepared:1" });
    const { id } = await startImport(victim.client, numbersFile(20_000), {
      table: "numbers",
      key: ["n"],
    });
    await victim.ended;
    const built = await scene.pool.query<{ file: number }>(
      "select pg_relation_filenode(oid) as file from pg_class where relname like 'stage%key'",
    );
    expect(built.rows).toHaveLength(1);

    const { client } = await start();

    expect(await waitForEnd(client, id)).toMatchObject({ state: "succeeded" });
    const { rows } = await scene.pool.query(
      "select pg_relation_filenode('numbers_pkey'::regclass) as file",
    );
    expect(rows).toEqual(built.rows);
  });
});
