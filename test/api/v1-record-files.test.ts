import { gzipSync } from "node:zlib";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { openApiFixture, type ApiFixture } from "./api-fixture.ts";
import { CSV, recordCalls, RECORDS, REJECTED, textOf } from "./record-calls.ts";

let api: ApiFixture;
let tableNo = 0;
const { outcomesOf, pageOf } = recordCalls(() => api);
beforeAll(async () => {
  api = await openApiFixture();
});
afterEach(() => api.clear());
afterAll(() => api?.dispose());

describe("publishing that rejects records", () => {
  test("changes nothing in what was asked for before it, and all adds up behind it", async () => {
    const table = `records_${++tableNo}`;
    await api.database.pool.query(`create table ${table} (id int primary key, age int)`);
    await api.database.pool.query(`insert into ${table} values (2), (4)`);
    const file = await api.store(CSV);
    const request = { kind: "import", file, table, mode: "append" };
    const id = String((await api.post("/v1/jobs", request)).body["id"]);
    await api.runner.commit(id, RECORDS.length);
    const path = `/v1/jobs/${id}/records?outcome=`;
    const early = {
      written: await api.app.request(`${path}written&format=csv`),
      rejected: await api.app.request(`${path}rejected&format=csv`),
    };

    await api.runner.finish(id);

    expect(await early.written.text()).toBe(textOf([1, 3, 4, 6]));
    expect(await early.rejected.text()).toBe(textOf(REJECTED));
    expect(await outcomesOf(id)).toEqual({
      written: textOf([4, 6]),
      rejected: textOf([0, 1, 2, 3, 5]),
      unprocessed: textOf([]),
    });
    expect((await pageOf(id, "outcome=rejected")).items.map(({ record }) => record)).toEqual([
      1, 2, 3, 4, 6,
    ]);
  });
});

describe("the records of a file in another encoding", () => {
  test("are its very bytes, named so, with reasons that it can hold", async () => {
    const text = "id;größe\r\n1;ä\r\n2;7\r\n";
    const file = await api.store(Buffer.from(text, "latin1"));
    const reading = { encoding: "windows-1252" };
    const table = `records_${++tableNo}`;
    const request = { kind: "import", file, table, types: { größe: "integer" }, reading };
    const id = String((await api.post("/v1/jobs", request)).body["id"]);
    await api.runner.finish(id);

    const path = `/v1/jobs/${id}/records?outcome=rejected&format=csv&reasons=true`;
    const response = await api.app.request(path);

    expect(response.headers.get("content-type")).toBe("text/csv; charset=windows-1252");
    expect(Buffer.from(await response.arrayBuffer()).toString("latin1")).toBe(
      '_line;_column;_code;_reason;id;größe\r\n2;größe;invalid_integer;"""ä"" is not a whole number";1;ä\r\n',
    );
    expect(await pageOf(id, "outcome=rejected")).toMatchObject({
      header: ["id", "größe"],
      items: [{ fields: ["1", "ä"], byte: 10 }],
    });
  });

  test("come out of a gzip file, whose progress counts what it holds", async () => {
    const file = await api.store(gzipSync(CSV));
    const types = { age: "integer" };
    const request = { kind: "import", file, table: `records_${++tableNo}`, types };
    const { body } = await api.post("/v1/jobs", request);
    const id = String(body["id"]);
    await api.runner.commit(id, 4);

    const texts = await outcomesOf(id);

    expect(texts).toEqual({
      written: textOf([1, 3]),
      rejected: textOf([0, 2]),
      unprocessed: textOf([4, 5, 6]),
    });
    const bytesRead = CSV.indexOf('"5"');
    expect((await api.call(`/v1/jobs/${id}`)).body).toMatchObject({
      progress: { bytesRead, bytesTotal: CSV.length },
    });
  });
});
