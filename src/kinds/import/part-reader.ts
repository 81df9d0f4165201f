/**
 * Reads one part of a file in chunks: bytes in, rows in COPY's format and rejections out.
 *
 * The bytes of a chunk stay in one window, in which the scanner finds records and the encoder checks and writes them.
 * What the window holds behind the chunk is carried over to the next one. The work is done in slices, and between two
 * of them other work of the thread gets its turn.
 *
 * What must always hold: chunks follow each other without a gap; every record is in exactly one of them, written or
 * rejected; the last ends exactly where the part ends. The reader reads one byte past a part that is not the last, so
 * that a part which ends between CR and LF, or inside a record, is found out and not read wrongly.
 */
import { setImmediate } from "node:timers/promises";
import { SluiceError } from "../../core/errors.ts";
import type { ImportPlan } from "../../core/import-plan.ts";
import type { Part } from "../../core/job.ts";
import type { ByteSource, ChunkLimits, EncodedChunk, PartReader } from "../../core/ports.ts";
import type { RecordStart } from "../../csv/boundary-finder.ts";
import {
  checkRecord,
  rejectBroken,
  rejectValue,
  type PlacedRecord,
  type RecordRules,
} from "../../csv/make-rejection.ts";
import { makeHotPass, type HotPass } from "../../csv/hot-pass.ts";
import { hasEffect } from "../../csv/editing-scanner.ts";
import { makeScanner } from "../../csv/make-scanner.ts";
import { makeTranscoder } from "../../csv/make-transcoder.ts";
import { endsReading, readingFailure } from "../../csv/reading-failure.ts";
import { makeRowEncoder, type RowEncoder } from "../../csv/row-encoder.ts";
import { SCAN_OUTCOMES, type Scanner, type ScanOutcome } from "../../csv/scanned-record.ts";
import { READ_BYTES } from "../../csv/source-window.ts";
import { DraftPool, type ChunkDraft } from "./chunk-draft.ts";

/** Source bytes between two turns of other work. A call over megabytes stalls the sockets of the thread. */
const SLICE_BYTES = 256 * 1024;
/** Encoded rows are longer than their source at times; a chunk ends early rather than outgrow this, in bytes. */
const MAX_OUTPUT_BYTES = 16 * 1024 * 1024;
/** Rejections keep text of their own; a chunk ends early rather than hold more. */
const MAX_REJECTIONS = 2000;

/** Past every window. A small integer, because it is compared for each record. */
const FAR = 0x7fffffff;

/** Why a slice ended. */
type SliceEnd = "slice" | "chunk" | "window" | "part";

/** How a reader is tuned. */
export interface ReaderOptions {
  /** How much is read from the source at once, in bytes, at least 1. Defaults to 1 MiB. */
  readonly readBytes?: number;
  /** Where chunks come from and go back to. Defaults to a pool of its own. */
  readonly drafts?: DraftPool;
  /** Whether plain records are read by the pass in WebAssembly. Defaults to true; rows are the same without. */
  readonly isHot?: boolean;
}

/** The reader of one part. One `next` at a time. */
export class ImportPartReader implements PartReader {
  readonly format: "text" | "binary";
  readonly copyColumns: readonly string[];
  readonly #plan: ImportPlan;
  readonly #endByte: number;
  readonly #source: ByteSource;
  readonly #scanner: Scanner;
  readonly #encoder: RowEncoder;
  /** Null for files that it does not know. */
  readonly #hotPass: HotPass | null;
  readonly #rules: RecordRules;
  readonly #readBytes: number;
  readonly #isTranscoded: boolean;
  readonly #drafts: DraftPool;
  #draft: ChunkDraft;
  #otherDraft: ChunkDraft;
  #isClosed = false;
  // The place of the next record, as numbers: an object for each record would cost more than reading it.
  #record: number;
  #line: number;
  /** Bytes of the draft's window that are used. */
  #used = 0;
  /** Where the part ends in the window; past it while that is not read. */
  #endIndex = FAR;
  #isSourceEnd = false;

  /** `source` starts at the part's checkpoint and ends one byte past the part, or at the end of the file. */
  constructor(plan: ImportPlan, part: Part, source: ByteSource, options: ReaderOptions = {}) {
    const { dialect, width, columns, encoding, reading } = plan;
    const { maxFieldBytes, maxRecordBytes } = reading;
    const shape = { hasNumber: plan.recordColumn !== undefined };
    const names = columns.map(({ column }) => column);
    this.copyColumns = plan.recordColumn === undefined ? names : [plan.recordColumn, ...names];
    this.#plan = plan;
    this.#endByte = part.endByte;
    this.#source = source;
    this.#scanner = makeScanner(
      { dialect, maxFieldBytes, maxRecordBytes, maxFields: width + 1 },
      { reading, width },
    );
    this.#encoder = makeRowEncoder(columns, dialect.escape, shape);
    this.format = this.#encoder.format;
    const isEdited = hasEffect({ reading, width });
    this.#hotPass =
      isEdited || options.isHot === false
        ? null
        : makeHotPass({ dialect, columns, width, maxFieldBytes, maxRecordBytes, shape });
    this.#rules = { dialect, encoding, width, maxFieldBytes, columns };
    this.#readBytes = options.readBytes ?? READ_BYTES;
    this.#record = part.nextRecord;
    this.#line = part.nextLine;
    const transcoder = makeTranscoder({ encoding, replacesNul: reading.nul === "replace" });
    this.#isTranscoded = transcoder !== null;
    this.#drafts = options.drafts ?? new DraftPool();
    this.#draft = this.#drafts.take(transcoder);
    this.#otherDraft = this.#drafts.take(transcoder);
    this.#draft.window.begin(part.nextByte);
    this.#findEnd();
  }

  async next(limits: ChunkLimits): Promise<EncodedChunk | null> {
    if (this.#position().byte === this.#endByte) return null;
    const previous = this.#draft;
    const draft = this.#otherDraft;
    draft.window.continueFrom(previous.window, this.#used);
    this.#draft = draft;
    this.#otherDraft = previous;
    this.#used = 0;
    this.#hotPass?.forget();
    this.#findEnd();
    draft.begin(this.#position());
    for (;;) {
      const end = this.#readSlice(draft, limits);
      if (end === "chunk" || end === "part") return draft.finish(this.#position());
      if (end === "window") await this.#readMore(draft);
      else await setImmediate();
    }
  }

  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#drafts.giveBack(this.#draft);
    this.#drafts.giveBack(this.#otherDraft);
    await this.#source.close();
  }

  /** Reads records until the slice, the chunk, the window or the part ends. */
  #readSlice(draft: ChunkDraft, limits: ChunkLimits): SliceEnd {
    const sliceEnd = this.#used + SLICE_BYTES;
    const firstRecord = draft.start.record;
    while (this.#used < sliceEnd) {
      if (this.#used === this.#endIndex) return "part";
      const isFull =
        this.#used >= limits.sourceBytes ||
        this.#record - firstRecord >= limits.records ||
        draft.rejectionCount >= MAX_REJECTIONS;
      if (isFull) return "chunk";
      if (this.#takePlain(draft, limits, sliceEnd)) continue;
      const { window } = draft;
      const outcome = this.#scanner.scan(
        window.bytes,
        this.#used,
        window.length,
        this.#isSourceEnd,
      );
      if (outcome === SCAN_OUTCOMES.more || outcome === SCAN_OUTCOMES.end) {
        // A long record goes to a chunk of its own, so that the window of one chunk alone has to hold it.
        const isLong = window.length - this.#used > SLICE_BYTES * 4;
        return this.#used > 0 && isLong ? "chunk" : "window";
      }
      if (this.#mustWait(draft, outcome)) return "chunk";
      this.#take(draft, outcome);
    }
    return "slice";
  }

  /** Writes the plain records from here on, as far as they go in a row. False when the next one is not plain. */
  #takePlain(draft: ChunkDraft, limits: ChunkLimits, sliceEnd: number): boolean {
    const { start, rows, window } = draft;
    const taken = this.#hotPass?.run(window, {
      from: this.#used,
      startLimit: Math.min(sliceEnd, limits.sourceBytes),
      partEnd: this.#endIndex,
      maxRows: limits.records - (this.#record - start.record),
      maxRowBytes: MAX_OUTPUT_BYTES - rows.length,
      record: this.#record,
      rowOffset: rows.length,
      recordOffset: this.#record - start.record,
      lineOffset: this.#line - start.line,
    });
    if (taken === null || taken === undefined) return false;
    draft.addRows(taken);
    this.#used = taken.next;
    this.#record += taken.count;
    this.#line += taken.lines;
    return true;
  }

  #position(): RecordStart {
    const byte = this.#draft.window.offsetOf(this.#used);
    return { byte, record: this.#record, line: this.#line };
  }

  #placed(): PlacedRecord {
    const { window } = this.#draft;
    const { found } = this.#scanner;
    return { bytes: window.bytes, found, origin: this.#position(), text: window };
  }

  /** A part ends where its plan says; where the text is not the source, at the end of the source. */
  #findEnd(): void {
    const { window } = this.#draft;
    if (!this.#isTranscoded) this.#endIndex = Math.min(this.#endByte - window.offsetOf(0), FAR);
    else if (this.#isSourceEnd) this.#endIndex = window.length;
  }

  /**
   * Whether the chunk has to end before the record that was found. A record that fails the job fails it at the start
   * of a chunk, so that everything before it is committed however the chunks are cut.
   */
  #mustWait(draft: ChunkDraft, outcome: ScanOutcome): boolean {
    const { found } = this.#scanner;
    const isFailure =
      outcome !== SCAN_OUTCOMES.record && endsReading(outcome, this.#plan.reading.brokenQuotes);
    if (this.#used > 0)
      return isFailure || draft.rows.length + this.#encoder.maxRowBytes(found) > MAX_OUTPUT_BYTES;
    if (isFailure)
      throw readingFailure({ ...this.#placed(), outcome }, this.#plan.reading.maxRecordBytes);
    return false;
  }

  /** Writes or rejects the record that was found, and moves behind it. */
  #take(draft: ChunkDraft, outcome: ScanOutcome): void {
    const { found } = this.#scanner;
    const isRecord = outcome !== SCAN_OUTCOMES.blank && outcome !== SCAN_OUTCOMES.comment;
    if (found.next > this.#endIndex) throw this.#wrongPart();
    draft.notes.add(outcome, found, draft.window.bytes);
    if (isRecord) this.#writeOrReject(draft, outcome);
    this.#used = found.next;
    if (isRecord) this.#record++;
    this.#line += found.lineBreaks;
  }

  #writeOrReject(draft: ChunkDraft, outcome: ScanOutcome): void {
    const { found } = this.#scanner;
    const { bytes } = draft.window;
    const isSound =
      outcome === SCAN_OUTCOMES.record &&
      found.fieldCount === this.#rules.width &&
      found.largeField < 0 &&
      !found.hasHighBytes;
    const record = isSound ? null : this.#placed();
    if (record !== null) {
      const rejection =
        outcome === SCAN_OUTCOMES.broken ? rejectBroken(record) : checkRecord(record, this.#rules);
      if (rejection !== null) return draft.addRejection(rejection);
    }
    const rowOffset = draft.rows.length;
    const code = this.#encoder.encode(bytes, found, this.#record, draft.rows);
    if (code === null) return draft.addRow(rowOffset, this.#record, this.#line, found);
    const column = this.#plan.columns[this.#encoder.problemColumn];
    if (column === undefined) throw new RangeError("the encoder names a column of the plan");
    draft.addRejection(rejectValue(record ?? this.#placed(), this.#rules, column, code));
  }

  async #readMore(draft: ChunkDraft): Promise<void> {
    const { window } = draft;
    // As much again as the unfinished record has: a long one is looked at a few times and not at every read. Never
    // more than the longest record, which is enough to find that it is too long.
    const unfinished = Math.min(
      window.length - this.#used,
      this.#plan.reading.maxRecordBytes + 2 - (window.length - this.#used),
    );
    const wanted = Math.max(this.#readBytes, unfinished);
    if ((await window.fill(this.#source, wanted)) > 0) return;
    const isAtEnd = !this.#isSourceEnd && window.endOffset === this.#plan.source.bytes;
    if (!isAtEnd && window.endOffset > this.#endByte) throw this.#wrongPart();
    if (!isAtEnd)
      throw new SluiceError(
        "source_changed",
        `Expected ${this.#plan.source.bytes} bytes in the file, but it ends at byte ${window.endOffset}.`,
      );
    this.#isSourceEnd = true;
    this.#findEnd();
  }

  #wrongPart(): SluiceError {
    return new SluiceError(
      "balance_mismatch",
      `The part must end at byte ${this.#endByte}, but the record from byte ${this.#position().byte} (line ${this.#line}) goes on behind it.`,
    );
  }
}
