/** What exports write: formats, packings, queries, and that reading a file back gives the same table. */
import { gunzipSync } from "node:zlib";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { expectAllGood } from "../support/all-good.ts";
import { resultOf, waitForExport } from "../support/export-job.ts";
import { FaultScene } from "../support/fault-scene.ts";
import { startImport, waitForEnd } from "../support/import-job.ts";
import type { ServiceProcess } from "../support/service.ts";

type Body = Parameters<ServiceProcess["client"]["createExport"]>[0];

let scene: FaultScene;
let service: ServiceProcess;

beforeAll(async () => {
  scene = await FaultScene.open();
  service = await scene.start();
  await scene.pool.query(`
    create table things (id int primary key, name text, is_new boolean, price numeric(8,2), at timestamptz, doc json);
    insert into things values
      (1, 'plain', true, 1.50, '2026-11-23 17:40:26.5Z', '{"a": 1}'),
      (2, '', false, null, null, null),
      (3, null, null, 0, '2026-01-01Z', E'[1,\n2]'),
      (4, E'a,b"c\nd', true, -3, null, '"x\\\\ny"'),
      (5, '=1+2', false, 12, null, null),
      (6, '-5', false, 12, null, null);
    create table no_key (n int, word text);
    insert into no_key select n % 1000, md5(n::text) from generate_series(1, 100000) n`);
});
afterAll(() => scene?.[Symbol.asyncDispose]());

async function exported(body: Body): Promise<Buffer> {
  const job = await service.client.createExport(body);
  const end = await waitForExport(service.client, job.id);
  expect({ state: end.state, failure: end.failure }).toEqual({ state: "succeeded", failure: null });
  return resultOf(service.client, job.id);
}

const textOf = async (body: Body): Promise<string> => (await exported(body)).toString();

describe("a file", () => {
  test("of CSV tells NULL from the empty text, and has words for booleans and times in UTC", async () => {
    expect(
      await textOf({ table: "things", columns: ["id", "name", "is_new", "price", "at"] }),
    ).toBe(
      [
        "id,name,is_new,price,at",
        "1,plain,true,1.50,2026-11-23 17:40:26.5+00",
        '2,"",false,,',
        "3,,,0.00,2026-01-01 00:00:00+00",
        '4,"a,b""c\nd",true,-3.00,',
        "5,=1+2,false,12.00,",
        "6,-5,false,12.00,",
        "",
      ].join("\n"),
    );
  });

  test("has the delimiter, the quotes, the word for NULL and the line ends that were asked for", async () => {
    const format = { delimiter: ";", quotes: "all", null: "NA", lineEnd: "crlf" } as const;

    expect(
      await textOf({
        table: "things",
        columns: ["id", "name"],
        to: { column: "id", value: 4 },
        format,
      }),
    ).toBe('"id";"name"\r\n"1";"plain"\r\n"2";""\r\n"3";NA\r\n');
  });

  test("of tabs can do without a header", async () => {
    const format = { type: "tsv", header: false } as const;

    expect(await textOf({ table: "things", columns: ["id", "is_new"], format })).toBe(
      "1\ttrue\n2\tfalse\n3\t\n4\ttrue\n5\tfalse\n6\tfalse\n",
    );
  });

  test("of JSON Lines has one object a line, whatever the values hold", async () => {
    const lines = (await textOf({ table: "things", format: { type: "jsonl" } }))
      .trimEnd()
      .split("\n");

    expect(lines.map((line) => JSON.parse(line) as unknown)).toMatchObject([
      { id: 1, name: "plain", is_new: true, price: 1.5, doc: { a: 1 } },
      { id: 2, name: "", price: null, doc: null },
      { id: 3, name: null, doc: [1, 2] },
      { id: 4, name: 'a,b"c\nd', doc: "x\\ny" },
      { id: 5 },
      { id: 6 },
    ]);
  });

  test("for spreadsheets has a mark, and no formula but plain numbers", async () => {
    const format = { spreadsheetSafe: true };

    const text = await textOf({
      table: "things",
      columns: ["name"],
      from: { column: "id", value: 5 },
      format,
    });

    expect(text).toBe("\uFEFFname\n'=1+2\n-5\n");
  });

  test("packed by gzip has the same bytes inside, in as many members as there were chunks", async () => {
    const plain = await exported({ table: "no_key", orderBy: ["word"] });

    const packed = await exported({ table: "no_key", orderBy: ["word"], format: { gzip: true } });

    expect(gunzipSync(packed).equals(plain)).toBe(true);
    expect(packed.length).toBeLessThan(plain.length);
  });

  test("of a table without rows has the header", async () => {
    await scene.pool.query("create table nothing (id int primary key, word text)");

    expect(await textOf({ table: "nothing" })).toBe("id,word\n");
    expect(await textOf({ table: "nothing", method: "snapshot" })).toBe("id,word\n");
  });
});

describe("a snapshot", () => {
  test("of a query has its rows in its order, and leaves no table", async () => {
    const text = await textOf({
      sql: "select n, count(*) as many from no_key group by n order by n desc;",
    });

    const lines = text.trimEnd().split("\n");
    expect(lines.slice(0, 3)).toEqual(["n,many", "999,100", "998,100"]);
    expect(lines).toHaveLength(1001);
    await expectAllGood(scene.pool);
  });

  test("has what was there at its moment, although rows change before they are written", async () => {
    const job = await service.client.createExport({
      table: "no_key",
      orderBy: ["word"],
      startPaused: true,
    });
    await service.client.act(job.id, "resume");
    await scene.waitFor(job.id, "has its copy", ({ read }) => read > 0);
    await service.client.act(job.id, "pause").catch(() => undefined); // over already on a fast machine
    await scene.pool.query("update no_key set n = -1");
    await service.client.act(job.id, "resume").catch(() => undefined);

    expect((await waitForExport(service.client, job.id)).result?.rowsExported).toBe(100_000);
    expect((await resultOf(service.client, job.id)).toString()).not.toMatch(/^-1,/m);
  });

  test("says before the start that its first step starts again, and what it means", async () => {
    const plan = await service.client.validateExport({ table: "no_key" });

    expect(plan).toMatchObject({ method: "snapshot", warnings: [{ code: "starts_again" }] });
    expect(plan.estimate.rows).toBeGreaterThan(50_000);
    expect(plan.estimate.bytes).toBeGreaterThan(2_000_000);
  });

  test("whose query fails says what the database says", async () => {
    const job = await service.client.createExport({
      sql: "select 1 / (n - 50000) as x from generate_series(1, 100000) n",
    });

    expect(await waitForExport(service.client, job.id)).toMatchObject({
      state: "failed",
      failure: { code: "query_failed" },
    });
    await service.client.act(job.id, "undo");
    await expectAllGood(scene.pool);
  });
});

describe("a request is refused", () => {
  test.each<[string, Body]>([
    ["without table and query", {}],
    ["with both", { table: "things", sql: "select 1" }],
    ["with two statements", { sql: "select 1; drop table things" }],
    [
      "with a query that ends its brackets",
      { sql: "select 1) x; drop table things; select * from (select 1" },
    ],
    ["with a statement that writes", { sql: "delete from things returning id" }],
    ["with a query of Sluice's own tables", { sql: "select * from sluice.access_token" }],
    [
      "with a condition that ends the statement",
      { table: "things", where: "true); drop table things; --" },
    ],
    ["with a condition that does not end", { table: "things", where: "name = '" }],
    ["with a column that is not there", { table: "things", columns: ["id", "nme"] }],
    ["with a range of a text", { table: "things", from: { column: "name", value: "a" } }],
    ["with a range that is no date", { table: "things", from: { column: "at", value: "soon" } }],
    ["with a key where there is none", { table: "no_key", method: "keyed" }],
    ["with fields for JSON Lines", { table: "things", format: { type: "jsonl", delimiter: ";" } }],
    ["with two packings", { table: "things", format: { gzip: true, zstd: true } }],
    ["with a table of Sluice", { table: "sluice.job" }],
    ["with two columns of one name", { sql: "select 1 as a, 2 as a" }],
  ])("%s", async (_, body) => {
    await expect(service.client.validateExport(body)).rejects.toMatchObject({
      code: "invalid_request",
    });
    const { rows } = await scene.pool.query("select count(*)::int as things from things");
    expect(rows).toEqual([{ things: 6 }]);
  });

  test("for a table that is not there", async () => {
    await expect(service.client.createExport({ table: "thongs" })).rejects.toMatchObject({
      code: "table_not_found",
    });
  });
});

describe("a result", () => {
  test("is sent in parts, if it is the one that is meant", async () => {
    const { id } = await service.client.createExport({ table: "things", columns: ["id"] });
    await waitForExport(service.client, id);
    const url = `${service.url}/v1/jobs/${id}/result`;
    const ask = (headers: Record<string, string>) => fetch(url, { headers });

    const whole = await ask({});
    const etag = whole.headers.get("etag") ?? "";
    const part = await ask({ range: "bytes=3-4", "if-range": etag });
    const end = await ask({ range: "bytes=-2" });
    const other = await ask({ range: "bytes=3-4", "if-range": '"other"' });
    const behind = await ask({ range: "bytes=99-" });

    expect(await whole.text()).toBe("id\n1\n2\n3\n4\n5\n6\n");
    expect(whole.headers.get("content-disposition")).toBe('attachment; filename="things.csv"');
    expect([part.status, await part.text(), part.headers.get("content-range")]).toEqual([
      206,
      "1\n",
      "bytes 3-4/15",
    ]);
    expect([end.status, await end.text()]).toEqual([206, "6\n"]);
    expect([other.status, (await other.text()).length]).toEqual([200, 15]);
    expect([behind.status, behind.headers.get("content-range")]).toEqual([416, "bytes */15"]);
    expect((await ask({ "if-none-match": etag })).status).toBe(304);
    expect((await fetch(url, { method: "HEAD" })).headers.get("content-length")).toBe("15");
  });

  test("is not there before the end", async () => {
    const { id } = await service.client.createExport({ table: "things", startPaused: true });

    await expect(service.client.openResult(id)).rejects.toMatchObject({ code: "no_result" });
    await service.client.act(id, "stop");
  });
});

test("what is exported and imported again is the same table, whatever its texts hold", async () => {
  const piece = fc.oneof(
    fc.constantFrom(
      "",
      '"',
      ",",
      "\n",
      "\r\n",
      "\\.",
      "\uFEFF",
      "sep=",
      "\t",
      "NULL",
      "\\N",
      " ",
      "é",
      "😀",
      "'",
    ),
    fc.string({ unit: "grapheme", maxLength: 5 }),
  );
  const value = fc.option(
    fc.array(piece, { maxLength: 4 }).map((parts) => parts.join("").replaceAll("\0", "")),
  );
  const rows = fc.array(fc.tuple(value, value), { maxLength: 12 });
  const formats = fc.constantFrom({}, { quotes: "all" as const }, { null: "NULL" });
  let run = 0;

  await fc.assert(
    fc.asyncProperty(rows, formats, async (table, format) => {
      run += 1;
      const name = `round_${run}`;
      await scene.pool.query(`create table ${name} (a text, b text, id serial primary key)`);
      await scene.pool.query(
        `insert into ${name} (a, b) select * from unnest($1::text[], $2::text[])`,
        [table.map(([a]) => a), table.map(([, b]) => b)],
      );

      const bytes = await exported({ table: name, columns: ["a", "b", "id"], format });
      const job = await startImport(service.client, bytes, {
        table: `${name}_back`,
        types: { a: "text", b: "text" },
        reading: { delimiter: ",", ...("null" in format ? { nullValues: [format.null] } : {}) },
      });
      expect(await waitForEnd(service.client, job.id)).toMatchObject({ state: "succeeded" });

      const back = await scene.pool.query(`select a, b from ${name}_back order by id::int`);
      expect(back.rows).toEqual(table.map(([a, b]) => ({ a, b })));
    }),
    { numRuns: 25 },
  );
});
