/** Dry runs: what one says is what the import then does, and the table does not change by being asked. */
import { writeFile } from "node:fs/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { ImportJobView } from "../../src/client/index.ts";
import { expectAllGood } from "../support/all-good.ts";
import { runCommand } from "../support/cli.ts";
import { FaultScene } from "../support/fault-scene.ts";
import { getImport, startImport, waitForEnd, waitForState } from "../support/import-job.ts";
import type { ServiceProcess } from "../support/service.ts";

let scene: FaultScene;
let service: ServiceProcess;

beforeAll(async () => {
  scene = await FaultScene.open();
  service = await scene.start();
});
afterAll(() => scene?.[Symbol.asyncDispose]());

type Request = Partial<Parameters<typeof startImport>[2]>;

async function ended(id: string): Promise<ImportJobView> {
  await waitForEnd(service.client, id);
  return getImport(service.client, id);
}

/** The rejections of a job, in short. */
async function rejectionsOf(id: string): Promise<string[]> {
  const { rows } = await scene.pool.query<{ found: string }>(
    `select concat_ws(' ', line_no, code, column_name, value, message, encode(raw, 'escape')) as found
     from sluice.rejection where job_id = $1 order by record_no`,
    [id],
  );
  return rows.map(({ found }) => found);
}

/** The table with who wrote each row and where it is, its file, and what its sequences have given. */
async function bytesOf(table: string): Promise<string[]> {
  const { rows } = await scene.pool.query<{ line: string }>(
    `select concat_ws(' ', t.ctid, t.xmin, t.xmax, t::text) as line from ${table} t
     union all select concat_ws(' ', c.relfilenode, pg_relation_size(c.oid)) from pg_class c where c.oid = '${table}'::regclass
     union all select concat_ws(' ', s.schemaname, s.sequencename, s.last_value) from pg_sequences s
       where s.schemaname = 'public' order by 1`,
  );
  return rows.map(({ line }) => line);
}

/** Tries an import, proves that its table is untouched, then runs it for real; both jobs with their rejections. */
async function tryThenImport(table: string, csv: string, request: Request) {
  const before = await bytesOf(table);
  const { id } = await startImport(service.client, Buffer.from(csv), {
    table,
    ...request,
    dryRun: true,
  });
  const dry = await ended(id);
  expect(await bytesOf(table)).toEqual(before);
  await expectAllGood(scene.pool);
  const real = await ended((await service.client.rerunJob(id, {})).id);
  await expectAllGood(scene.pool);
  return {
    dry,
    real,
    dryRejections: await rejectionsOf(dry.id),
    realRejections: await rejectionsOf(real.id),
  };
}

/** The end of a dry run that would replace the rows of `parent`. */
async function triedReplacing(csv: string): Promise<ImportJobView> {
  const request = { table: "parent", mode: "replace", dryRun: true } as const;
  return ended((await startImport(service.client, Buffer.from(csv), request)).id);
}

/** What an import did, in the words of a dry run. */
function countsOf({ result }: ImportJobView) {
  const { rowsInserted, rowsUpdated, rowsUnchanged, rowsReplaced } = result ?? {};
  return { rowsInserted, rowsUpdated, rowsUnchanged, rowsReplaced };
}

describe("a dry run says what the import does", () => {
  test.each<{ readonly name: string; readonly csv: string; readonly request: Request }>([
    {
      name: "upsert",
      csv: "id,boss,email\n1,7,a\n2,8,b2\n3,1,c2\n4,1,bad\n5,1,b\n6,1,x\n7,1,x\n2,99,b3\n8,9,y\n1,,a\nz,,\n",
      request: { mode: "upsert", key: ["id"] },
    },
    {
      name: "append",
      csv: "id,boss,email\n1,,a9\n9,1,n\n10,9,o\n11,77,p\n12,11,q\n13,1,a\n9,1,r\nx,1,s\n",
      request: { mode: "append" },
    },
    {
      name: "skip",
      csv: "id,boss,email\n1,,a9\n9,1,n\n13,1,a\n9,1,r\n14,50,s\n14,1,t\n",
      request: { mode: "append", onConflict: "skip" },
    },
    {
      name: "replace",
      csv: "id,boss,email\n1,,a\n2,1,b\n2,1,c\n3,1,a\n5,4,d\n",
      request: { mode: "replace" },
    },
  ])("$name", async ({ name, csv, request }) => {
    const table = `unit_${name}`;
    await scene.pool.query(
      `create table ${table} (id int primary key, boss int references ${table}, email text unique, size int default 1,
         no serial, check (email <> 'bad'));
       insert into ${table} (id, boss, email) values (1, null, 'a'), (2, 1, 'b'), (3, 1, 'c'), (4, 1, 'd')`,
    );

    const { dry, real, dryRejections, realRejections } = await tryThenImport(table, csv, request);

    expect(dry).toMatchObject({
      state: "succeeded",
      isDryRun: true,
      name: `flights.csv → public.${table} (dry run)`,
      result: { rows: "none", rowsInserted: 0, dryRun: countsOf(real) },
      undo: { possible: false, reason: "dry_run" },
      actions: ["rerun"],
    });
    expect(real).toMatchObject({ isDryRun: false, result: { rows: "kept", dryRun: null } });
    expect(real.name).not.toContain("dry run");
    expect(dry.progress.recordsWritten).toBe(real.progress.recordsWritten);
    expect(dryRejections).toEqual(realRejections);
    expect(dryRejections.length).toBeGreaterThan(0);
  });

  test("create, with a key that is not unique in the file", async () => {
    const bytes = Buffer.from("id,name\n1,a\n2,b\n1,c\n,d\n");
    const request = { table: "made", key: ["id"], dryRun: true };
    const { id } = await startImport(service.client, bytes, { ...request, startPaused: true });
    // Nothing is claimed: another job may make the table, and then this one would find it there.
    const other = await startImport(service.client, bytes, { ...request, startPaused: true });
    await service.client.act(other.id, "stop", {});
    await service.client.act(id, "resume", {});
    const dry = await ended(id);

    expect(dry).toMatchObject({
      result: { rows: "none", dryRun: { rowsInserted: 2, rowsUpdated: 0, changes: [] } },
      progress: { recordsRejected: 2 },
    });
    expect((await scene.pool.query("select to_regclass('made') as made")).rows).toEqual([
      { made: null },
    ]);
    const real = await ended((await service.client.rerunJob(id, { startPaused: null })).id);
    expect(real).toMatchObject({ result: { rows: "kept", rowsInserted: 2 } });
    expect(await rejectionsOf(dry.id)).toEqual(await rejectionsOf(real.id));
    const again = await ended(
      (await service.client.rerunJob(id, { table: "made_2", dryRun: true, startPaused: null })).id,
    );
    expect(again).toMatchObject({
      isDryRun: true,
      table: "public.made_2",
      result: { rows: "none" },
    });
  });

  test("the first changes, old and new", async () => {
    await scene.pool.query(
      "create table person (region text, id int, name text, city text, born date, primary key (id, region))",
    );
    await scene.pool.query(
      "insert into person select 'eu', i, 'n' || i, case when i = 2 then null else 'Oslo' end, '2000-01-01' from generate_series(1, 99) i",
    );
    const rows = Array.from({ length: 99 }, (_, i) => `${99 - i},eu,n${99 - i},Rome\n`);
    const long = "x".repeat(100);

    const { dry } = await tryThenImport(
      "person",
      `id,region,name,city\n2,eu,,${long}\n${rows.slice(0, 97).join("")}`,
      {
        mode: "upsert",
        key: ["id", "region"],
      },
    );

    const changes = dry.result?.dryRun?.changes ?? [];
    expect(dry).toMatchObject({ result: { dryRun: { rowsUpdated: 98, rowsUnchanged: 0 } } });
    expect(changes).toHaveLength(50);
    expect(changes.slice(0, 2)).toEqual([
      {
        record: 1,
        key: { id: "2", region: "eu" },
        columns: [
          { column: "name", before: "n2", after: null },
          { column: "city", before: null, after: long.slice(0, 60) },
        ],
        moreColumns: 0,
      },
      {
        record: 2,
        key: { id: "99", region: "eu" },
        columns: [{ column: "city", before: "Oslo", after: "Rome" }],
        moreColumns: 0,
      },
    ]);
  });
});

describe("a dry run fails as the import would", () => {
  test("when more rows are rejected than allowed", async () => {
    await scene.pool.query(
      "create table full_up (id int primary key); insert into full_up values (1)",
    );
    const { id } = await startImport(service.client, Buffer.from("id\n1\n2\n"), {
      table: "full_up",
      mode: "append",
      maxRejected: 0,
      dryRun: true,
    });

    expect(await ended(id)).toMatchObject({
      state: "failed",
      failure: { code: "too_many_rejected" },
    });
  });

  test("when rows of other tables still need some that a replace takes away", async () => {
    await scene.pool.query(
      `create table parent (id int primary key); insert into parent values (1), (2);
       create table child (of int references parent); insert into child values (2), (null)`,
    );

    expect(await triedReplacing("id\n1\n")).toMatchObject({
      failure: {
        code: "publish_refused",
        message:
          "public.parent would not let its rows go: rows of public.child refer to some that the file does not have (child_of_fkey). public.parent is as it was.",
      },
    });
    expect(await triedReplacing("id\n2\n3\n")).toMatchObject({
      result: { dryRun: { rowsInserted: 2, rowsReplaced: 2 } },
    });
  });
});

test("what needs rows in the table is refused of a dry run", async () => {
  await scene.pool.query("create table guarded (id int primary key)");
  const request = { table: "guarded", mode: "append", dryRun: true } as const;
  const bytes = Buffer.from("id\n1\nx\n");
  const { client } = service;
  const { id } = await startImport(client, bytes, request);
  await ended(id);
  const paused = await startImport(client, bytes, { ...request, pauseAfter: 1 });
  await waitForState(client, paused.id, "paused");

  await expect(client.act(id, "undo", {})).rejects.toMatchObject({ code: "undo_not_possible" });
  await expect(client.retryJob(id, {})).rejects.toMatchObject({ code: "transition_not_allowed" });
  await expect(client.act(paused.id, "stop", { rows: "keep" })).rejects.toMatchObject({
    code: "keep_not_possible",
  });
  await expect(
    startImport(client, bytes, { ...request, delivery: "direct" }),
  ).rejects.toMatchObject({ code: "invalid_request" });
  await client.act(paused.id, "stop", {});
  expect(await getImport(client, paused.id)).toMatchObject({ state: "stopped" });
  await expectAllGood(scene.pool);
});

test("the command asks nothing, and says what would change", async () => {
  await scene.pool.query(
    "create table club (id int primary key, city text); insert into club values (1, 'Oslo'), (2, 'Rome')",
  );
  await writeFile(scene.path("club.csv"), "id,city\n1,Oslo\n2,Paris\n3,\nx,\n");
  const sluice = (...words: string[]) =>
    runCommand(["import", "club.csv", "--dry-run", "--url", service.url, ...words], {
      cwd: scene.path(),
      environment: {},
    });

  const upsert = await sluice("--table", "club", "--mode", "upsert", "--key", "id");
  const strict = await sluice("--table", "club", "--mode", "replace", "--strict", "--json");
  const direct = await sluice("--table", "club", "--mode", "append", "--direct");
  const made = await sluice("--table", "club_2");

  expect(upsert.code).toBe(0);
  const lines = upsert.stdout.split("\n");
  expect(lines[0]).toBe(
    "✓ Dry run: public.club is as it was. It would add 1 row · change 1 · leave 1 unchanged · reject 1",
  );
  expect(lines[1]).toMatch(/^ {2}4 read = 3 fit \+ 1 rejected /);
  expect(lines[2]).toBe("  id 2   city Rome → Paris");
  expect(upsert.stdout).toMatch(/ {2}Import it {5}sluice rerun job_/);
  expect(strict.code).toBe(3);
  expect(JSON.parse(strict.stdout)).toMatchObject({
    isDryRun: true,
    result: { rows: "none", dryRun: { rowsInserted: 3, rowsReplaced: 2, changes: [] } },
  });
  expect(direct).toMatchObject({ code: 2 });
  expect(made.stdout).toContain("public.club_2 was not made. It would add 4 rows · reject 0");
});

test("a service that is killed while it counts counts again", async () => {
  await service[Symbol.asyncDispose]();
  await scene.pool.query(
    "create table numbers (id int primary key, n int); insert into numbers select i, i % 2 from generate_series(1, 9000) i",
  );
  const before = await bytesOf("numbers");
  const lines = Array.from({ length: 12_000 }, (_, index) => `${index + 1},1\n`);
  const victim = await scene.start({
    environment: { SLUICE_FAILPOINT: "publish_before_commit:1" },
  });
  const { id } = await startImport(victim.client, Buffer.from(`id,n\n7,7\n${lines.join("")}`), {
    table: "numbers",
    mode: "upsert",
    key: ["id"],
    dryRun: true,
  });
  await victim.ended;
  expect(await scene.stored(id)).toMatchObject({ state: "running", phase: "publishing" });

  service = await scene.start();

  expect(await ended(id)).toMatchObject({
    state: "succeeded",
    progress: { recordsRejected: 1 },
    result: { dryRun: { rowsInserted: 3000, rowsUpdated: 4500, rowsUnchanged: 4500 } },
  });
  expect(await rejectionsOf(id)).toHaveLength(1);
  expect(await bytesOf("numbers")).toEqual(before);
  await expectAllGood(scene.pool);
});
