/**
 * A chunk while it is being read: the rows in COPY's format, where each came from, and the records that were left out.
 * A reader has two, used in turns, so that one can be written to the database while the other is read.
 */
import type { EncodedChunk } from "../../core/ports.ts";
import { RAW_TEXT_LIMIT_BYTES, type Rejection } from "../../core/rejection.ts";
import type { RecordStart } from "../../csv/boundary-finder.ts";
import { offsetAt } from "../../csv/bytes.ts";
import type { PassResult } from "../../csv/hot-pass.ts";
import { NoteCounter } from "../../csv/note-counter.ts";
import { OutputBuffer } from "../../csv/output-buffer.ts";
import type { ScannedRecord } from "../../csv/scanned-record.ts";
import { makeWindow, type TextWindow } from "../../csv/source-window.ts";
import type { Transcoder } from "../../csv/transcoder.ts";

const INITIAL_ROWS = 4096;
/** What the rows of a usual chunk fit in. */
const USUAL_ROW_BYTES = 8 * 1024 * 1024;
/** Entries a row: its offset in the output; record and line from those of the chunk; start and length in the window. */
const ENTRIES = 5;

/** One of a reader's two chunks. */
export class ChunkDraft {
  readonly window: TextWindow;
  readonly rows = new OutputBuffer(USUAL_ROW_BYTES);
  readonly notes = new NoteCounter();
  #start: RecordStart = { byte: 0, record: 1, line: 1 };
  #rejections: Rejection[] = [];
  #entries = new Uint32Array(INITIAL_ROWS * ENTRIES);
  #rowOffsets = new Uint32Array(0);
  #rowCount = 0;

  /** Whether its window turns another encoding into UTF-8. */
  readonly isTranscoded: boolean;

  constructor(transcoder: Transcoder | null) {
    this.isTranscoded = transcoder !== null;
    this.window = makeWindow(transcoder);
  }

  get rejectionCount(): number {
    return this.#rejections.length;
  }

  /** Where the chunk starts. */
  get start(): RecordStart {
    return this.#start;
  }

  /** Begins an empty chunk at a record start. Its window is begun by the caller. */
  begin(start: RecordStart): void {
    this.#start = start;
    this.#rejections = [];
    this.#rowCount = 0;
    this.rows.length = 0;
    this.notes.reset();
  }

  /** Notes where the row that was appended at `rowOffset` came from. */
  addRow(rowOffset: number, record: number, line: number, found: ScannedRecord): void {
    const at = this.#rowCount * ENTRIES;
    if (at + ENTRIES > this.#entries.length) this.#growEntries();
    this.#entries[at] = rowOffset;
    this.#entries[at + 1] = record - this.#start.record;
    this.#entries[at + 2] = line - this.#start.line;
    this.#entries[at + 3] = found.start;
    this.#entries[at + 4] = found.end - found.start;
    this.#rowCount++;
  }

  /** Appends rows with their entries, as a pass in WebAssembly leaves them. */
  addRows({ count, rows, entries, notes }: PassResult): void {
    const { length } = this.rows;
    this.rows.reserve(rows.length);
    this.rows.bytes.set(rows, length);
    this.rows.length = length + rows.length;
    const at = this.#rowCount * ENTRIES;
    while (at + entries.length > this.#entries.length) this.#growEntries();
    this.#entries.set(entries, at);
    this.#rowCount += count;
    this.notes.addAll(notes);
  }

  addRejection(rejection: Rejection): void {
    this.#rejections.push(rejection);
  }

  /** The chunk as far as it was read; `next` is the record behind it. Valid until `begin`. */
  finish(next: RecordStart): EncodedChunk {
    const written = this.#rowCount;
    const rejected = this.#rejections.length;
    if (this.#rowOffsets.length <= written)
      this.#rowOffsets = new Uint32Array(this.#entries.length / ENTRIES + 1);
    const rowOffsets = this.#rowOffsets.subarray(0, written + 1);
    for (let row = 0; row < written; row++)
      rowOffsets[row] = offsetAt(this.#entries, row * ENTRIES);
    rowOffsets[written] = this.rows.length;
    return {
      fromByte: this.#start.byte,
      toByte: next.byte,
      nextRecord: next.record,
      nextLine: next.line,
      counts: { read: written + rejected, written, rejected, filtered: 0 },
      notes: this.notes.notes,
      rows: this.rows.written,
      rowOffsets,
      rowOrigins: (row) => this.#originOf(row),
      rejections: this.#rejections,
    };
  }

  #originOf(row: number): ReturnType<EncodedChunk["rowOrigins"]> {
    const at = row * ENTRIES;
    const start = offsetAt(this.#entries, at + 3);
    const end = start + offsetAt(this.#entries, at + 4);
    const byte = this.window.offsetOf(start);
    return {
      record: this.#start.record + offsetAt(this.#entries, at + 1),
      line: this.#start.line + offsetAt(this.#entries, at + 2),
      byte,
      byteLength: this.window.offsetOf(end) - byte,
      raw: this.window.bytes.subarray(start, Math.min(end, start + RAW_TEXT_LIMIT_BYTES)),
    };
  }

  #growEntries(): void {
    const entries = new Uint32Array(this.#entries.length * 2);
    entries.set(this.#entries);
    this.#entries = entries;
  }
}

/**
 * Chunks that no reader uses at the moment. Their buffers have grown to the size that chunks have, so a thread that
 * reads part after part allocates for the first one only.
 */
export class DraftPool {
  readonly #spare: ChunkDraft[] = [];

  take(transcoder: Transcoder | null): ChunkDraft {
    return (transcoder === null ? this.#spare.pop() : undefined) ?? new ChunkDraft(transcoder);
  }

  /** Takes a chunk back that neither a reader nor the database looks at any more; one that transcodes is let go. */
  giveBack(draft: ChunkDraft): void {
    if (!draft.isTranscoded) this.#spare.push(draft);
  }
}
