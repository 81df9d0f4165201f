import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { ImportPlan } from "../../core/import-plan.ts";
import type { Part } from "../../core/job.ts";
import type { ByteSource, ChunkLimits, EncodedChunk } from "../../core/ports.ts";
import { decideReading } from "../../core/reading-options.ts";
import type { Rejection } from "../../core/rejection.ts";
import { showRows } from "../../../test/support/binary-rows.ts";
import { ImportPartReader } from "./part-reader.ts";

const NO_LIMITS: ChunkLimits = { sourceBytes: 1e9, records: 1e9 };
const CHUNK_LIMITS = [
  NO_LIMITS,
  { sourceBytes: 1, records: 1e9 },
  { sourceBytes: 1e9, records: 2 },
];
const MAX_OUTPUT_BYTES = 16 * 1024 * 1024;

/** A plan for data records of an integer and a text, without header. */
function planFor(text: string, rest: Partial<ImportPlan> = {}): ImportPlan {
  const common = { isRequired: false, reason: "test" };
  return {
    mode: "create",
    target: { schema: "public", table: "t" },
    staging: "s",
    recordColumn: "#record",
    dialect: { delimiter: 0x2c, quote: 0x22, escape: 0x22 },
    start: { byte: 0, line: 1 },
    width: 2,
    columns: [
      { field: 0, header: "n", column: "n", type: "integer", sqlType: "integer", ...common },
      { field: 1, header: "t", column: "t", type: "text", sqlType: "text", ...common },
    ],
    source: { file: "f", bytes: Buffer.byteLength(text), sha256: "" },
    encoding: "utf-8",
    reading: decideReading({ maxFieldBytes: 1_000_000, maxRecordBytes: 2_000_000 }),
    isSplittable: true,
    warnings: [],
    ...rest,
  };
}

interface Setting {
  readonly plan?: ImportPlan;
  readonly part?: Partial<Part>;
  readonly readBytes?: number;
}

/** A reader over text in memory, from the part's checkpoint to one byte past the part. */
function readerOf(text: string, setting: Setting = {}): ImportPartReader {
  const { plan = planFor(text), readBytes = 1e6 } = setting;
  const part: Part = {
    jobId: "j",
    partNo: 1,
    firstByte: 0,
    endByte: plan.source.bytes,
    nextByte: 0,
    nextRecord: 1,
    nextLine: 1,
    ...setting.part,
  };
  const bytes = new TextEncoder().encode(text).subarray(0, part.endByte + 1);
  let position = part.nextByte;
  const source: ByteSource = {
    read: (into) => {
      const piece = bytes.subarray(position, position + Math.min(into.length, readBytes));
      into.set(piece);
      position += piece.length;
      return Promise.resolve(piece.length);
    },
    close: () => Promise.resolve(),
  };
  return new ImportPartReader(plan, part, source, { readBytes });
}

interface Reading {
  readonly rows: string;
  readonly origins: readonly (readonly [record: number, line: number, raw: string])[];
  readonly rejections: readonly Rejection[];
  readonly sizes: readonly number[];
  readonly error: unknown;
}

/** Reads to the end or to the error, checking what every chunk promises. */
async function readAll(reader: ImportPartReader, limits = NO_LIMITS): Promise<Reading> {
  const chunks: string[] = [];
  const origins: [number, number, string][] = [];
  const rejections: Rejection[] = [];
  let error: unknown = null;
  let next = { byte: 0, record: 1 };
  try {
    for (let chunk = await reader.next(limits); chunk !== null; chunk = await reader.next(limits)) {
      checkBooks(chunk, next);
      for (let row = 0; row < chunk.counts.written; row++) {
        const { record, line, raw } = chunk.rowOrigins(row);
        origins.push([record, line, textOf(raw)]);
      }
      chunks.push(showRows(chunk.rows));
      rejections.push(...chunk.rejections);
      next = { byte: chunk.toByte, record: chunk.nextRecord };
    }
  } catch (thrown) {
    error = thrown;
  }
  const sizes = chunks.map((chunk) => chunk.length);
  return { rows: chunks.join(""), origins, rejections, sizes, error };
}

function checkBooks(chunk: EncodedChunk, from: { byte: number; record: number }): void {
  const { read, written, rejected, filtered } = chunk.counts;
  expect(chunk.fromByte).toBe(from.byte);
  expect(chunk.toByte).toBeGreaterThan(from.byte);
  expect([written + rejected + filtered, chunk.nextRecord - from.record]).toEqual([read, read]);
  expect(chunk.rejections.length).toBe(rejected);
  expect(chunk.rowOffsets.length).toBe(written + 1);
  const starts = Array.from({ length: written }, (_, row) => {
    const line = showRows(chunk.rows.subarray(chunk.rowOffsets[row], chunk.rowOffsets[row + 1]));
    return Number(/^(\d+)\t.*\n$/.exec(line)?.[1]);
  });
  expect(starts).toEqual(starts.map((_, row) => chunk.rowOrigins(row).record));
}

function textOf(bytes: Uint8Array = new Uint8Array(0)): string {
  return Buffer.from(bytes).toString();
}

describe("a part reader", () => {
  it("encodes good records and rejects bad ones with their place in the file", async () => {
    const reading = await readAll(readerOf('1,a\r\n\nforty,b\n2,"c\nd"\n3\n4,e'));

    expect(reading.rows).toBe("1\t1\ta\n3\t2\tc\\nd\n5\t4\te\n");
    expect(reading.origins).toEqual([
      [1, 1, "1,a"],
      [3, 4, '2,"c\nd"'],
      [5, 7, "4,e"],
    ]);
    expect(reading.rejections).toEqual([
      {
        record: 2,
        line: 3,
        byte: 6,
        byteLength: 7,
        column: "n",
        value: "forty",
        code: "invalid_integer",
        message: '"forty" is not a whole number',
        raw: new TextEncoder().encode("forty,b"),
      },
      expect.objectContaining({ record: 4, line: 6, byte: 22, code: "too_few_fields" }),
    ]);
  });

  it("gives the same for any chunks and any reads", async () => {
    const pieces = [
      "1,a",
      '2,"b\n\r\nc"',
      '3,"d""e"',
      "x,f",
      "4",
      '5,"g"h,"',
      '6 ft",i',
      "",
      '7,""',
      "8,é",
    ];
    const ends = fc.constantFrom("\n", "\r\n", "\r");
    const lines = fc.array(fc.tuple(fc.constantFrom(...pieces), ends), { maxLength: 12 });
    await fc.assert(
      fc.asyncProperty(lines, async (list) => {
        const text = list.map((line) => line.join("")).join("");
        const { sizes: _, ...whole } = await readAll(readerOf(text));
        for (const limits of CHUNK_LIMITS)
          for (const readBytes of [1, 7])
            expect(await readAll(readerOf(text, { readBytes }), limits)).toMatchObject(whole);
      }),
    );
  });

  it("goes on from any checkpoint as if it had never stopped", async () => {
    const text = '1,a\n"2","b\nc"\nx,y\n\n3,d\n';
    const whole = await readAll(readerOf(text));
    const reader = readerOf(text);
    const limits = { sourceBytes: 1, records: 1 };
    let rows = "";
    for (let chunk = await reader.next(limits); chunk !== null; chunk = await reader.next(limits)) {
      rows += showRows(chunk.rows);
      const { toByte: nextByte, nextRecord, nextLine } = chunk;
      const rest = readerOf(text, { part: { nextByte, nextRecord, nextLine } });
      expect(rows + showRows((await rest.next(NO_LIMITS))?.rows)).toBe(whole.rows);
    }
    expect(rows).toBe(whole.rows);
  });

  it("keeps a chunk's buffers until the second call after it", async () => {
    const reader = readerOf("1,aaaa\n2,bbbb\n3,cccc\n", { readBytes: 3 });
    const limits = { sourceBytes: 1e9, records: 1 };

    const first = await reader.next(limits);
    await reader.next(limits);

    expect(showRows(first?.rows)).toBe("1\t1\taaaa\n");
    expect(textOf(first?.rowOrigins(0).raw)).toBe("1,aaaa");
  });

  it("ends a chunk at exactly the records it may hold", async () => {
    const reader = readerOf("1,a\n\n2,b\nx,c\n4,d\n");
    const chunk = await reader.next({ sourceBytes: 1e9, records: 3 });

    expect(reader.copyColumns).toEqual(["#record", "n", "t"]);
    expect(chunk).toMatchObject({
      toByte: 13,
      nextRecord: 4,
      nextLine: 5,
      counts: { read: 3, written: 2, rejected: 1, filtered: 0 },
      notes: { bareQuotes: 0, blankLines: 1, lineEnds: { lf: 4, crlf: 0, cr: 0 } },
    });
  });

  it("ends a chunk early when it holds many rejections or much output", async () => {
    const bad = await readAll(readerOf("x\n".repeat(5000)));
    const long = await readAll(readerOf(`1,"${"x".repeat(900_000)}"\n`.repeat(24)));

    expect([bad.sizes.length, bad.rejections.length]).toEqual([3, 5000]);
    expect([long.sizes.length, long.origins.length]).toEqual([2, 24]);
    expect(Math.max(...long.sizes)).toBeLessThanOrEqual(MAX_OUTPUT_BYTES);
  });

  it("lets other work of the thread have its turn", async () => {
    const reader = readerOf(`1,${"x".repeat(1000)}\n`.repeat(1000), { readBytes: 2e6 });
    let turns = 0;
    let isReading = true;
    const count = (): void => {
      turns++;
      if (isReading) setImmediate(count);
    };
    setImmediate(count);

    await reader.next(NO_LIMITS);
    isReading = false;

    expect(turns).toBeGreaterThanOrEqual(3);
  });

  it("rejects a field that is too large and goes on", async () => {
    const reading = await readAll(readerOf(`1,${"x".repeat(1_000_001)}\n2,b\n`));

    expect(reading.rows).toBe("2\t2\tb\n");
    expect(reading.rejections).toMatchObject([{ record: 1, code: "field_too_large", column: "t" }]);
  });
});

describe("what ends a job", () => {
  it.each(CHUNK_LIMITS)(
    "is an unclosed quote, after all before it, in chunks of %j",
    async (limits) => {
      const reader = readerOf('1,a\n2,"b\nc"\n3,\n4,"d\n5,e\n', { readBytes: 4 });

      expect(await readAll(reader, limits)).toMatchObject({
        rows: "1\t1\ta\n2\t2\tb\\nc\n3\t3\t\\N\n",
        error: {
          code: "unclosed_quote",
          message:
            "The quote that opens on line 5 (byte 17) is never closed. Its record starts on line 5.",
          details: { record: 4, line: 5, byte: 15, quoteLine: 5, quoteByte: 17 },
        },
      });
    },
  );

  it.each(CHUNK_LIMITS)("is a record that is too large, in chunks of %j", async (limits) => {
    const text = `1,a\n2,"b\n${"x".repeat(60)}\n`;
    const plan = planFor(text, {
      reading: decideReading({ maxFieldBytes: 50, maxRecordBytes: 50 }),
    });

    expect(await readAll(readerOf(text, { plan, readBytes: 4 }), limits)).toMatchObject({
      rows: "1\t1\ta\n",
      error: {
        code: "record_too_large",
        message:
          "The record that starts on line 2 is longer than 50 bytes. A quote that opens on line 2 (byte 6) is still open there.",
      },
    });
  });

  it.each([2, 4, 8, 9, 11])(
    "is a part that ends at byte %i, where no record does",
    async (endByte) => {
      const reader = readerOf('1,a\r\n2,"b\nc"\n3,d\n', { part: { endByte } });

      expect((await readAll(reader)).error).toMatchObject({ code: "balance_mismatch" });
    },
  );

  it("is a source that ends before its time", async () => {
    const plan = planFor("1,a\n".repeat(50));

    expect((await readAll(readerOf("1,a\n".repeat(10), { plan }))).error).toMatchObject({
      code: "source_changed",
      message: "Expected 200 bytes in the file, but it ends at byte 40.",
    });
  });
});
