import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { ImportPlan } from "../../core/import-plan.ts";
import type { FileStore, RecordSource, RejectedOffsets, SourceRecord } from "../../core/ports.ts";
import {
  RECORD_OUTCOMES,
  rangesOf,
  type BookedRecords,
  type RecordOutcome,
  type RecordPlace,
} from "../../core/record-ranges.ts";
import type { Rejection } from "../../core/rejection.ts";
import { createRecordReading } from "./record-source.ts";

const HEADER = "\ufeffid,name\r\n";
const ENCODER = new TextEncoder();

const refuse = (): never => {
  throw new Error("records are read, not written");
};

/** One file in memory. What was opened is counted down when it is closed. */
function storeOf(bytes: Uint8Array): FileStore & { openCount(): number } {
  let open = 0;
  return {
    put: refuse,
    remove: refuse,
    stat: () => Promise.resolve({ bytes: bytes.length }),
    open: (_fileId, { start, end }) => {
      open++;
      let position = start;
      let isClosed = false;
      return Promise.resolve({
        read: (into) => {
          const piece = bytes.subarray(position, Math.min(position + into.length, end));
          into.set(piece);
          position += piece.length;
          return Promise.resolve(piece.length);
        },
        close: () => {
          if (!isClosed) open--;
          isClosed = true;
          return Promise.resolve();
        },
      });
    },
    openCount: () => open,
  };
}

function planFor(bytes: Uint8Array, header: string): ImportPlan {
  const start = { byte: ENCODER.encode(header).length, line: linesIn(header) + 1 };
  return {
    mode: "create",
    target: { schema: "public", table: "t" },
    staging: "s",
    recordColumn: "#record",
    dialect: { delimiter: 0x2c, quote: 0x22, escape: 0x22 },
    start,
    width: 2,
    columns: [],
    source: { file: "file", bytes: bytes.length, sha256: "" },
    limits: { maxFieldBytes: 100, maxRecordBytes: 1000 },
    isSplittable: true,
    warnings: [],
  };
}

const linesIn = (text: string): number => text.match(/\r\n|\r|\n/g)?.length ?? 0;

/** A record as it is written, and as it must be read. */
interface Written {
  readonly text: string;
  readonly fields: readonly string[] | null;
  readonly isRejected: boolean;
}

const field = fc.oneof(
  fc.string({ unit: fc.constantFrom("a", "ä", "😀", " ", "\t"), maxLength: 6 }).map((text) => ({
    text,
    value: text,
  })),
  fc
    .string({ unit: fc.constantFrom("a", '"', ",", "\n", "\r", "é"), maxLength: 8 })
    .map((value) => ({ text: `"${value.replaceAll('"', '""')}"`, value })),
);
const record: fc.Arbitrary<Written> = fc.oneof(
  fc
    .record({ fields: fc.array(field, { minLength: 2, maxLength: 4 }), isRejected: fc.boolean() })
    .map(({ fields, isRejected }) => ({
      text: fields.map(({ text }) => text).join(","),
      fields: fields.map(({ value }) => value),
      isRejected,
    })),
  fc.constant({ text: '"x" y,"z', fields: null, isRejected: true }),
);
const scene = fc.record({
  records: fc.array(
    fc.record({
      record,
      end: fc.constantFrom("\n", "\r\n", "\r"),
      blank: fc.constantFrom("", "", "", "\r\n"),
    }),
    { maxLength: 25 },
  ),
  hasLastEnd: fc.boolean(),
  cuts: fc.array(fc.nat(25), { maxLength: 3 }),
  done: fc.array(fc.nat(25), { minLength: 4, maxLength: 4 }),
  isUndone: fc.boolean(),
  readBytes: fc.integer({ min: 1, max: 60 }),
});

interface Read {
  readonly bytes: Uint8Array;
  readonly records: readonly (SourceRecord & { readonly bytes: string })[];
  readonly books: BookedRecords;
  readonly rejections: readonly Rejection[];
}

/** Writes the file of a scene, and the books that a job would have made of it. */
function write({
  records,
  hasLastEnd,
  cuts,
  done,
  isUndone,
}: typeof scene extends fc.Arbitrary<infer T> ? T : never): Read {
  let text = HEADER;
  const all = records.map(({ record: { text: raw, fields, isRejected }, end, blank }, index) => {
    const lineEnd = index === records.length - 1 && !hasLastEnd ? "" : end;
    const byte = ENCODER.encode(text).length;
    const place = { byte, record: index + 1, line: linesIn(text) + 1 };
    text += raw + lineEnd + (lineEnd === "" ? "" : blank);
    const byteLength = ENCODER.encode(raw).length;
    const bytes = raw + lineEnd;
    return { ...place, byteLength, fields, failure: null, rejection: null, bytes, isRejected };
  });
  const bytes = ENCODER.encode(text);
  const end: RecordPlace = { byte: bytes.length, record: all.length + 1, line: linesIn(text) + 1 };
  const at = (index: number): RecordPlace => {
    const { byte, record: number, line } = all[index] ?? end;
    return { byte, record: number, line };
  };
  const borders = [...new Set([0, ...cuts.filter((cut) => cut < all.length), all.length])];
  borders.sort((left, right) => left - right);
  const isRead = new Set<number>();
  const parts = borders.slice(1).map((endIndex, index) => {
    const start = borders[index] ?? 0;
    const next = Math.min(start + (done[index] ?? 0), endIndex);
    for (let each = start; each < next; each++) isRead.add(each);
    const rejected = all.slice(start, next).filter((each) => each.isRejected).length;
    const endByte = at(endIndex).byte;
    return { partNo: index + 1, first: at(start), next: at(next), endByte, rejected };
  });
  const shown = all.map((each, index) => {
    const isRejected = each.isRejected && isRead.has(index);
    return isRejected ? { ...each, rejection: rejectionOf(each) } : each;
  });
  return {
    bytes,
    records: shown.map(({ isRejected: _isRejected, ...each }) => each),
    books: { parts, isUndone },
    rejections: shown.flatMap(({ rejection }) => (rejection === null ? [] : [rejection])),
  };
}

function rejectionOf({
  byte,
  record: number,
  line,
  byteLength,
}: RecordPlace & { byteLength: number }): Rejection {
  return {
    byte,
    record: number,
    line,
    byteLength,
    column: "name, last",
    value: null,
    code: "too_long",
    message: '"x" is longer',
    raw: new Uint8Array(0),
  };
}

/** Pages of one, so that every border between pages is met. */
function pagesIn(rejections: readonly Rejection[]) {
  const offsets: RejectedOffsets = async function* ({ start, endByte }) {
    for (const { byte } of rejections)
      if (byte >= start.byte && byte < endByte) yield await Promise.resolve([byte]);
  };
  async function* pages(): AsyncGenerator<readonly Rejection[]> {
    for (const rejection of rejections) yield await Promise.resolve([rejection]);
  }
  return { offsets, pages };
}

async function collect<T>(pieces: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const piece of pieces) all.push(piece);
  return all;
}

async function readAll(source: RecordSource, read: Read, outcome: RecordOutcome) {
  const ranges = rangesOf(read.books, outcome);
  const { offsets, pages } = pagesIn(read.rejections);
  const isRejected = outcome === "rejected";
  const records = isRejected ? source.readRejected(pages()) : source.readRecords(ranges, offsets);
  const bytes = isRejected
    ? source.copyRejected(pages(), false)
    : source.copyRecords(ranges, offsets);
  return {
    records: (await collect(records)).flat(),
    text: Buffer.concat(await collect(bytes)).toString(),
  };
}

describe("the records of a source, read again", () => {
  test("are the three outcomes, as fields and as their bytes, for every size of reading", async () => {
    await fc.assert(
      fc.asyncProperty(scene, async (given) => {
        const read = write(given);
        const store = storeOf(read.bytes);
        const reading = createRecordReading(store, { readBytes: given.readBytes });
        const source = await reading.open(planFor(read.bytes, HEADER), true);
        const isWritten = ({ record: number }: RecordPlace): boolean =>
          !read.books.isUndone &&
          read.books.parts.some((part) => number >= part.first.record && number < part.next.record);

        for (const outcome of RECORD_OUTCOMES) {
          const expected = read.records.filter((each) =>
            each.rejection !== null
              ? outcome === "rejected"
              : outcome === (isWritten(each) ? "written" : "unprocessed"),
          );
          const { records, text } = await readAll(source, read, outcome);

          expect(records).toEqual(expected.map(({ bytes: _bytes, ...each }) => each));
          expect(text).toBe(expected.map(({ bytes }) => bytes).join(""));
        }
        expect(Buffer.from(source.headBytes(false)).toString()).toBe(HEADER);
        expect(source.header).toEqual(["id", "name"]);
        expect(store.openCount()).toBe(0);
      }),
      { numRuns: 300 },
    );
  });

  test("have the rest in one piece where a quote is never closed", async () => {
    const bytes = ENCODER.encode('id,name\n1,a\n2,"b\n3,c\n');
    const source = await createRecordReading(storeOf(bytes)).open(
      planFor(bytes, "id,name\n"),
      true,
    );
    const range = {
      start: { byte: 8, record: 1, line: 2 },
      endByte: bytes.length,
      hasRejected: false,
    };
    const { offsets } = pagesIn([]);

    const records = (await collect(source.readRecords([range], offsets))).flat();
    const copied = Buffer.concat(await collect(source.copyRecords([range], offsets))).toString();

    expect(records).toMatchObject([
      { record: 1, fields: ["1", "a"], failure: null },
      { record: 2, line: 3, byte: 12, fields: null, failure: { code: "unclosed_quote" } },
    ]);
    expect(copied).toBe('1,a\n2,"b\n3,c\n');
  });

  test("begin with the reasons of their rejection when they are asked for", async () => {
    const bytes = ENCODER.encode('\ufeff\n"id",name\n1,a,,\n2\n');
    const source = await createRecordReading(storeOf(bytes)).open(
      planFor(bytes, '\ufeff\n"id",name\n'),
      true,
    );
    const first = rejectionOf({ byte: 14, record: 1, line: 3, byteLength: 5 });
    const second = {
      ...rejectionOf({ byte: 20, record: 2, line: 4, byteLength: 1 }),
      column: null,
    };
    const { pages } = pagesIn([first, second]);

    const copied = Buffer.concat(await collect(source.copyRejected(pages(), true))).toString();

    expect(Buffer.from(source.headBytes(true)).toString()).toBe(
      '\ufeff\n_line,_column,_code,_reason,"id",name\n',
    );
    expect(copied).toBe(
      '3,"name, last",too_long,"""x"" is longer",1,a,,\n4,,too_long,"""x"" is longer",2\n',
    );
  });

  test("have made-up names where the file has no header", async () => {
    const bytes = ENCODER.encode("\ufeff1,2\n");
    const source = await createRecordReading(storeOf(bytes)).open(planFor(bytes, "\ufeff"), false);

    expect(source.header).toEqual(["column_1", "column_2"]);
    expect([...source.headBytes(true)]).toEqual([0xef, 0xbb, 0xbf]);
  });

  test("free the file when nobody takes the rest", async () => {
    const bytes = ENCODER.encode(`id,name\n${"1,a\n".repeat(200_000)}`);
    const store = storeOf(bytes);
    const source = await createRecordReading(store).open(planFor(bytes, "id,name\n"), true);
    const range = {
      start: { byte: 8, record: 1, line: 2 },
      endByte: bytes.length,
      hasRejected: false,
    };
    const { offsets } = pagesIn([]);

    for (const all of [
      source.copyRecords([range], offsets),
      source.readRecords([range], offsets),
    ]) {
      const iterator = all[Symbol.asyncIterator]();
      await iterator.next();
      expect(store.openCount()).toBeGreaterThan(0);
      await iterator.return?.();
    }

    expect(store.openCount()).toBe(0);
  });

  test("are refused when the file has another size than the plan", async () => {
    const bytes = ENCODER.encode("id,name\n1,a\n");
    const plan = planFor(bytes, "id,name\n");
    const changed = { ...plan, source: { ...plan.source, bytes: 5 } };

    await expect(createRecordReading(storeOf(bytes)).open(changed, true)).rejects.toMatchObject({
      code: "source_changed",
    });
  });
});
