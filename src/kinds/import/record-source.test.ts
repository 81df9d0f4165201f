import fc from "fast-check";
import iconv from "iconv-lite";
import { describe, expect, test } from "vitest";
import type { RecordSource, RejectedOffsets } from "../../core/record-ports.ts";
import {
  RECORD_OUTCOMES,
  rangesOf,
  type RecordOutcome,
  type RecordPlace,
} from "../../core/record-ranges.ts";
import type { Rejection } from "../../core/rejection.ts";
import {
  bytesOf,
  packedOf,
  planFor,
  rejectionOf,
  scene,
  storeOf,
  write,
  type Read,
} from "../../../test/support/record-scene.ts";
import { createRecordReading } from "./record-source.ts";

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
    text: iconv.decode(Buffer.concat(await collect(bytes)), read.layout.encoding, {
      stripBOM: false,
    }),
  };
}

describe("the records of a source, read again", () => {
  test("are the three outcomes, as fields and as their bytes, for every size of reading", async () => {
    await fc.assert(
      fc.asyncProperty(scene, async (given) => {
        const read = write(given);
        const { layout, header } = read;
        const store = storeOf(layout.isPacked ? packedOf(read.bytes) : read.bytes);
        const reading = createRecordReading(store, { readBytes: given.readBytes });
        const source = await reading.open(planFor(read.bytes, header, { layout }));
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
        expect(Buffer.from(source.headBytes(false))).toEqual(bytesOf(header, layout));
        expect(source.header).toEqual(["id", "name"]);
        expect(store.openCount()).toBe(0);
      }),
      { numRuns: 300 },
    );
  });

  test("have the rest in one piece where a quote is never closed", async () => {
    const bytes = bytesOf('id,name\n1,a\n2,"b\n3,c\n');
    const source = await createRecordReading(storeOf(bytes)).open(planFor(bytes, "id,name\n"));
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
    const bytes = bytesOf('\ufeff\n"id",name\n1,a,,\n2\n');
    const source = await createRecordReading(storeOf(bytes)).open(
      planFor(bytes, '\ufeff\n"id",name\n'),
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

  test("have reasons in the encoding and dialect of the file, as far as it has the characters", async () => {
    for (const encoding of ["utf-16le", "windows-1252"]) {
      const layout = { encoding, mark: "", delimiter: "||", isPacked: true };
      const bytes = bytesOf("id||name\n1||a\n", layout);
      const source = await createRecordReading(storeOf(packedOf(bytes))).open(
        planFor(bytes, "id||name\n", { layout }),
      );
      const start = { byte: bytesOf("id||name\n", layout).length, record: 1, line: 2 };
      const rejection = rejectionOf({ ...start, byteLength: bytesOf("1||a", layout).length });
      const { pages } = pagesIn([{ ...rejection, column: "日|", message: "ä" }]);

      const copied = Buffer.concat(await collect(source.copyRejected(pages(), true)));

      expect(Buffer.from(source.headBytes(true))).toEqual(
        bytesOf("_line||_column||_code||_reason||id||name\n", layout),
      );
      const column = encoding === "utf-16le" ? '"日|"' : '"?|"';
      expect(copied).toEqual(bytesOf(`2||${column}||too_long||ä||1||a\n`, layout));
    }
  });

  test("keep their bytes where reading options change their fields", async () => {
    const text = "id,name\n 1 , a\n\n2\n3,\0\n";
    const bytes = bytesOf(text);
    const reading = { trim: true, shortRecords: "pad", nul: "replace" } as const;
    const source = await createRecordReading(storeOf(bytes)).open(
      planFor(bytes, "id,name\n", { reading }),
    );
    const start = { byte: 8, record: 1, line: 2 };
    const range = { start, endByte: bytes.length, hasRejected: false };
    const { offsets } = pagesIn([]);

    const records = (await collect(source.readRecords([range], offsets))).flat();
    const copied = Buffer.concat(await collect(source.copyRecords([range], offsets))).toString();

    expect(records).toMatchObject([
      { record: 1, line: 2, byte: 8, byteLength: 6, fields: ["1", "a"] },
      { record: 2, line: 4, byte: 16, byteLength: 1, fields: ["2", ""] },
      { record: 3, line: 5, byte: 18, byteLength: 3, fields: ["3", "\ufffd"] },
    ]);
    expect(copied).toBe(" 1 , a\n2\n3,\0\n");
  });

  test("have made-up names where the file has no header", async () => {
    const bytes = bytesOf("\ufeff1,2\n");
    const source = await createRecordReading(storeOf(bytes)).open(
      planFor(bytes, "\ufeff", { reading: { header: false } }),
    );

    expect(source.header).toEqual(["column_1", "column_2"]);
    expect([...source.headBytes(true)]).toEqual([0xef, 0xbb, 0xbf]);
  });

  test("free the file when nobody takes the rest", async () => {
    const bytes = bytesOf(`id,name\n${"1,a\n".repeat(200_000)}`);
    const store = storeOf(bytes);
    const source = await createRecordReading(store).open(planFor(bytes, "id,name\n"));
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
    const bytes = bytesOf("id,name\n1,a\n");
    const plan = planFor(bytes, "id,name\n");
    const changed = { ...plan, source: { ...plan.source, bytes: 5 } };

    await expect(createRecordReading(storeOf(bytes)).open(changed)).rejects.toMatchObject({
      code: "source_changed",
    });
  });
});
