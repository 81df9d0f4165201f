/** The records of a job by outcome, over a real service: several parts, lanes, pauses, and every byte looked at. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openTestDatabase, type TestDatabase } from "../support/database.ts";
import { startImport, waitForEnd, waitForState } from "../support/import-job.ts";
import {
  SMALL_PIECES,
  startServiceProcess,
  temporaryFolder,
  type ServiceProcess,
} from "../support/service.ts";

const HEADER = "\ufeffid,age,note\r\n";
const COUNT = 40_000;
const OUTCOMES = ["written", "rejected", "unprocessed"] as const;

/** Some are rejected, some have line ends inside quotes, all but the last end in CRLF. */
const RECORDS = Array.from({ length: COUNT }, (_, index) => {
  const age = index % 97 === 5 ? "forty" : String(index % 90);
  const note =
    index % 7 === 0 ? `"says ""${index}"",\nand goes on\r\n"` : "ä plain note of some length";
  return `${index},${age},${note}${index === COUNT - 1 ? "" : "\r\n"}`;
});
const FILE = Buffer.from(HEADER + RECORDS.join(""));

let database: TestDatabase;
let folder: Awaited<ReturnType<typeof temporaryFolder>>;
let service: ServiceProcess;

beforeAll(async () => {
  database = await openTestDatabase();
  folder = await temporaryFolder();
  service = await startServiceProcess({
    dir: folder.path,
    databaseUrl: database.url,
    settings: { ...SMALL_PIECES, minPartBytes: 300_000, maxPartBytes: 300_000 },
  });
});

afterAll(async () => {
  await service?.[Symbol.asyncDispose]();
  await database?.[Symbol.asyncDispose]();
  await folder?.[Symbol.asyncDispose]();
});

async function textOf(stream: ReadableStream<Uint8Array>): Promise<string> {
  const pieces: Uint8Array[] = [];
  for await (const piece of stream) pieces.push(piece);
  return Buffer.concat(pieces).toString();
}

/** The indexes of the records of an outcome. Fails when its bytes are anything but the header and records in order. */
async function indexesOf(jobId: string, outcome: (typeof OUTCOMES)[number]): Promise<number[]> {
  const text = await textOf(await service.client.streamRecords(jobId, outcome));
  expect(text.startsWith(HEADER)).toBe(true);
  const found: number[] = [];
  let at = HEADER.length;
  for (const [index, record] of RECORDS.entries()) {
    if (!text.startsWith(record, at)) continue;
    found.push(index);
    at += record.length;
  }
  expect(at).toBe(text.length);
  return found;
}

/** Every record is in exactly one outcome; returns how many are in each. */
async function expectWhole(jobId: string): Promise<number[]> {
  const lists = [];
  for (const outcome of OUTCOMES) lists.push(await indexesOf(jobId, outcome));
  const all = lists.flat().toSorted((left, right) => left - right);
  expect(all).toEqual(RECORDS.map((_, index) => index));
  const bytes = HEADER + all.map((index) => RECORDS[index]).join("");
  expect(Buffer.from(bytes).equals(FILE)).toBe(true);
  return lists.map((list) => list.length);
}

async function ndjsonOf(jobId: string, outcome: (typeof OUTCOMES)[number]) {
  const stream = await service.client.streamRecords(jobId, outcome, { format: "ndjson" });
  const lines = (await textOf(stream)).split("\n").filter((line) => line !== "");
  return lines.map((line) => JSON.parse(line) as { record: number; line: number; byte: number });
}

const start = (table: string, extra = {}) =>
  startImport(service.client, FILE, { table, types: { age: "integer" }, ...extra });

describe("the records of an import of several parts", () => {
  test("are exactly the input while it is paused, after it goes on, and at the end", async () => {
    const job = await start("whole", { pauseAfter: 15_000 });
    const paused = await waitForState(service.client, job.id, "paused");

    const inTheMiddle = await expectWhole(job.id);

    const { recordsWritten, recordsRejected } = paused.progress;
    expect(inTheMiddle).toEqual([recordsWritten, recordsRejected, COUNT - 15_000]);
    await service.client.act(job.id, "resume");
    const end = await waitForEnd(service.client, job.id);
    expect(end).toMatchObject({ state: "succeeded" });
    expect(await expectWhole(job.id)).toEqual([
      end.progress.recordsWritten,
      end.progress.recordsRejected,
      0,
    ]);
  });

  test("have the number, line and offset that they have in the file, in every part", async () => {
    const job = await start("numbered", { pauseAfter: 15_000 });
    await waitForState(service.client, job.id, "paused");
    let line = 2;
    let byte = Buffer.byteLength(HEADER);
    const places = RECORDS.map((text, index) => {
      const place = { record: index + 1, line, byte };
      line += text.match(/\r\n|\r|\n/g)?.length ?? 0;
      byte += Buffer.byteLength(text);
      return place;
    });

    const lists = [];
    for (const outcome of OUTCOMES) lists.push(await ndjsonOf(job.id, outcome));

    const found = lists
      .flat()
      .map(({ record, line: foundLine, byte: foundByte }) => ({
        record,
        line: foundLine,
        byte: foundByte,
      }))
      .toSorted((left, right) => left.record - right.record);
    expect(found).toEqual(places);
    const { rows } = await database.pool.query<{ parts: number }>(
      "select count(*)::int as parts from sluice.part where job_id = $1 and part_no > 0 and next_byte > first_byte",
      [job.id],
    );
    expect(rows[0]?.parts).toBeGreaterThan(1);
  });

  test("are one moment of a job that runs, and exactly the input after it was stopped", async () => {
    const job = await start("stopped", { pauseAfter: 30_000 });
    const written = await indexesOf(job.id, "written");
    expect(written.filter((index) => index % 97 === 5)).toEqual([]);
    await waitForState(service.client, job.id, "paused");
    await service.client.act(job.id, "stop");

    const [kept, rejected, unprocessed] = await expectWhole(job.id);

    expect(kept).toBe(0);
    expect(rejected).toBeGreaterThan(100);
    expect(unprocessed).toBe(COUNT - (rejected ?? 0));
  });

  test("are exactly the input when publishing rejects records, of every part", async () => {
    await database.pool.query("create table keyed (id int primary key, age int, note text)");
    await database.pool.query("insert into keyed select 1000 * i from generate_series(0, 39) i");
    const job = await startImport(service.client, FILE, { table: "keyed", mode: "append" });
    const end = await waitForEnd(service.client, job.id);
    expect(end).toMatchObject({ state: "succeeded" });

    const [written, rejected, unprocessed] = await expectWhole(job.id);

    const { recordsWritten, recordsRejected } = end.progress;
    expect([written, rejected, unprocessed]).toEqual([recordsWritten, recordsRejected, 0]);
    const refused = await indexesOf(job.id, "rejected");
    expect(refused.filter((index) => index % 1000 === 0)).toHaveLength(40);
  });

  test("are exactly the input after a failure", async () => {
    const job = await start("failed", { maxRejected: 50 });
    expect(await waitForEnd(service.client, job.id)).toMatchObject({
      state: "failed",
      failure: { code: "too_many_rejected" },
    });

    const [written, rejected] = await expectWhole(job.id);

    expect(written).toBeGreaterThan(0);
    expect(rejected).toBeGreaterThan(50);
  });
});
