/**
 * Reads the records of a file as its import would, and counts what would become of them: no rows are kept. The same
 * scanner, checks and encoder as in the job, so that what is told before the start is what happens. What is counted so
 * far is handed out again and again; the reading goes on when the next is asked for, and ends when nobody asks.
 */
import { setImmediate } from "node:timers/promises";
import { toFailure, type Failure } from "../../core/errors.ts";
import type { ImportPlan } from "../../core/import-plan.ts";
import { MAX_PROBLEMS, type FileSurvey } from "../../core/inspection.ts";
import type { ByteSource } from "../../core/ports.ts";
import type { Rejection, RejectionCode } from "../../core/rejection.ts";
import {
  checkRecord,
  rejectBroken,
  rejectValue,
  type PlacedRecord,
  type RecordRules,
} from "../../csv/make-rejection.ts";
import { makeScanner } from "../../csv/make-scanner.ts";
import { NoteCounter } from "../../csv/note-counter.ts";
import { makeTranscoder } from "../../csv/make-transcoder.ts";
import { OutputBuffer } from "../../csv/output-buffer.ts";
import { openSource } from "../../csv/packed-source.ts";
import { endsReading, readingFailure } from "../../csv/reading-failure.ts";
import { makeRowEncoder, type RowEncoder } from "../../csv/row-encoder.ts";
import { SCAN_OUTCOMES, type Scanner, type ScanOutcome } from "../../csv/scanned-record.ts";
import { makeWindow, READ_BYTES, type TextWindow } from "../../csv/source-window.ts";
import type { StoredSource } from "../../csv/stored-source.ts";

/** A survey is handed out when so many records are read, */
const FIRST_RECORDS = 10_000;
/** and whenever so many bytes more are. */
const PART_BYTES = 16 * 1024 * 1024;

/** How far a survey goes. */
export interface SurveyBounds {
  readonly maxBytes: number;
  /** Ends the reading when it is aborted. */
  readonly signal: AbortSignal | undefined;
}

/**
 * Surveys the source of a plan up to `maxBytes` of it; the last survey is the whole one. Errors: `inflate_failed`,
 * `inflate_limit`, the reason of the signal.
 */
export async function* surveyFile(
  stored: StoredSource,
  plan: ImportPlan,
  bounds: SurveyBounds,
): AsyncGenerator<FileSurvey, void> {
  const { packing } = plan.source;
  const source = await openSource(
    stored,
    { packing, limits: plan.reading },
    { start: plan.start.byte },
  );
  try {
    yield* new Survey(plan).read(source, bounds);
  } finally {
    await source.close();
  }
}

class Survey {
  readonly #plan: ImportPlan;
  readonly #rules: RecordRules;
  readonly #scanner: Scanner;
  readonly #encoder: RowEncoder;
  readonly #window: TextWindow;
  readonly #row = new OutputBuffer();
  readonly #problems: Rejection[] = [];
  readonly #rejectedByCode = new Map<RejectionCode, number>();
  readonly #rejectedByColumn = new Map<string, number>();
  readonly #notes = new NoteCounter();
  #used = 0;
  /** How far it was read when a survey was handed out last. */
  #told = 0;
  #record = 1;
  #line: number;
  #rejected = 0;

  constructor(plan: ImportPlan) {
    const { dialect, encoding, width, columns, reading } = plan;
    const { maxFieldBytes, maxRecordBytes } = reading;
    this.#plan = plan;
    this.#rules = { dialect, encoding, width, maxFieldBytes, columns };
    this.#scanner = makeScanner(
      { dialect, maxFieldBytes, maxRecordBytes, maxFields: width + 1 },
      { reading, width },
    );
    this.#encoder = makeRowEncoder(columns, dialect.escape);
    this.#window = makeWindow(makeTranscoder({ encoding, replacesNul: reading.nul === "replace" }));
    this.#window.begin(plan.start.byte);
    this.#line = plan.start.line;
  }

  async *read(
    source: ByteSource,
    { maxBytes, signal }: SurveyBounds,
  ): AsyncGenerator<FileSurvey, void> {
    const window = this.#window;
    let isFinal = false;
    while (window.offsetOf(this.#used) < maxBytes) {
      const outcome = this.#scanner.scan(window.bytes, this.#used, window.length, isFinal);
      if (outcome === SCAN_OUTCOMES.end) {
        yield this.#result(true, null);
        return;
      }
      if (outcome === SCAN_OUTCOMES.more) {
        isFinal = !(await this.#readMore(source));
        await setImmediate(); // other work of the thread gets its turn
        signal?.throwIfAborted();
        if (!isFinal) yield* this.#news();
        continue;
      }
      if (endsReading(outcome, this.#plan.reading.brokenQuotes)) {
        const failed = { ...this.#placed(), outcome };
        const failure = readingFailure(failed, this.#plan.reading.maxRecordBytes);
        yield this.#result(false, toFailure(failure));
        return;
      }
      this.#take(outcome);
    }
    yield this.#result(this.#bytes() >= this.#plan.source.bytes, null);
  }

  *#news(): Generator<FileSurvey, void> {
    const isFirst = this.#told === 0 && this.#record > FIRST_RECORDS;
    if (!isFirst && this.#bytes() < this.#told + PART_BYTES) return;
    this.#told = this.#bytes();
    yield this.#result(false, null);
  }

  #bytes(): number {
    return this.#window.offsetOf(this.#used);
  }

  #take(outcome: ScanOutcome): void {
    const { found } = this.#scanner;
    this.#notes.add(outcome, found, this.#window.bytes);
    if (outcome !== SCAN_OUTCOMES.blank && outcome !== SCAN_OUTCOMES.comment) {
      const rejection = this.#rejectionOf(outcome);
      if (rejection !== null) this.#note(rejection);
      this.#record++;
    }
    this.#used = found.next;
    this.#line += found.lineBreaks;
  }

  #rejectionOf(outcome: ScanOutcome): Rejection | null {
    const { found } = this.#scanner;
    if (outcome === SCAN_OUTCOMES.broken) return rejectBroken(this.#placed());
    const isSound =
      found.fieldCount === this.#rules.width && found.largeField < 0 && !found.hasHighBytes;
    const rejection = isSound ? null : checkRecord(this.#placed(), this.#rules);
    if (rejection !== null) return rejection;
    this.#row.length = 0;
    const code = this.#encoder.encode(this.#window.bytes, found, this.#record, this.#row);
    if (code === null) return null;
    const column = this.#plan.columns[this.#encoder.problemColumn];
    if (column === undefined) throw new RangeError("the encoder names a column of the plan");
    return rejectValue(this.#placed(), this.#rules, column, code);
  }

  #note(rejection: Rejection): void {
    const { code, column } = rejection;
    this.#rejected++;
    addOne(this.#rejectedByCode, code);
    if (column !== null) addOne(this.#rejectedByColumn, column);
    if (this.#problems.length < MAX_PROBLEMS) this.#problems.push(rejection);
  }

  #placed(): PlacedRecord {
    const window = this.#window;
    const byte = window.offsetOf(this.#used);
    const origin = { byte, record: this.#record, line: this.#line };
    return { bytes: window.bytes, found: this.#scanner.found, origin, text: window };
  }

  /** False at the end of the source. */
  async #readMore(source: ByteSource): Promise<boolean> {
    const window = this.#window;
    window.continueFrom(window, this.#used);
    this.#used = 0;
    const room = this.#plan.reading.maxRecordBytes + 2 - window.length;
    const wanted = Math.max(READ_BYTES, Math.min(window.length, room));
    return (await window.fill(source, wanted)) > 0;
  }

  #result(isWhole: boolean, failure: Failure | null): FileSurvey {
    return {
      bytesRead: this.#bytes(),
      isWhole,
      recordsRead: this.#record - 1,
      recordsRejected: this.#rejected,
      rejectedByCode: Object.fromEntries(this.#rejectedByCode),
      rejectedByColumn: Object.fromEntries(this.#rejectedByColumn),
      problems: [...this.#problems],
      failure,
      ...this.#notes.notes,
    };
  }
}

function addOne<Key>(counts: Map<Key, number>, key: Key): void {
  counts.set(key, (counts.get(key) ?? 0) + 1);
}
