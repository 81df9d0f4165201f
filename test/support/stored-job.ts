/** Builders for tests of the store: a job over a made-up file, and chunks for it. */
import { createHash } from "node:crypto";
import type { ImportPlan, PlannedColumn } from "../../src/core/import-plan.ts";
import type { Dispatcher, EncodedChunk, PartWork } from "../../src/core/ports.ts";
import { decideReading } from "../../src/core/reading-options.ts";
import type { Rejection } from "../../src/core/rejection.ts";
import type { JobStore, NewJob } from "../../src/core/store-ports.ts";

/** A dispatcher that drops every message: nothing may depend on one. */
export const LOSING_DISPATCHER: Dispatcher = {
  dispatch: () => Promise.resolve(),
  take: () => Promise.resolve([]),
  done: () => Promise.resolve(),
  stop: () => Promise.resolve(),
};

/** For publishing whose rows are all taken: no part is read again. */
export const NO_READING: PartWork["openPart"] = () =>
  Promise.reject(new Error("No row is refused here."));

const RECORD_BYTES = 10;

function column(field: number, name: string, type: "integer" | "text"): PlannedColumn {
  return {
    field,
    header: name,
    column: name,
    type,
    sqlType: type,
    isRequired: false,
    reason: "declared",
  };
}

/** A plan for a file of `records` records of ten bytes without a header, one integer and one text column. */
function aPlan(job: {
  id: string;
  staging: string;
  file: string;
  records: number;
  table: string;
}): ImportPlan {
  return {
    mode: "create",
    target: { schema: "public", table: job.table },
    staging: job.staging,
    recordColumn: "#record",
    dialect: { delimiter: 0x2c, quote: 0x22, escape: 0x22 },
    start: { byte: 0, line: 1 },
    width: 2,
    columns: [column(0, "n", "integer"), column(1, "name", "text")],
    source: { file: job.file, bytes: job.records * RECORD_BYTES, sha256: "0".repeat(64) },
    encoding: "utf-8",
    reading: decideReading({}),
    isSplittable: true,
    warnings: [],
  };
}

/** Inserts a file and a queued job for it, and returns the job. */
export async function insertJob(
  store: JobStore,
  options: {
    records?: number;
    table?: string;
    door?: "api" | "flat";
    partBytes?: number;
    mode?: "create" | "append";
  } = {},
): Promise<NewJob & { outcome: Awaited<ReturnType<JobStore["insertJob"]>> }> {
  const records = options.records ?? 100;
  const table =
    options.table ??
    `t_${createHash("sha256").update(store.newJobId()).digest("hex").slice(0, 12)}`;
  const fileId = store.newFileId();
  await store.insertFile({
    id: fileId,
    name: "people.csv",
    bytes: records * RECORD_BYTES,
    sha256: "0".repeat(64),
  });
  const id = store.newJobId();
  const plan = {
    ...aPlan({ id, staging: store.stagingName(id), file: fileId, records, table }),
    mode: options.mode ?? "create",
  };
  const job: NewJob = {
    id,
    door: options.door ?? "api",
    name: `people.csv → public.${table}`,
    request: { kind: "import", file: fileId, table },
    plan,
    state: "queued",
    createdBy: "test",
    idempotencyKey: null,
    parent: null,
    partBytes: options.partBytes ?? Number.MAX_SAFE_INTEGER,
    waitsForByte: null,
  };
  return { ...job, outcome: await store.insertJob(job) };
}

/** A chunk of records `from` to `to` (not included), counted from 0; those in `rejected` are rejections. */
export function aChunk(
  from: number,
  to: number,
  rejected: readonly number[] = [],
  valueOf: (record: number) => string = String,
): EncodedChunk {
  const offsets = [0];
  let rows = "";
  const written: number[] = [];
  for (let record = from; record < to; record += 1) {
    if (rejected.includes(record)) continue;
    rows += `${record + 1}\t${valueOf(record)}\tname ${record}\n`;
    offsets.push(Buffer.byteLength(rows));
    written.push(record);
  }
  const origin = (record: number) => ({
    record: record + 1,
    line: record + 1,
    byte: record * RECORD_BYTES,
    byteLength: RECORD_BYTES - 1,
    raw: Buffer.from(`raw\0\t\\ ${record}`),
  });
  return {
    fromByte: from * RECORD_BYTES,
    toByte: to * RECORD_BYTES,
    nextRecord: to + 1,
    nextLine: to + 1,
    counts: { read: to - from, written: written.length, rejected: rejected.length, filtered: 0 },
    notes: { bareQuotes: 0, blankLines: 0, lineEnds: { lf: to - from, crlf: 0, cr: 0 } },
    rows: new Uint8Array(Buffer.from(rows)),
    rowOffsets: offsets,
    rowOrigins: (row) => origin(written[row] ?? 0),
    rejections: rejected.map((record): Rejection => ({
      ...origin(record),
      column: "n",
      value: "a\tb\\c\nd\0",
      code: "invalid_integer",
      message: "not a whole number",
    })),
  };
}

/** The same chunk in the binary format. The values of all its rows are whole numbers. */
export function asBinary(chunk: EncodedChunk): EncodedChunk {
  const offsets = [0];
  const rows = Buffer.from(chunk.rows)
    .toString()
    .split("\n")
    .slice(0, -1)
    .map((line) => {
      const [record = "", value = "", name = ""] = line.split("\t");
      const row = Buffer.alloc(2 + 12 + 8 + 4 + Buffer.byteLength(name));
      row.writeInt16BE(3);
      row.writeInt32BE(8, 2);
      row.writeBigInt64BE(BigInt(record), 6);
      row.writeInt32BE(4, 14);
      row.writeInt32BE(Number(value), 18);
      row.writeInt32BE(Buffer.byteLength(name), 22);
      row.write(name, 26);
      offsets.push((offsets.at(-1) ?? 0) + row.length);
      return row;
    });
  return { ...chunk, rows: Buffer.concat(rows), rowOffsets: offsets };
}

/** The columns of `aChunk`'s rows. */
export const COPY_COLUMNS = ["#record", "n", "name"];
