/** What reading options do to an import: from a stored file over its plan to rows and rejections, at any checkpoint. */
import { gzipSync } from "node:zlib";
import iconv from "iconv-lite";
import { describe, expect, it } from "vitest";
import type { ImportPlan } from "../../core/import-plan.ts";
import type { Part, StoredFile } from "../../core/job.ts";
import type { FileStore } from "../../core/ports.ts";
import type { ReadingOptions } from "../../core/reading-options.ts";
import type { Rejection } from "../../core/rejection.ts";
import { showRows } from "../../../test/support/binary-rows.ts";
import { importPlanner } from "./import-planner.ts";
import { createImportWork } from "./part-work.ts";

function refuse(): never {
  throw new Error("an import writes no files");
}

/** A store of one file in memory. */
function filesOf(bytes: Uint8Array): FileStore {
  return {
    put: refuse,
    adopt: refuse,
    remove: refuse,
    stat: () => Promise.resolve({ bytes: bytes.length, version: "1" }),
    open: (_, { start, end }) => {
      let position = start;
      return Promise.resolve({
        read: (into) => {
          const piece = bytes.subarray(position, Math.min(end, position + into.length));
          into.set(piece);
          position += piece.length;
          return Promise.resolve(piece.length);
        },
        close: () => Promise.resolve(),
      });
    },
  };
}

async function planOf(
  bytes: Uint8Array,
  reading: ReadingOptions,
): Promise<{ readonly plan: ImportPlan; readonly sample: readonly (readonly string[])[] }> {
  const createdAt = new Date(0);
  const file: StoredFile = { id: "f", name: "f", bytes: bytes.length, sha256: "", createdAt };
  const source = await importPlanner.readSample(filesOf(bytes), file, {
    reading,
    isMeasured: true,
  });
  const input = {
    request: { kind: "import", file: "f", reading } as const,
    file,
    ...source,
    target: { schema: "public", table: "t" },
    targetTable: null,
    staging: "s",
  };
  // With the number of the record, so that rows show it.
  const plan = { ...importPlanner.plan(input), recordColumn: "#record" };
  return { plan, sample: importPlanner.sampleRecords(plan, input, 5) };
}

interface Imported {
  readonly rows: string;
  readonly rejections: Rejection[];
  readonly origins: (readonly [record: number, byte: number, byteLength: number])[];
}

/** Reads everything in chunks of `records`, with a new reader from the checkpoint behind each. */
async function importAll(bytes: Uint8Array, plan: ImportPlan, records: number): Promise<Imported> {
  const work = createImportWork(filesOf(bytes), { readBytes: 7 });
  const made: Imported = { rows: "", rejections: [], origins: [] };
  let rows = "";
  const endByte = plan.source.bytes;
  const { byte: firstByte, line } = plan.start;
  let at = { nextByte: firstByte, nextRecord: 1, nextLine: line };
  while (at.nextByte < endByte) {
    const part: Part = { jobId: "j", partNo: 1, firstByte, endByte, ...at };
    const reader = await work.openPart(plan, part);
    const chunk = await reader.next({ sourceBytes: 1e9, records });
    if (chunk === null) throw new Error("a chunk before the end of the part");
    rows += showRows(
      chunk.rows,
      plan.columns.map(({ type }) => type),
    );
    made.rejections.push(...chunk.rejections);
    for (let row = 0; row < chunk.counts.written; row++) {
      const { record, byte, byteLength } = chunk.rowOrigins(row);
      made.origins.push([record, byte, byteLength]);
    }
    expect(chunk.fromByte).toBe(at.nextByte);
    at = { nextByte: chunk.toByte, nextRecord: chunk.nextRecord, nextLine: chunk.nextLine };
    await reader.close();
  }
  expect(at.nextByte).toBe(endByte);
  return { ...made, rows };
}

/** The rows and rejections, which are the same for chunks of any size. */
async function imported(bytes: Uint8Array, reading: ReadingOptions): Promise<Imported> {
  const { plan } = await planOf(bytes, reading);
  const whole = await importAll(bytes, plan, 1e9);
  for (const records of [1, 2]) expect(await importAll(bytes, plan, records)).toEqual(whole);
  return whole;
}

const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text);

describe("another encoding", () => {
  const text = 'é,n\r\nä,1\r\n"日\n本","x"y\r\nü,z\r\n"ö\n",4\r\nß,5';

  it.each(["utf-16le", "utf-16be", "gb18030"])(
    "of %s is read with offsets of the source",
    async (encoding) => {
      const known = text.replaceAll(/[éäüöß]/g, (letter) =>
        encoding === "gb18030" ? "中" : letter,
      );
      const bytes = iconv.encode(known, encoding, { addBOM: false });
      const { plan } = await planOf(bytes, { encoding, delimiter: "," });
      const { rows, rejections, origins } = await imported(bytes, { encoding, delimiter: "," });

      expect([plan.encoding, plan.isSplittable, plan.columns.length]).toEqual([encoding, false, 2]);
      const letters = encoding === "gb18030" ? "中中中中" : "äüöß";
      expect(rows).toBe(
        `1\t${letters[0]}\t1\n3\t${letters[1]}\tz\n4\t${letters[2]}\\n\t4\n5\t${letters[3]}\t5\n`,
      );
      expect(rejections).toMatchObject([{ record: 2, line: 3, code: "text_after_quote" }]);
      const shown = (byte: number, byteLength: number) =>
        iconv.decode(bytes.subarray(byte, byte + byteLength), encoding);
      expect(rejections.map(({ byte, byteLength }) => shown(byte, byteLength))).toEqual([
        '"日\n本","x"y',
      ]);
      expect(origins.map(([, byte, byteLength]) => shown(byte, byteLength))).toEqual([
        `${letters[0]},1`,
        `${letters[1]},z`,
        `"${letters[2]}\n",4`,
        `${letters[3]},5`,
      ]);
    },
  );

  it("rejects records with bytes that are not of it", async () => {
    const bytes = Buffer.from("h\n\x80\n\x81\nx\n", "latin1");

    expect(await imported(bytes, { encoding: "windows-1252" })).toMatchObject({
      rows: "1\t€\n3\tx\n",
      rejections: [{ record: 2, byte: 4, code: "invalid_encoding", column: "h" }],
    });
  });

  it("ends with a character that is cut, which is rejected", async () => {
    const bytes = Buffer.from("68000a0061000a0062", "hex");

    expect(await imported(bytes, { encoding: "utf-16le" })).toMatchObject({
      rows: "1\ta\n",
      rejections: [{ record: 2, byte: 8, byteLength: 1, code: "invalid_encoding" }],
    });
  });

  it("refuses a header that is not of it, with the byte of the source", async () => {
    const bytes = Buffer.from("\x80\x81\n", "latin1");

    await expect(planOf(bytes, { encoding: "windows-1252" })).rejects.toMatchObject({
      code: "encoding_required",
      message: expect.stringContaining("byte 81 at offset 1 (line 1)"),
    });
  });
});

describe("a packed file", () => {
  it("is read like what it holds, from any checkpoint", async () => {
    const text = `a,b\n${Array.from({ length: 50 }, (_, at) => `${at},x`).join("\n")}\n`;
    const packed = gzipSync(text);
    const { plan } = await planOf(packed, {});

    expect(plan).toMatchObject({
      isSplittable: false,
      source: { bytes: text.length, packing: { kind: "gzip", storedBytes: packed.length } },
    });
    expect((await imported(packed, {})).rows).toBe((await imported(utf8(text), {})).rows);
  });

  it("is measured only when somebody wants to know", async () => {
    const text = "a\n".repeat(3_000_000);
    const bytes = gzipSync(text);
    const file = { id: "f", name: "f", bytes: bytes.length, sha256: "", createdAt: new Date(0) };
    const sizeOf = async (isMeasured: boolean) => {
      const options = { reading: { maxInflateRatio: 2000 }, isMeasured };
      return (await importPlanner.readSample(filesOf(bytes), file, options)).sourceBytes;
    };

    expect(await sizeOf(true)).toBe(text.length);
    expect(await sizeOf(false)).toBeLessThan(text.length);
  });
});

async function isSplittable(reading: ReadingOptions): Promise<boolean> {
  return (await planOf(utf8("a\n1\n"), reading)).plan.isSplittable;
}

describe("the options", () => {
  it.each<[string, ReadingOptions, string, string, string[]]>([
    ["delimiter", { delimiter: "||" }, "a||b\n1||x|\n", "1\t1\tx|\n", []],
    ["skipLines", { skipLines: 2 }, 'by "x\n\na,b\n1,x\n', "1\t1\tx\n", []],
    ["comment", { comment: "#" }, "#c\na,b\n#,\n1,#\n", "1\t1\t#\n", []],
    ["trim", { trim: true }, ' a , "b" \n 1 ,\t"x "\t\n', "1\t1\tx \n", []],
    ["nullValues", { nullValues: ["-"] }, 'a,b\n-,"-"\n1,x\n', "1\t\\N\t-\n2\t1\tx\n", []],
    ["blankLines", { blankLines: "null" }, "a\nx\n\ny\n", "1\tx\n2\t\\N\n3\ty\n", []],
    [
      "shortRecords",
      { shortRecords: "pad" },
      "a,b\n1\n1,x,2\n",
      "1\t1\t\\N\n",
      ["too_many_fields"],
    ],
    [
      "longRecords",
      { longRecords: "trimEmpty" },
      'a,b\n1,x,,\n1,x,""\n',
      "1\t1\tx\n",
      ["too_many_fields"],
    ],
    ["nul", { nul: "replace" }, "a,b\n1,x\0\n", "1\t1\tx\uFFFD\n", []],
    [
      "maxFieldBytes",
      { maxFieldBytes: 3 },
      "a,b\n1,xyz\n2,wxyz\n",
      "1\t1\txyz\n",
      ["field_too_large"],
    ],
    ["header", { header: false }, "1,x\n2,y\n", "1\t1\tx\n2\t2\ty\n", []],
  ])("%s", async (_, reading, text, rows, codes) => {
    const made = await imported(utf8(text), reading);

    expect(made.rows).toBe(rows);
    expect(made.rejections.map(({ code }) => code)).toEqual(codes);
  });

  it.each<[string, ReadingOptions, string]>([
    ["text_after_quote", { brokenQuotes: "fail" }, 'a\n1\n"2"x\n3\n'],
    ["record_too_large", { maxRecordBytes: 5 }, "a\n1\n123456\n"],
  ])("may end the job with %s, after all before it", async (code, reading, text) => {
    const { plan } = await planOf(utf8(text), reading);

    await expect(importAll(utf8(text), plan, 1)).rejects.toMatchObject({
      code,
      details: { record: 2, line: 3, byte: 4 },
    });
  });

  it("are followed by the sample too", async () => {
    const { sample } = await planOf(utf8("a;b\n1\n-;2\n"), {
      delimiter: ";",
      shortRecords: "pad",
      nullValues: ["-"],
    });

    expect(sample).toEqual([
      ["1", ""],
      ["", "2"],
    ]);
  });

  it("decide whether a file may be cut into parts", async () => {
    expect(await isSplittable({ nullValues: ["-"], shortRecords: "pad" })).toBe(true);
    for (const reading of [
      { comment: "#" },
      { trim: true },
      { delimiter: "||" },
      { escape: "\\" },
      { nul: "replace" },
      { blankLines: "null" },
      { encoding: "latin1" },
    ] satisfies ReadingOptions[])
      expect(await isSplittable(reading)).toBe(false);
  });
});
