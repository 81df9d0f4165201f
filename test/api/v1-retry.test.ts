import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { importJobSchema } from "../../src/api/schemas/job.ts";
import { openApiFixture, type ApiAnswer, type ApiFixture } from "./api-fixture.ts";
import { recordCalls } from "./record-calls.ts";

let api: ApiFixture;
let tableNo = 0;
const { csvOf, pageOf } = recordCalls(() => api);
beforeAll(async () => {
  api = await openApiFixture();
});
afterEach(() => api.clear());
afterAll(() => api?.dispose());

const CSV =
  'id,Full Name,note,zip\n1,Ada,x,02139\ntwo,Grace,y,10001\nthree,"Jean, B.",z,94110\nfour,,,\n';

interface Scene {
  readonly id: string;
  readonly table: string;
}

/** Imports a file of which three records do not fit. */
async function ended(extra: object = {}, csv = CSV): Promise<Scene> {
  const file = await api.store(csv);
  const table = `public.retry_${++tableNo}`;
  const { status, body } = await api.post("/v1/jobs", {
    kind: "import",
    file,
    table,
    columns: { "Full Name": "name", note: null },
    types: { id: "integer", zip: "text" },
    ...extra,
  });
  expect(status).toBe(201);
  await api.runner.finish(String(body["id"]));
  return { id: String(body["id"]), table };
}

async function correct(id: string, values: Record<number, object>): Promise<void> {
  const items = Object.entries(values).map(([record, each]) => ({
    record: Number(record),
    values: each,
  }));
  const { status } = await api.call(`/v1/jobs/${id}/records`, {
    method: "PUT",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ items }),
  });
  expect(status).toBe(200);
}

const retry = (id: string, body: object = {}, headers = {}): Promise<ApiAnswer> =>
  api.post(`/v1/jobs/${id}/retry`, body, headers);

async function retried(id: string, body: object = {}): Promise<string> {
  const answer = await retry(id, body);
  expect(answer.body).toMatchObject({ state: "queued" });
  expect(answer.status).toBe(201);
  return String(answer.body["id"]);
}

const jobOf = async (id: string) => importJobSchema.parse((await api.call(`/v1/jobs/${id}`)).body);

async function rowsOf({ table }: Scene): Promise<unknown[]> {
  const { rows } = await api.database.pool.query(`select * from ${table} order by id`);
  return rows;
}

describe("a retry of corrected records", () => {
  test("adds them to the table, and no other, and is linked both ways", async () => {
    const scene = await ended();
    expect((await jobOf(scene.id)).actions).toContain("retry");
    await correct(scene.id, { 2: { id: "2" }, 3: { id: "3" }, 4: { zip: "1" } });

    const answer = await retry(scene.id);

    const child = importJobSchema.parse(answer.body);
    expect(answer.headers.get("location")).toBe(`/v1/jobs/${child.id}`);
    expect(child).toMatchObject({
      name: `people-corrected.csv → ${scene.table}`,
      parent: scene.id,
      isRetry: true,
      mode: "append",
      table: scene.table,
      columns: { "Full Name": "name", note: null, id: "id", zip: "zip" },
    });
    await api.runner.finish(child.id);
    expect(await rowsOf(scene)).toEqual([
      { id: 1, name: "Ada", zip: "02139" },
      { id: 2, name: "Grace", zip: "10001" },
      { id: 3, name: "Jean, B.", zip: "94110" },
    ]);
    expect(await jobOf(scene.id)).toMatchObject({
      retries: { recordsOpen: 1, recordsFixed: 2 },
      progress: { recordsRejected: 3 },
    });
    const rejected = (await pageOf(scene.id, "outcome=rejected")).items;
    expect(rejected.map((item) => "retriedBy" in item && item.retriedBy)).toEqual([
      child.id,
      child.id,
      null,
    ]);
    const open = (await pageOf(scene.id, "outcome=rejected&open=true")).items;
    expect(open.map(({ record }) => record)).toEqual([4]);
  });

  test("takes each record once, and gives back what it did not write", async () => {
    const scene = await ended();
    await correct(scene.id, { 2: { id: "2" } });
    const first = await retried(scene.id);

    const second = await retry(scene.id);
    const changed = await api.call(`/v1/jobs/${scene.id}/records/2`, {
      method: "PUT",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ values: { id: "5" } }),
    });
    await api.post(`/v1/jobs/${first}/stop`, {});
    const third = await retried(scene.id);
    await api.runner.finish(third);

    expect([second.status, second.body["code"]]).toEqual([409, "nothing_to_retry"]);
    expect([changed.status, changed.body["code"]]).toEqual([409, "already_retried"]);
    expect(await rowsOf(scene)).toHaveLength(2);
  });

  test("that failed is not resumed once another one has its records", async () => {
    const scene = await ended();
    await correct(scene.id, { 2: { id: "2" } });
    const failed = await retried(scene.id);
    await api.runner.fail(failed);
    expect((await jobOf(failed)).actions).toContain("resume");

    const next = await retried(scene.id);
    const resumed = await api.post(`/v1/jobs/${failed}/resume`, {});
    await api.runner.finish(next);

    expect([resumed.status, resumed.body["code"]]).toEqual([409, "transition_not_allowed"]);
    expect((await jobOf(failed)).actions).not.toContain("resume");
    expect(await rowsOf(scene)).toHaveLength(2);
  });

  test("leaves what it rejects to a retry of its own", async () => {
    const scene = await ended({ key: ["id"] });
    await correct(scene.id, { 2: { id: "1" }, 3: { id: "3" } });
    const child = await retried(scene.id);
    await api.runner.finish(child);
    await correct(child, { 1: { id: "2" } });

    const grandchild = await retried(child);
    await api.runner.finish(grandchild);

    expect(await rowsOf(scene)).toHaveLength(3);
    expect((await jobOf(scene.id)).retries).toEqual({ recordsOpen: 1, recordsFixed: 2 });
    expect((await jobOf(child)).retries).toEqual({ recordsOpen: 0, recordsFixed: 1 });
  });

  test("of an upsert updates rows by the same key", async () => {
    const table = `public.retry_${++tableNo}`;
    await api.database.pool.query(
      `create table ${table} (id integer primary key, name text, zip text)`,
    );
    await api.database.pool.query(`insert into ${table} values (2, 'old', '0')`);
    const scene = await ended({ table, mode: "upsert", key: ["id"], types: {} });
    await correct(scene.id, { 2: { id: "2" }, 3: { id: "3" } });

    const child = await retried(scene.id);
    await api.runner.finish(child);

    expect(await jobOf(child)).toMatchObject({ mode: "upsert", key: ["id"] });
    expect(await rowsOf({ ...scene, table })).toMatchObject([
      { id: 1, name: "Ada" },
      { id: 2, name: "Grace" },
      { id: 3, name: "Jean, B." },
    ]);
  });

  test("that failed with rows in the table keeps those, and gives the others back", async () => {
    const table = `public.retry_${++tableNo}`;
    await api.database.pool.query(`create table ${table} (id integer, name text, zip text)`);
    const direct = { table, mode: "append", delivery: "direct", types: {} };
    const scene = await ended(direct);
    await correct(scene.id, { 2: { id: "2" }, 3: { id: "3" } });
    const failed = await retried(scene.id);
    expect((await jobOf(failed)).delivery).toBe("direct");
    await api.runner.commit(failed, 1);
    await api.runner.fail(failed);
    expect((await jobOf(scene.id)).retries.recordsOpen).toBe(2);

    const next = await retried(scene.id);
    await api.runner.finish(next);

    expect((await jobOf(next)).progress.recordsRead).toBe(1);
    expect((await api.post(`/v1/jobs/${failed}/resume`, {})).status).toBe(409);
    expect(await rowsOf({ ...scene, table })).toHaveLength(3);
  });

  test("keeps its right to what it wrote when it is forgotten", async () => {
    const scene = await ended();
    await correct(scene.id, { 2: { id: "2" } });
    const child = await retried(scene.id);
    await api.runner.finish(child);

    await api.call(`/v1/jobs/${child}`, { method: "DELETE" });

    expect((await retry(scene.id)).body["code"]).toBe("nothing_to_retry");
    expect((await jobOf(scene.id)).retries.recordsOpen).toBe(2);
  });

  test("is made once, whoever asks at the same moment or again with the key", async () => {
    const scene = await ended();
    await correct(scene.id, { 2: { id: "2" }, 3: { id: "3" } });
    const key = { "Idempotency-Key": "retry-1" };

    const both = await Promise.all([retry(scene.id, {}, key), retry(scene.id)]);
    const made = both.filter(({ status }) => status === 201);
    const files = await api.database.pool.query(
      "select from sluice.file where removed_at is null and receiver is not null",
    );

    expect(made).toHaveLength(1);
    expect(both.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([201, 409]);
    expect(files.rows).toEqual([]);
    expect(await api.listStored()).toHaveLength(2);
  });

  test("answers a repeated key with the first job, and refuses it for another body", async () => {
    const scene = await ended();
    await correct(scene.id, { 2: { id: "2" } });
    const key = { "Idempotency-Key": "retry-2" };
    const first = await retry(scene.id, {}, key);

    const again = await retry(scene.id, {}, key);
    const other = await retry(scene.id, { file: await api.store(CSV) }, key);

    expect([again.status, again.body["id"]]).toEqual([200, first.body["id"]]);
    expect([other.status, other.body["code"]]).toEqual([422, "idempotency_key_reused"]);
  });
});

describe("a retry of a corrected file", () => {
  test("takes the records that its reasons name", async () => {
    const scene = await ended();
    const csv = await csvOf(scene.id, "rejected", "&reasons=true");
    const [head = "", two = "", three = ""] = csv.split("\n");
    const lines = [head, three.replace("three,", "3,"), two.replace("two,", "2,")];

    const child = await retried(scene.id, { file: await api.store(`${lines.join("\n")}\n`) });
    await api.runner.finish(child);

    expect(await rowsOf(scene)).toHaveLength(3);
    expect((await jobOf(scene.id)).retries).toEqual({ recordsOpen: 1, recordsFixed: 2 });
    expect((await pageOf(scene.id, "outcome=rejected&open=true")).items).toHaveLength(1);
    expect(await csvOf(scene.id, "rejected", "&open=true")).toBe(
      "id,Full Name,note,zip\nfour,,,\n",
    );
  });

  test("without reasons stands for all that is open, also in the dialect of another program", async () => {
    const scene = await ended();
    const file = await api.store(
      '\ufeffid;Full Name;note;zip\r\n2;Grace;y;10001\r\n3;"J;";z;1\r\n',
    );

    const child = await retried(scene.id, { file });
    await api.runner.finish(child);

    expect(await rowsOf(scene)).toHaveLength(3);
    expect((await jobOf(child)).file).toBe(file);
    expect((await retry(scene.id, { file })).body["code"]).toBe("nothing_to_retry");
  });

  test("is refused for another header, for more rows than were rejected and for rows that were not", async () => {
    const scene = await ended();
    const header = "id,Full Name,note,zip\n";
    const files = [
      "id,name,note,zip\n2,Grace,,\n",
      `${header}${"5,x,,\n".repeat(4)}`,
      `_line,_column,_code,_reason,${header}2,,,,5,x,,\n`,
      `_line,_column,_code,_reason,${header}3,,,,5,x,,\n3,,,,6,y,,\n`,
      `_line,_column,_code,_reason,${header}three,,,,5,x,,\n`,
      header,
    ];

    const codes: unknown[] = [];
    for (const file of files)
      codes.push((await retry(scene.id, { file: await api.store(file) })).body["code"]);

    expect(codes).toEqual([
      "header_mismatch",
      "already_retried",
      "invalid_request",
      "already_retried",
      "invalid_request",
      "nothing_to_retry",
    ]);
    expect(await api.listStored()).toHaveLength(7);
  });
});

test("what cannot be retried says why", async () => {
  const scene = await ended();
  const stopped = await api.post("/v1/jobs", {
    kind: "import",
    file: await api.store(CSV),
    table: "public.retry_stopped",
  });
  const running = String(stopped.body["id"]);

  const early = await retry(running);
  await api.post(`/v1/jobs/${running}/stop`, {});
  const undone = await retry(running);
  const uncorrected = await retry(scene.id);
  await correct(scene.id, { 2: { id: "2" } });
  await api.database.pool.query(`drop table ${scene.table}`);
  const gone = await retry(scene.id);

  const codes = [early, undone, uncorrected, gone].map(({ status, body }) => [
    status,
    body["code"],
  ]);
  expect(codes).toEqual([
    [409, "transition_not_allowed"],
    [409, "transition_not_allowed"],
    [409, "nothing_to_retry"],
    [409, "target_gone"],
  ]);
  expect(await api.listStored()).toHaveLength(2);
});
