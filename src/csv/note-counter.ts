/** Counts what reading notices and keeps no record out for. */
import type { ReadingNotes } from "../core/reading-notes.ts";
import { byteAt, LF } from "./bytes.ts";
import { SCAN_OUTCOMES, type ScannedRecord, type ScanOutcome } from "./scanned-record.ts";

/** A counter for the scans of a chunk or a file. */
export class NoteCounter {
  #bareQuotes = 0;
  #blankLines = 0;
  #lf = 0;
  #crlf = 0;
  #cr = 0;

  /** Forgets what was counted. */
  reset(): void {
    this.#bareQuotes = 0;
    this.#blankLines = 0;
    this.#lf = 0;
    this.#crlf = 0;
    this.#cr = 0;
  }

  /** Counts what a scan of `bytes` found, a record or a line that is none. */
  add(outcome: ScanOutcome, found: ScannedRecord, bytes: Uint8Array): void {
    if (found.hasBareQuote && outcome === SCAN_OUTCOMES.record) this.#bareQuotes++;
    if (outcome === SCAN_OUTCOMES.blank) this.#blankLines++;
    const { end, next } = found;
    if (next - end === 2) this.#crlf++;
    else if (next - end === 0)
      return; // the last record needs no line end
    else if (byteAt(bytes, end) === LF) this.#lf++;
    else this.#cr++;
  }

  /** Adds what was counted elsewhere. */
  addAll({ bareQuotes, blankLines, lineEnds }: ReadingNotes): void {
    this.#bareQuotes += bareQuotes;
    this.#blankLines += blankLines;
    this.#lf += lineEnds.lf;
    this.#crlf += lineEnds.crlf;
    this.#cr += lineEnds.cr;
  }

  /** What was counted. */
  get notes(): ReadingNotes {
    return {
      bareQuotes: this.#bareQuotes,
      blankLines: this.#blankLines,
      lineEnds: { lf: this.#lf, crlf: this.#crlf, cr: this.#cr },
    };
  }
}
