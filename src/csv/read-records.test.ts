import { gzipSync } from "node:zlib";
import fc from "fast-check";
import iconv from "iconv-lite";
import { describe, expect, it } from "vitest";
import type { ReadingOptions } from "../core/reading-options.ts";
import type { Rejection } from "../core/rejection.ts";
import { recordTexts } from "./field-text.ts";
import { readRecords } from "./read-records.ts";
import type { StoredSource } from "./stored-source.ts";

/** A file in memory, of which each read gives at most `pieceBytes`. */
function storedOf(bytes: Uint8Array, pieceBytes = 1e9): StoredSource {
  return {
    bytes: bytes.length,
    open: ({ start, end }) => {
      let position = start;
      return Promise.resolve({
        read: (into) => {
          const until = Math.min(end, position + Math.min(into.length, pieceBytes));
          const piece = bytes.subarray(position, until);
          into.set(piece);
          position += piece.length;
          return Promise.resolve(piece.length);
        },
        close: () => Promise.resolve(),
      });
    },
  };
}

interface Reading {
  readonly records: string[][];
  readonly rejections: Rejection[];
  readonly error: unknown;
}

async function read(
  text: string | Uint8Array,
  reading: ReadingOptions = {},
  pieceBytes = 1e9,
): Promise<Reading> {
  const bytes = typeof text === "string" ? new TextEncoder().encode(text) : text;
  const records: string[][] = [];
  const rejections: Rejection[] = [];
  const taker = {
    record: (window: Uint8Array, found: Parameters<typeof recordTexts>[1], escape: number) => {
      records.push(recordTexts(window, found, escape));
      return records.length % 3 === 0 ? Promise.resolve() : undefined;
    },
    rejection: (rejection: Rejection) => {
      rejections.push(rejection);
      return undefined;
    },
  };
  const readBytes = Math.min(pieceBytes, 1e6);
  try {
    await readRecords(storedOf(bytes, pieceBytes), { reading, readBytes }, taker);
    return { records, rejections, error: null };
  } catch (error) {
    return { records, rejections, error };
  }
}

describe("reading records", () => {
  it("gives the header and every record, blank lines and comments left out", async () => {
    expect(await read('a;b\n\n#x\n1;"x\ny"\n2\n', { comment: "#" })).toEqual({
      records: [["a", "b"], ["1", "x\ny"], ["2"]],
      rejections: [],
      error: null,
    });
  });

  it.each(["", "\uFEFF"])("gives nothing for an empty file: %j", async (text) => {
    expect(await read(text)).toEqual({ records: [], rejections: [], error: null });
  });

  it("rejects records with their number, line and byte", async () => {
    const bytes = Buffer.concat([
      Buffer.from('a\n\n"b"c\n'),
      Buffer.from("d\xff\n12345", "latin1"),
    ]);
    const { records, rejections } = await read(bytes, { encoding: "utf-8", maxFieldBytes: 4 });

    expect(records).toEqual([["a"]]);
    expect(rejections).toMatchObject([
      { record: 1, line: 3, byte: 3, byteLength: 4, code: "text_after_quote" },
      {
        record: 2,
        line: 4,
        byte: 8,
        code: "invalid_encoding",
        message: "byte FF at 9 is not UTF-8",
      },
      { record: 3, line: 5, byte: 11, code: "field_too_large" },
    ]);
  });

  it.each<[string, string | Uint8Array, ReadingOptions, number | undefined]>([
    ["text_after_quote", '"a"b\n1\n', {}, 1],
    ["text_after_quote", 'a\n"b"c\n', { brokenQuotes: "fail" }, 2],
    ["encoding_required", Buffer.from("a\xff\n1\n", "latin1"), { encoding: "utf-8" }, 1],
    ["record_too_large", "abcdef\n", { maxFieldBytes: 5 }, 1],
    ["record_too_large", `a\n${"b".repeat(60)}\n`, { maxRecordBytes: 50 }, 2],
    ["unclosed_quote", 'a\nb,"c\n\n', {}, 2],
    ["unsupported_format", "%PDF-1.4", {}, undefined],
    ["nested_compression", gzipSync(gzipSync("a\n")), {}, undefined],
    ["too_many_columns", ",".repeat(300_000), {}, 1],
  ])("ends with %s", async (code, text, options, line) => {
    expect((await read(text, options, 7e5)).error).toMatchObject({
      code,
      details: line === undefined ? {} : { line },
    });
  });

  it("names the quote that was open, in bytes of the source", async () => {
    const bytes = iconv.encode('é,é\né,"é\n', "utf-16le");
    const { error } = await read(bytes, { encoding: "utf-16le", delimiter: "," });

    expect(error).toMatchObject({ details: { line: 2, byte: 8, quoteLine: 2, quoteByte: 12 } });
  });

  it("names the byte that is not of a declared encoding, and its encoding", async () => {
    const bytes = Buffer.from("h\n€\x81,\n\x81\n".replace("€", "\x80"), "latin1");
    const { rejections } = await read(bytes, { encoding: "windows-1252" });

    expect(rejections).toMatchObject([
      { record: 1, byte: 2, byteLength: 3, message: "byte 81 at 3 is not windows-1252" },
      { record: 2, byte: 6, byteLength: 1, message: "byte 81 at 6 is not windows-1252" },
    ]);
  });

  it("reads what a packed file holds", async () => {
    const { records } = await read(gzipSync("a,b\n1,2\n"), {}, 5);

    expect(records).toEqual([
      ["a", "b"],
      ["1", "2"],
    ]);
  });

  it("decides by the first megabytes, and reads on behind them", async () => {
    const text = `a;b;c;d;e;f;g;h\n${"1;2;3;4;5;6;7;8\n".repeat(300_000)}`;

    expect((await read(text)).records.length).toBe(300_001);
    expect((await read(gzipSync(text))).records.length).toBe(300_001);
  });
});

function shown({ record, line, code }: Rejection): readonly unknown[] {
  return [record, line, code];
}

describe("properties", () => {
  const pieces = [
    "a",
    "é",
    "日",
    ",",
    ",",
    '"',
    '"',
    '""',
    "\n",
    "\r",
    "\r\n",
    " ",
    "x\n",
    '"q"z\n',
  ];
  const wild = fc.array(fc.constantFrom(...pieces), { maxLength: 30 }).map((list) => list.join(""));
  const encodings = fc.constantFrom("utf-16le", "utf-16be", "shift_jis", "gb18030", "euc-jp");

  it("reads transcoded text like UTF-8, with offsets of the source, in pieces of any size", async () => {
    await fc.assert(
      fc.asyncProperty(wild, encodings, async (middle, encoding) => {
        // Shift_JIS has no é: it stays what iconv-lite writes for it.
        const text = iconv.decode(iconv.encode(`h\n${middle}`, encoding), encoding);
        const bytes = iconv.encode(text, encoding, { addBOM: false });
        const options = { delimiter: "," };
        const plain = await read(text, options);
        for (const pieceBytes of [1, 3, 1e9]) {
          const other = await read(bytes, { ...options, encoding }, pieceBytes);
          expect(other.records).toEqual(plain.records);
          expect(other.rejections.map(shown)).toEqual(plain.rejections.map(shown));
          for (const { byte, byteLength, raw } of other.rejections)
            expect(iconv.decode(bytes.subarray(byte, byte + byteLength), encoding)).toBe(
              Buffer.from(raw).toString(),
            );
        }
      }),
      { numRuns: 150 },
    );
  });

  it("never fails on random bytes but with a code, the same for every way they are cut", async () => {
    const names = fc.constantFrom("utf-8", "windows-1252", "shift_jis", "gb18030", "utf-16le");
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 120 }), names, async (bytes, encoding) => {
        const whole = await read(bytes, { encoding });
        if (whole.error !== null) expect(whole.error).toHaveProperty("code");
        for (const pieceBytes of [1, 7])
          expect(await read(bytes, { encoding }, pieceBytes)).toEqual(whole);
      }),
      { numRuns: 200 },
    );
  });

  it("keeps its memory while it reads what has no end", async () => {
    const before = process.memoryUsage();
    let most = 0;
    const bytes = new Uint8Array(1024 * 1024).fill(0x61);
    const endless: StoredSource = {
      bytes: 1e12,
      open: () =>
        Promise.resolve({
          read: (into) => {
            const { arrayBuffers } = process.memoryUsage();
            most = Math.max(most, arrayBuffers - before.arrayBuffers);
            into.set(bytes.subarray(0, into.length));
            return Promise.resolve(Math.min(into.length, bytes.length));
          },
          close: () => Promise.resolve(),
        }),
    };

    await expect(
      readRecords(
        endless,
        { reading: {} },
        { record: () => undefined, rejection: () => undefined },
      ),
    ).rejects.toMatchObject({ code: "record_too_large" });
    // Reserved, not written: the windows grow fourfold, up to the longest record.
    expect(most).toBeLessThan(128 * 1024 * 1024);
  });
});
