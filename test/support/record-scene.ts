/** Files that are read again: in every layout, with records of every shape and jobs that came to any place. */
import { gzipSync } from "node:zlib";
import fc from "fast-check";
import iconv from "iconv-lite";
import type { ImportPlan } from "../../src/core/import-plan.ts";
import type { FileStore } from "../../src/core/ports.ts";
import type { SourceRecord } from "../../src/core/record-ports.ts";
import { decideReading, type ReadingOptions } from "../../src/core/reading-options.ts";
import type { BookedRecords, RecordPlace } from "../../src/core/record-ranges.ts";
import type { Rejection } from "../../src/core/rejection.ts";

/** How a file is written: what a reader has to be exact in besides the records. */
export interface Layout {
  readonly encoding: string;
  readonly mark: string;
  readonly delimiter: string;
  readonly isPacked: boolean;
}

const PLAIN: Layout = { encoding: "utf-8", mark: "\ufeff", delimiter: ",", isPacked: false };
const LAYOUTS: readonly Layout[] = [
  PLAIN,
  { ...PLAIN, encoding: "utf-16le" },
  { ...PLAIN, encoding: "windows-1252", mark: "" },
  { ...PLAIN, isPacked: true },
  { ...PLAIN, encoding: "utf-16le", delimiter: "||", isPacked: true },
  { ...PLAIN, delimiter: "||" },
];

/** The text as bytes of the layout. */
export const bytesOf = (text: string, { encoding }: Layout = PLAIN): Buffer =>
  iconv.encode(text, encoding);

const refuse = (): never => {
  throw new Error("records are read, not written");
};

/** One file in memory. What was opened is counted down when it is closed. */
export function storeOf(bytes: Uint8Array): FileStore & { openCount(): number } {
  let open = 0;
  return {
    put: refuse,
    adopt: refuse,
    remove: refuse,
    stat: () => Promise.resolve({ bytes: bytes.length, version: "1" }),
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

/** The plan of a file whose first records follows `header`. */
export function planFor(
  bytes: Uint8Array,
  header: string,
  { layout = PLAIN, reading = {} }: { layout?: Layout; reading?: ReadingOptions } = {},
): ImportPlan {
  const start = { byte: bytesOf(header, layout).length, line: linesIn(header) + 1 };
  const [delimiter = 0, ...delimiterRest] = bytesOf(layout.delimiter);
  const packing = { kind: "gzip", storedBytes: packedOf(bytes).length } as const;
  return {
    mode: "create",
    target: { schema: "public", table: "t" },
    staging: "s",
    recordColumn: "#record",
    encoding: layout.encoding,
    dialect: {
      delimiter,
      ...(delimiterRest.length > 0 ? { delimiterRest } : {}),
      quote: 0x22,
      escape: 0x22,
      ...(reading.trim === true ? { trim: true } : {}),
    },
    reading: decideReading({ maxFieldBytes: 100, maxRecordBytes: 1000, ...reading }),
    start,
    width: 2,
    columns: [],
    source: {
      file: "file",
      bytes: bytes.length,
      sha256: "",
      ...(layout.isPacked ? { packing } : {}),
    },
    isSplittable: true,
    warnings: [],
  };
}

/** The file as it is stored. */
export const packedOf = (bytes: Uint8Array): Uint8Array => gzipSync(bytes);

const linesIn = (text: string): number => text.match(/\r\n|\r|\n/g)?.length ?? 0;

/** Stands for the delimiter of the layout. */
const SEPARATOR = "\u0001";

/** A record as it is written, and as it must be read. */
interface Written {
  readonly text: string;
  readonly fields: readonly string[] | null;
  readonly isRejected: boolean;
}

const field = fc.oneof(
  fc.string({ unit: fc.constantFrom("a", "ä", "€", " ", "\t"), maxLength: 6 }).map((text) => ({
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
      text: fields.map(({ text }) => text).join(SEPARATOR),
      fields: fields.map(({ value }) => value),
      isRejected,
    })),
  fc.constant({ text: `"x" y${SEPARATOR}"z`, fields: null, isRejected: true }),
);
/** A file with what a job did with its records. */
export const scene = fc.record({
  layout: fc.constantFrom(...LAYOUTS),
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

/** The file of a scene, and what its books say. */
export interface Read {
  readonly layout: Layout;
  readonly header: string;
  readonly bytes: Uint8Array;
  readonly records: readonly (SourceRecord & { readonly bytes: string })[];
  readonly books: BookedRecords;
  readonly rejections: readonly Rejection[];
}

/** Writes the file of a scene, and the books that a job would have made of it. */
export function write({
  layout,
  records,
  hasLastEnd,
  cuts,
  done,
  isUndone,
}: typeof scene extends fc.Arbitrary<infer T> ? T : never): Read {
  const { mark, delimiter } = layout;
  const header = `${mark}id${delimiter}name\r\n`;
  let text = header;
  const all = records.map(({ record: { text: known, fields, isRejected }, end, blank }, index) => {
    const raw = known.replaceAll(SEPARATOR, delimiter);
    const lineEnd = index === records.length - 1 && !hasLastEnd ? "" : end;
    const byte = bytesOf(text, layout).length;
    const place = { byte, record: index + 1, line: linesIn(text) + 1 };
    text += raw + lineEnd + (lineEnd === "" ? "" : blank);
    const byteLength = bytesOf(raw, layout).length;
    const bytes = raw + lineEnd;
    return { ...place, byteLength, fields, failure: null, rejection: null, bytes, isRejected };
  });
  const bytes = bytesOf(text, layout);
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
    layout,
    header,
    bytes,
    records: shown.map(({ isRejected: _isRejected, ...each }) => each),
    books: { parts, isUndone },
    rejections: shown.flatMap(({ rejection }) => (rejection === null ? [] : [rejection])),
  };
}

/** A rejection with a message of any kind. */
export function rejectionOf({
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
