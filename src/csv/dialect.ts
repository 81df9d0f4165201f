/** Decides the dialect of a file: what is declared wins, a first line `sep=X` comes next, then what the records show. */
import type { Dialect } from "../core/import-plan.ts";
import type { ReadingOptions } from "../core/job.ts";
import type { RecordStart } from "./boundary-finder.ts";
import { byteAt, COMMA, CR, DOUBLE_QUOTE, LF, TAB } from "./bytes.ts";
import { invalidRequest } from "./invalid-request.ts";
import { walkSample } from "./sample-records.ts";
import { SCAN_OUTCOMES } from "./scanned-record.ts";
import type { FileSample } from "./text-encoding.ts";

/** The delimiters that are ever detected, in the order of preference. */
const CANDIDATES = [COMMA, 0x3b, TAB, 0x7c];
const RECORDS_LOOKED_AT = 100;
const SEPARATOR_LINE = [0x73, 0x65, 0x70, 0x3d]; // sep=
const NO_LIMITS = { maxFieldBytes: Infinity, maxRecordBytes: Infinity };

/** A dialect, and where the first record starts: behind a line `sep=X` when there is one. */
export interface FoundDialect {
  readonly dialect: Dialect;
  readonly start: RecordStart;
}

/**
 * Finds the dialect of the file whose first line starts at `from`. Errors: `invalid_request` for a delimiter, quote or
 * escape that is not one ASCII character or collides with another.
 */
export function findDialect(
  sample: FileSample,
  from: number,
  reading: ReadingOptions,
): FoundDialect {
  const quote = declaredByte(reading.quote, "quote") ?? DOUBLE_QUOTE;
  const escape = declaredByte(reading.escape, "escape") ?? quote;
  const declared = declaredByte(reading.delimiter, "delimiter");
  const start = { byte: from, record: 1, line: 1 };
  if (declared !== undefined) return { dialect: makeDialect(declared, quote, escape), start };

  const separator = separatorLine(sample.bytes, from);
  if (separator !== null)
    return {
      dialect: makeDialect(separator.delimiter, quote, escape),
      start: { byte: separator.next, record: 1, line: 2 },
    };
  const delimiter = detectDelimiter(sample, start, { quote, escape });
  return { dialect: makeDialect(delimiter, quote, escape), start };
}

/**
 * The candidate that gives the steadiest width above 1: the largest share of the first records has the same number of
 * fields. Comma when none does, and on a tie.
 */
function detectDelimiter(
  sample: FileSample,
  start: RecordStart,
  marks: { readonly quote: number; readonly escape: number },
): number {
  let best = COMMA;
  let bestShare = 0;
  for (const delimiter of CANDIDATES) {
    if (delimiter === marks.quote || delimiter === marks.escape) continue;
    const share = steadiness(sample, start, { delimiter, ...marks });
    if (share > bestShare) {
      best = delimiter;
      bestShare = share;
    }
  }
  return best;
}

/** The share of the first records that have the most frequent width above 1, from 0 to 1. */
function steadiness(sample: FileSample, start: RecordStart, dialect: Dialect): number {
  const counts = new Map<number, number>();
  let records = 0;
  for (const { outcome, found } of walkSample(sample, {
    dialect,
    start,
    limits: NO_LIMITS,
    maxFields: 1,
  })) {
    records++;
    const isSteady = outcome === SCAN_OUTCOMES.record && found.fieldCount > 1;
    if (isSteady) counts.set(found.fieldCount, (counts.get(found.fieldCount) ?? 0) + 1);
    if (records === RECORDS_LOOKED_AT) break;
  }
  return records === 0 ? 0 : Math.max(0, ...counts.values()) / records;
}

/** The line `sep=X` at `from`, with LF, CRLF, CR or the end of the file behind it. */
function separatorLine(
  bytes: Uint8Array,
  from: number,
): { readonly delimiter: number; readonly next: number } | null {
  if (!SEPARATOR_LINE.every((byte, at) => bytes[from + at] === byte)) return null;
  const at = from + SEPARATOR_LINE.length;
  if (at >= bytes.length) return null;
  const delimiter = byteAt(bytes, at);
  if (!isUsable(delimiter)) return null;
  const after = bytes[at + 1];
  if (after === undefined) return { delimiter, next: at + 1 };
  if (after === LF) return { delimiter, next: at + 2 };
  if (after !== CR) return null;
  return { delimiter, next: bytes[at + 2] === LF ? at + 3 : at + 2 };
}

function declaredByte(text: string | undefined, name: string): number | undefined {
  if (text === undefined) return undefined;
  const byte = text.codePointAt(0) ?? 0;
  if (text.length === 1 && isUsable(byte)) return byte;
  throw invalidRequest(
    `reading.${name}`,
    `Expected ${name} to be one ASCII character that is no line end, got ${JSON.stringify(text.slice(0, 20))}.`,
  );
}

function isUsable(byte: number): boolean {
  return byte > 0 && byte < 0x80 && byte !== LF && byte !== CR;
}

function makeDialect(delimiter: number, quote: number, escape: number): Dialect {
  if (delimiter !== quote && delimiter !== escape) return { delimiter, quote, escape };
  const character = String.fromCharCode(delimiter);
  throw invalidRequest(
    "reading.delimiter",
    `Expected the delimiter to differ from quote and escape, got ${JSON.stringify(character)} for both.`,
  );
}
