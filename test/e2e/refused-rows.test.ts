/** Rows that the target refuses: each becomes a rejection with its place in the file, all others go in. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { expectAllGood } from "../support/all-good.ts";
import { openTestDatabase, type TestDatabase } from "../support/database.ts";
import { startImport, waitForEnd } from "../support/import-job.ts";
import {
  SMALL_PIECES,
  startServiceProcess,
  temporaryFolder,
  type ServiceProcess,
} from "../support/service.ts";

let database: TestDatabase;
let folder: Awaited<ReturnType<typeof temporaryFolder>>;
let service: ServiceProcess;

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

/** Appends a file to a table and returns the ended job with its rejections, in short. */
async function append(table: string, csv: string, maxRejected?: number) {
  const { id } = await startImport(service.client, Buffer.from(csv), {
    table,
    mode: "append",
    ...(maxRejected === undefined ? {} : { maxRejected }),
  });
  const job = await waitForEnd(service.client, id);
  const { rows } = await database.pool.query<{ found: string }>(
    `select concat_ws(' ', record_no, line_no, code, column_name, value, encode(raw, 'escape')) as found
     from sluice.rejection where job_id = $1 order by record_no`,
    [id],
  );
  return { job, rejections: rows.map(({ found }) => found) };
}

describe("an existing table", () => {
  test("keeps its own types and CHECKs: what does not fit is left out", async () => {
    await database.pool.query(
      "create table typed (id serial primary key, origin varchar(3) not null, delay smallint constraint delay_check check (delay < 1000), note text default 'none')",
    );

    const { job, rejections } = await append(
      "typed",
      "Delay,ORIGIN\n5,LAS\n7,ATLANTA\n99999,ABQ\n1500,BOS\n,\n8,DEN\n",
    );

    expect(job).toMatchObject({ state: "succeeded", result: { rowsInserted: 2 } });
    expect(rejections).toEqual([
      "2 3 too_long origin ATLANTA 7,ATLANTA",
      "3 4 out_of_range delay 99999 99999,ABQ",
      "4 5 check_violation 1500,BOS",
      "5 6 required_value_missing origin  ,",
    ]);
    const { rows } = await database.pool.query("select origin, delay, note from typed order by id");
    expect(rows).toEqual([
      { origin: "LAS", delay: 5, note: "none" },
      { origin: "DEN", delay: 8, note: "none" },
    ]);
    await expectAllGood(database.pool);
  });

  test("takes each key once: the first of the file, unless the table has it", async () => {
    await database.pool.query("create table keyed (code text primary key, n int)");
    await database.pool.query("insert into keyed values ('b', 0)");

    const { job, rejections } = await append("keyed", 'code,n\na,1\nb,2\n"c\nd",3\na,4\ne,5\n');

    expect(job).toMatchObject({
      state: "succeeded",
      progress: { recordsRead: 5, recordsWritten: 3, recordsRejected: 2 },
      result: { rowsInserted: 3 },
    });
    expect(rejections).toEqual(["2 3 duplicate_key code b b,2", "4 6 duplicate_key code a a,4"]);
    const { rows } = await database.pool.query("select code, n from keyed order by n");
    expect(rows.map(({ code, n }) => `${code}${n}`)).toEqual(["b0", "a1", "c\nd3", "e5"]);
    await expectAllGood(database.pool);
  });

  test("skips taken keys when that is asked for, and counts them as unchanged", async () => {
    await database.pool.query(
      "create table skipped (code text primary key, n int check (n < 9), tag int unique)",
    );
    await database.pool.query("insert into skipped values ('b', 0, 7)");
    const { id } = await startImport(
      service.client,
      Buffer.from("code,n,tag\nc,1,1\nb,2,2\nc,3,3\na,4,7\nd,9,9\na,5,5\n"),
      { table: "skipped", mode: "append", onConflict: "skip" },
    );

    expect(await waitForEnd(service.client, id)).toMatchObject({
      state: "succeeded",
      onConflict: "skip",
      progress: { recordsRead: 6, recordsWritten: 5, recordsRejected: 1 },
      result: { rowsInserted: 2, rowsUpdated: 0, rowsUnchanged: 3 },
    });
    const { rows } = await database.pool.query("select code, n from skipped order by code");
    expect(rows.map(({ code, n }) => `${code}${n}`)).toEqual(["a5", "b0", "c1"]);
    await expectAllGood(database.pool);
  });

  test("takes no reference to nothing, in another table or in itself", async () => {
    await database.pool.query("create table country (code text primary key)");
    await database.pool.query("insert into country values ('de'), ('fr')");
    await database.pool.query(
      "create table city (id int primary key, country text references country, twin int references city)",
    );

    const { job, rejections } = await append(
      "city",
      "id,country,twin\n1,de,2\n2,fr,\n3,xx,1\n4,,9\n5,fr,3\n6,de,5\n",
    );

    expect(job).toMatchObject({ state: "succeeded", result: { rowsInserted: 2 } });
    expect(rejections).toEqual([
      "3 4 missing_reference country xx 3,xx,1",
      "4 5 missing_reference twin 9 4,,9",
      "5 6 missing_reference twin 3 5,fr,3",
      "6 7 missing_reference twin 5 6,de,5",
    ]);
    await expectAllGood(database.pool);
  });

  test("refuses by exclusion, trigger and expression index, one row at a time", async () => {
    await database.pool.query(
      `create table booking (room int, during int4range generated always as (int4range(first, last)) stored, first int, last int,
         guest text, exclude using gist (during with &&));
       create unique index booking_guest on booking (lower(guest));
       create function no_zero() returns trigger language plpgsql as
         $$ begin if new.room = 0 then raise exception 'room % is closed', new.room; end if; return new; end $$;
       create trigger no_zero before insert on booking for each row execute function no_zero()`,
    );

    const { job, rejections } = await append(
      "booking",
      "room,first,last,guest\n1,1,3,Ann\n2,2,4,Bob\n0,5,6,Cid\n3,7,8,ANN\n4,9,9,Dan\n5,20,10,Eve\n6,30,31,Fay\n",
    );

    expect(job).toMatchObject({ state: "succeeded", result: { rowsInserted: 3 } });
    expect(rejections.map((found) => found.split(" ").slice(0, 3).join(" "))).toEqual([
      "2 3 check_violation",
      "3 4 refused_by_database",
      "4 5 duplicate_key",
      "6 7 invalid_value",
    ]);
    await expectAllGood(database.pool);
  });

  test.each(["staged", "direct"] as const)(
    "holds few locks however many rows a trigger refuses: %s",
    async (delivery) => {
      const table = `watchful_${delivery}`;
      await database.pool.query(
        `create table ${table} (id int primary key, v int);
         create function ${table}() returns trigger language plpgsql as $$
         declare held int;
         begin
           if new.v <> 3 then return new; end if;
           select count(*) into held from pg_locks where pid = pg_backend_pid() and locktype = 'transactionid';
           raise exception using errcode = 'P0001', message = case when held < 400 then 'no threes' else 'too many locks' end;
         end $$;
         create trigger watch before insert on ${table} for each row execute function ${table}()`,
      );
      const ids = Array.from({ length: 4_000 }, (_, index) => index + 1);
      const csv = `id,v\n${ids.map((id) => `${id},${id % 7}`).join("\n")}\n`;

      const { id } = await startImport(service.client, Buffer.from(csv), {
        table,
        mode: "append",
        delivery,
      });
      const job = await waitForEnd(service.client, id);

      const refused = ids.filter((each) => each % 7 === 3).length;
      expect(job).toMatchObject({
        state: "succeeded",
        result: { rowsInserted: ids.length - refused },
      });
      const { rows } = await database.pool.query(
        `select message, count(*)::int as count from sluice.rejection where job_id = $1 group by message`,
        [id],
      );
      expect(rows).toEqual([{ message: "no threes (SQLSTATE P0001)", count: refused }]);
      await expectAllGood(database.pool);
    },
  );

  test("finds refused rows again in every part of a large file", async () => {
    await database.pool.query("create table numbers (n int primary key, pad text)");
    await database.pool.query(
      "insert into numbers select 1000 * i, 'old' from generate_series(1, 60) i",
    );
    const lines = Array.from({ length: 60_000 }, (_, index) => `${index + 1},${"p".repeat(50)}\n`);
    const csv = `n,pad\n${lines.join("")}`;

    const { job, rejections } = await append("numbers", csv);

    expect(job).toMatchObject({
      state: "succeeded",
      progress: { recordsRead: 60_000, recordsWritten: 59_940, recordsRejected: 60 },
    });
    expect(rejections.map((found) => found.split(" ").slice(0, 5).join(" "))).toEqual(
      Array.from({ length: 60 }, (_, index) => {
        const n = 1000 * (index + 1);
        return `${n} ${n + 1} duplicate_key n ${n}`;
      }),
    );
    await expectAllGood(database.pool);
  });

  test("is left as it was when more rows are refused than allowed", async () => {
    await database.pool.query("create table strict (n int primary key)");
    await database.pool.query("insert into strict values (1), (2)");

    const { job } = await append("strict", "n\n1\n2\n3\n", 1);

    expect(job).toMatchObject({ state: "failed", failure: { code: "too_many_rejected" } });
    expect((await database.pool.query("select from strict")).rowCount).toBe(2);
    await service.client.act(job.id, "resume", { maxRejected: 2 });
    expect(await waitForEnd(service.client, job.id)).toMatchObject({
      state: "succeeded",
      result: { rowsInserted: 1 },
    });
    await expectAllGood(database.pool);
  });
});
