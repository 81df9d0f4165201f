/**
 * Reads all records of a file, in order, in bounded memory: what `sluice cat` prints. Applies the rules for bytes and
 * records alone: no width, no columns, no types.
 */
import { SluiceError } from "../core/errors.ts";
import type { Dialect } from "../core/import-plan.ts";
import type { ByteSource } from "../core/ports.ts";
import {
  decideReading,
  type DecidedReading,
  type ReadingOptions,
} from "../core/reading-options.ts";
import type { Rejection } from "../core/rejection.ts";
import { refuseOtherFormats } from "./file-format.ts";
import { findText, type FoundText } from "./find-text.ts";
import { checkRecord, rejectBroken, type PlacedRecord } from "./make-rejection.ts";
import { makeScanner } from "./make-scanner.ts";
import { findPacking, openSource, type SourceOptions } from "./packed-source.ts";
import { endsReading, readingFailure } from "./reading-failure.ts";
import { SCAN_OUTCOMES, type ScannedRecord } from "./scanned-record.ts";
import { makeWindow, READ_BYTES } from "./source-window.ts";
import { readFully, type StoredSource } from "./stored-source.ts";

/** Bytes of the file that encoding and dialect are told from. */
const SAMPLE_BYTES = 4 * 1024 * 1024;
/** A record of more fields is refused rather than kept. */
const MAX_FIELDS = 256 * 1024;

/** What is done with records. Both may return a promise, which is waited for. */
export interface RecordTaker {
  /** Takes a record, the header included. `found` and `bytes` are valid until it returns. */
  record(bytes: Uint8Array, found: ScannedRecord, escape: number): Promise<void> | undefined;
  rejection(rejection: Rejection): Promise<void> | undefined;
}

/** How the records are read. */
export interface ReadRecordsOptions {
  readonly reading: ReadingOptions;
  /** How much is read at once, in bytes, at least 1. Defaults to 1 MiB. */
  readonly readBytes?: number;
}

/**
 * Reads every record of the file. An empty file has none. Errors: the refusals and failures of the reading rules; a
 * header that would be rejected refuses the file.
 */
export async function readRecords(
  stored: StoredSource,
  options: ReadRecordsOptions,
  taker: RecordTaker,
): Promise<void> {
  if (stored.bytes === 0) return;
  const reading = decideReading(options.reading);
  const how = { packing: await findPacking(stored), limits: reading };
  const text = await findStart(stored, how, options.reading);
  if (text === null) return;
  const source = await openSource(stored, how, { start: text.start.byte });
  try {
    const readBytes = options.readBytes ?? READ_BYTES;
    await new RecordReader(text, { reading, readBytes }, taker).read(source);
  } finally {
    await source.close();
  }
}

/** How the text is read, without the sample that told it, which is let go. The start is a place in the source. */
type TextStart = Omit<FoundText, "text">;

/** Null for a file without text. */
async function findStart(
  stored: StoredSource,
  how: SourceOptions,
  reading: ReadingOptions,
): Promise<TextStart | null> {
  const source = await openSource(stored, how, { start: 0 });
  try {
    // One byte more than the sample tells whether it is all.
    const bytes = new Uint8Array(
      Math.min(SAMPLE_BYTES, how.packing ? SAMPLE_BYTES : stored.bytes) + 1,
    );
    const length = await readFully(source, bytes);
    const isWhole = length <= SAMPLE_BYTES;
    const sample = bytes.subarray(0, Math.min(length, SAMPLE_BYTES));
    refuseOtherFormats(sample, how.packing !== undefined);
    const { text, start, ...found } = findText({ bytes: sample, isWhole }, reading);
    return { ...found, start: { ...start, byte: text.origin.offsetOf(start.byte) } };
  } catch (error) {
    if (error instanceof SluiceError && error.code === "empty_file") return null;
    throw error;
  } finally {
    await source.close();
  }
}

class RecordReader {
  readonly #dialect: Dialect;
  readonly #reading: DecidedReading;
  readonly #readBytes: number;
  readonly #taker: RecordTaker;
  readonly #rules: Parameters<typeof checkRecord>[1];
  readonly #window;
  #used = 0;
  /** Data records from 1; the header is 0. */
  #record: number;
  #line: number;

  constructor(
    text: TextStart,
    options: {
      readonly reading: DecidedReading;
      readonly readBytes: number;
    },
    taker: RecordTaker,
  ) {
    const { reading } = options;
    const { dialect, encoding, transcoder, start } = text;
    this.#dialect = dialect;
    this.#reading = reading;
    this.#readBytes = options.readBytes;
    this.#taker = taker;
    this.#rules = {
      dialect,
      encoding,
      width: null,
      maxFieldBytes: reading.maxFieldBytes,
      columns: [],
    };
    this.#window = makeWindow(transcoder);
    this.#window.begin(start.byte);
    this.#record = reading.header ? 0 : 1;
    this.#line = start.line;
  }

  async read(source: ByteSource): Promise<void> {
    const dialect = this.#dialect;
    const { maxFieldBytes, maxRecordBytes, brokenQuotes } = this.#reading;
    const limits = { maxFieldBytes, maxRecordBytes, maxFields: MAX_FIELDS };
    const scanner = makeScanner({ dialect, ...limits });
    const { found } = scanner;
    const window = this.#window;
    let isFinal = false;
    for (;;) {
      const outcome = scanner.scan(window.bytes, this.#used, window.length, isFinal);
      if (outcome === SCAN_OUTCOMES.more) {
        isFinal = !(await this.#readMore(source));
        continue;
      }
      if (outcome === SCAN_OUTCOMES.end) return;
      if (endsReading(outcome, this.#record === 0 ? "fail" : brokenQuotes))
        throw readingFailure({ ...this.#placed(found), outcome }, maxRecordBytes);
      const isBlank = outcome === SCAN_OUTCOMES.blank;
      if (!isBlank && outcome !== SCAN_OUTCOMES.comment) {
        const taking = this.#take(found, outcome === SCAN_OUTCOMES.broken);
        if (taking !== undefined) await taking;
        this.#record++;
      }
      this.#used = found.next;
      this.#line += found.lineBreaks;
    }
  }

  #take(found: ScannedRecord, isBroken: boolean): Promise<void> | undefined {
    const isSound = !isBroken && found.largeField < 0 && !found.hasHighBytes;
    if (!isSound) {
      const placed = this.#placed(found);
      const rejection = isBroken ? rejectBroken(placed) : checkRecord(placed, this.#rules);
      if (rejection !== null && this.#record === 0) throw refusedHeader(rejection);
      if (rejection !== null) return this.#taker.rejection(rejection);
    }
    if (found.fieldCount > MAX_FIELDS) throw tooManyFields(found.fieldCount, this.#line);
    return this.#taker.record(this.#window.bytes, found, this.#dialect.escape);
  }

  #placed(found: ScannedRecord): PlacedRecord {
    const { bytes } = this.#window;
    const byte = this.#window.offsetOf(this.#used);
    const origin = { byte, record: this.#record, line: this.#line };
    return { bytes, found, origin, text: this.#window };
  }

  /** False at the end of the source. */
  async #readMore(source: ByteSource): Promise<boolean> {
    const window = this.#window;
    window.continueFrom(window, this.#used);
    this.#used = 0;
    // As much again as the record has, so that a long one is not looked at again at every read.
    const room = this.#reading.maxRecordBytes + 2 - window.length;
    const wanted = Math.max(this.#readBytes, Math.min(window.length, room));
    return (await window.fill(source, wanted)) > 0;
  }
}

function refusedHeader({ code, line, byte, message }: Rejection): SluiceError {
  const details = { line, byte };
  if (code === "invalid_encoding")
    return new SluiceError(
      "encoding_required",
      `The header on line ${line} cannot be read: ${message}. Declare the encoding that the file has.`,
      { details },
    );
  return new SluiceError("record_too_large", `The header on line ${line}: ${message}.`, {
    details,
  });
}

function tooManyFields(count: number, line: number): SluiceError {
  return new SluiceError(
    "too_many_columns",
    `Expected at most ${MAX_FIELDS.toLocaleString("en-US")} fields, but the record on line ${line} has ${count.toLocaleString("en-US")}.`,
    { details: { columns: count, line } },
  );
}
