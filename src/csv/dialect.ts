/** Decides the dialect of a file: what is declared wins, a first line `sep=X` comes next, then what the records show. */
import type { Dialect } from "../core/import-plan.ts";
import type { ReadingOptions } from "../core/reading-options.ts";
import type { RecordStart } from "./boundary-finder.ts";
import { byteAt, COMMA, CR, DOUBLE_QUOTE, LF, lineBreakAt, TAB } from "./bytes.ts";
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
 * Finds the dialect of the text that begins at `from` of the sample, behind the lines to skip. Places count in the
 * sample. Errors: `invalid_request` for marks that are not one ASCII character or collide, and for more lines to skip
 * than there are.
 */
export function findDialect(
  sample: FileSample,
  from: number,
  reading: ReadingOptions,
): FoundDialect {
  const marks = declaredMarks(reading);
  const start = startBehind(sample, from, reading.skipLines ?? 0);
  if (reading.delimiter !== undefined)
    return { dialect: makeDialect(declaredDelimiter(reading.delimiter), marks), start };

  const separator = separatorLine(sample.bytes, start.byte);
  if (separator !== null)
    return {
      dialect: makeDialect([separator.delimiter], marks),
      start: { byte: separator.next, record: 1, line: start.line + 1 },
    };
  return { dialect: makeDialect([detectDelimiter(sample, start, marks)], marks), start };
}

/** What a dialect has besides the delimiter. */
type Marks = Omit<Dialect, "delimiter" | "delimiterRest">;

function declaredMarks(reading: ReadingOptions): Marks {
  const quote = declaredByte(reading.quote, "quote") ?? DOUBLE_QUOTE;
  const escape = declaredByte(reading.escape, "escape") ?? quote;
  const comment = declaredByte(reading.comment, "comment");
  if (comment === quote)
    throw invalidRequest(
      "reading.comment",
      "Expected the comment character to differ from the quote.",
    );
  return {
    quote,
    escape,
    ...(comment === undefined ? {} : { comment }),
    ...(reading.trim === true ? { trim: true } : {}),
  };
}

/** The place behind so many lines, which are lines of text: quotes in them have no meaning. */
function startBehind({ bytes, isWhole }: FileSample, from: number, lines: number): RecordStart {
  let byte = from;
  for (let line = 1; line <= lines; line++) {
    while (byte < bytes.length && lineBreakAt(bytes, byte, bytes.length) === 0) byte++;
    if (byte < bytes.length) byte++;
    else
      throw invalidRequest(
        "reading.skipLines",
        `Expected more than ${lines} lines ${isWhole ? "in the file" : `in its first ${bytes.length} bytes`}, found ${line}.`,
      );
  }
  return { byte, record: 1, line: lines + 1 };
}

/**
 * The candidate that gives the steadiest width above 1: the largest share of the first records has the same number of
 * fields. Comma when none does, and on a tie.
 */
function detectDelimiter(sample: FileSample, start: RecordStart, marks: Marks): number {
  let best = COMMA;
  let bestShare = 0;
  for (const delimiter of CANDIDATES) {
    if ([marks.quote, marks.escape, marks.comment].includes(delimiter)) continue;
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

function declaredDelimiter(text: string): readonly number[] {
  const bytes = [...new TextEncoder().encode(text)];
  const isText = bytes.length > 0 && bytes.every((byte) => byte > 0x7f || isUsable(byte));
  if (isText && !text.includes("\uFFFD")) return bytes;
  throw invalidRequest(
    "reading.delimiter",
    `Expected delimiter to be one or more characters without a line end, got ${JSON.stringify(text.slice(0, 20))}.`,
  );
}

function makeDialect(delimiter: readonly number[], marks: Marks): Dialect {
  const [first = COMMA, ...rest] = delimiter;
  const isClear =
    !delimiter.includes(marks.quote) &&
    !delimiter.includes(marks.escape) &&
    first !== marks.comment;
  if (isClear)
    return { delimiter: first, ...(rest.length > 0 ? { delimiterRest: rest } : {}), ...marks };
  const text = new TextDecoder().decode(Uint8Array.from(delimiter));
  throw invalidRequest(
    "reading.delimiter",
    `Expected the delimiter to differ from quote, escape and comment, got ${JSON.stringify(text)}.`,
  );
}
