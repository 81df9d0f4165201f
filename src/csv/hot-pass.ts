/**
 * The fast way through plain records: a pass in WebAssembly (`assembly/index.ts`) over a copy of the next stretch of the
 * window. It scans, checks and encodes at once, and stops before any record that is not plain; that one is read by
 * scanner and encoder, and the pass goes on behind it.
 *
 * What must always hold: rows, numbers, lines and places are those that scanner and encoder would give.
 */
import type { PlannedColumn } from "../core/import-plan.ts";
import type { ReadingNotes } from "../core/reading-notes.ts";
import { hotFields, isHotDialect, type HotField } from "./hot-fields.ts";
import { hotModule, type HotModule } from "./hot-module.ts";
import type { RowShape } from "./row-encoder.ts";
import type { ScannerOptions } from "./scanned-record.ts";

/** What the pass has to know of a file. */
export interface HotPassOptions extends Pick<
  ScannerOptions,
  "dialect" | "maxFieldBytes" | "maxRecordBytes"
> {
  /** Fields that every record must have. */
  readonly width: number;
  readonly columns: readonly PlannedColumn[];
  /** What a row holds. Default: the record's number and the columns. */
  readonly shape?: RowShape;
}

/** Where a pass begins and what it must not go beyond. */
export interface PassRange {
  /** Index in the window of the next record. */
  readonly from: number;
  /** Records that start here or behind are left alone. */
  readonly startLimit: number;
  /** No record may go on behind this index. */
  readonly partEnd: number;
  readonly maxRows: number;
  /** How many bytes of rows there may be. */
  readonly maxRowBytes: number;
  /** Number of the next record in the file. */
  readonly record: number;
  /** What the entries count from: bytes of rows, records and lines of the chunk so far. */
  readonly rowOffset: number;
  readonly recordOffset: number;
  readonly lineOffset: number;
}

/** What a pass has read. Valid until the next one. */
export interface PassResult {
  /** Rows that were written, one a record. */
  readonly count: number;
  readonly rows: Uint8Array;
  /** Five numbers a row: see `ChunkDraft`. */
  readonly entries: Uint32Array;
  /** Index in the window of the record behind. */
  readonly next: number;
  readonly lines: number;
  readonly notes: ReadingNotes;
}

/** Less than this left of the copy, and more in the window: the copy begins anew. */
const TAIL_BYTES = 16 * 1024;
const TWO_32 = 0x1_0000_0000;

/** A pass over files of one kind; null when it cannot read them. */
export function makeHotPass(options: HotPassOptions): HotPass | null {
  if (!isHotDialect(options.dialect)) return null;
  const fields = hotFields(options.columns, options.width);
  if (fields === null) return null;
  const module = hotModule();
  const labels = fields.flatMap((field) => field.labels ?? []);
  const labelBytes = encodeLabels(labels).length;
  const fits = options.width <= module.at("MAX_FIELDS") && labelBytes <= module.at("LABELS_BYTES");
  return fits ? new HotPass(module, options, fields) : null;
}

/** See `makeHotPass`. */
export class HotPass {
  readonly #module: HotModule;
  readonly #options: HotPassOptions;
  readonly #fields: readonly HotField[];
  readonly #place: Places;
  /** What of the window is in the module's memory. */
  #loadedFrom = 0;
  #loadedTo = 0;

  constructor(module: HotModule, options: HotPassOptions, fields: readonly HotField[]) {
    this.#module = module;
    this.#options = options;
    this.#fields = fields;
    this.#place = placesOf(module);
  }

  /** Forgets what it has copied: the window is another one from now on. */
  forget(): void {
    this.#loadedFrom = 0;
    this.#loadedTo = 0;
  }

  /** Reads plain records of the window, whose first `length` bytes are there; null when the next one is not plain. */
  run(
    window: { readonly bytes: Uint8Array; readonly length: number },
    range: PassRange,
  ): PassResult | null {
    if (this.#module.owner !== this) this.#prepare();
    this.#load(window, range.from);
    const { words, run } = this.#module;
    const place = this.#place;
    const from = this.#loadedFrom;
    words[place.position] = range.from - from;
    words[place.inputEnd] = this.#loadedTo - from;
    words[place.startLimit] = Math.min(range.startLimit, this.#loadedTo) - from;
    words[place.partEnd] = Math.min(range.partEnd, this.#loadedTo) - from;
    words[place.rowLimit] = Math.min(range.maxRows, place.maxRows);
    words[place.outputLimit] = Math.max(range.maxRowBytes, 0);
    words[place.rowOffset] = range.rowOffset;
    words[place.record] = range.recordOffset;
    words[place.line] = range.lineOffset;
    words[place.windowOffset] = from;
    words[place.recordNumber] = range.record % TWO_32;
    words[place.recordNumber + 1] = Math.floor(range.record / TWO_32);
    run();
    return this.#result();
  }

  #result(): PassResult | null {
    const { bytes, words } = this.#module;
    const place = this.#place;
    const count = wordAt(words, place.rows);
    if (count === 0) return null;
    const crlf = wordAt(words, place.crlfEnds);
    const cr = wordAt(words, place.crEnds);
    const firstEntry = place.entries / WORD_BYTES;
    return {
      count,
      rows: bytes.subarray(place.output, place.output + wordAt(words, place.rowBytes)),
      entries: words.subarray(firstEntry, firstEntry + (count * place.entryBytes) / WORD_BYTES),
      next: this.#loadedFrom + wordAt(words, place.position),
      lines: wordAt(words, place.lines),
      notes: {
        bareQuotes: wordAt(words, place.bareQuotes),
        blankLines: 0,
        lineEnds: { lf: count - crlf - cr, crlf, cr },
      },
    };
  }

  /** Copies what follows `from`, unless enough of it is there. */
  #load(window: { readonly bytes: Uint8Array; readonly length: number }, from: number): void {
    const isThere = from >= this.#loadedFrom && from < this.#loadedTo;
    const isCut = this.#loadedTo < window.length && this.#loadedTo - from < TAIL_BYTES;
    if (isThere && !isCut) return;
    const to = Math.min(window.length, from + this.#place.inputBytes);
    this.#module.bytes.set(window.bytes.subarray(from, to), this.#place.input);
    this.#loadedFrom = from;
    this.#loadedTo = to;
  }

  #prepare(): void {
    const { at, bytes, words, prepare } = this.#module;
    const { dialect, columns, maxFieldBytes, maxRecordBytes, width } = this.#options;
    const { shape = { hasNumber: true } } = this.#options;
    let labelsAt = 0;
    let word = at("FIELDS") / WORD_BYTES;
    for (const field of this.#fields) {
      words[word++] = at(field.kind);
      words[word++] = field.flags.reduce((flags, name) => flags | at(name), 0);
      words[word++] = field.labels === undefined ? field.first : labelsAt;
      words[word++] = field.second;
      const labels = encodeLabels(field.labels ?? []);
      bytes.set(labels, at("LABELS") + labelsAt);
      labelsAt += labels.length;
    }
    const { delimiter, quote } = dialect;
    const hasNumber = shape.hasNumber ? 1 : 0;
    prepare(delimiter, quote, width, columns.length, maxFieldBytes, maxRecordBytes, hasNumber);
    this.#module.owner = this;
    this.forget();
  }
}

const WORD_BYTES = 4;

function wordAt(words: Uint32Array, index: number): number {
  return words[index] as number; // inside the module's memory
}

type Places = ReturnType<typeof placesOf>;

/** Where the parameters are, in words, and the rest, in bytes. */
function placesOf({ at }: HotModule) {
  const parameter = (name: string): number => at("PARAMETERS") / WORD_BYTES + at(name);
  return {
    position: parameter("POSITION"),
    inputEnd: parameter("INPUT_END"),
    startLimit: parameter("START_LIMIT"),
    partEnd: parameter("PART_END"),
    rowLimit: parameter("ROW_LIMIT"),
    outputLimit: parameter("OUTPUT_LIMIT"),
    rowOffset: parameter("ROW_OFFSET"),
    record: parameter("RECORD"),
    line: parameter("LINE"),
    windowOffset: parameter("WINDOW_OFFSET"),
    recordNumber: parameter("RECORD_NUMBER"),
    rows: parameter("ROWS"),
    rowBytes: parameter("ROW_BYTES"),
    lines: parameter("LINES"),
    crlfEnds: parameter("CRLF_ENDS"),
    crEnds: parameter("CR_ENDS"),
    bareQuotes: parameter("BARE_QUOTES"),
    input: at("INPUT"),
    inputBytes: at("INPUT_BYTES"),
    entries: at("ENTRIES"),
    entryBytes: at("ENTRY_BYTES"),
    maxRows: at("MAX_ROWS"),
    output: at("OUTPUT"),
  };
}

/** Each label with its length in two bytes, the lower one first. */
function encodeLabels(labels: readonly string[]): Uint8Array {
  const pieces = labels.flatMap((label) => {
    const bytes = new TextEncoder().encode(label);
    return [bytes.length & 0xff, bytes.length >> 8, ...bytes];
  });
  return Uint8Array.from(pieces);
}
