/** What is before the first record of a source: its header, and the one with columns for the reasons of rejections. */
import type { Dialect, ReadingPlan } from "../../core/import-plan.ts";
import { encodableText, encodeText } from "../../csv/encoding-table.ts";
import { recordTexts } from "../../csv/field-text.ts";
import { findText } from "../../csv/find-text.ts";
import { walkSample } from "../../csv/sample-records.ts";
import { SCAN_OUTCOMES } from "../../csv/scanned-record.ts";

/** Columns that a download of rejected records can have before its own. */
export const REASON_COLUMNS = ["_line", "_column", "_code", "_reason"] as const;

/** What is before the first record. */
export interface RecordHead {
  /** Every byte, as it is in the source. */
  readonly bytes: Uint8Array;
  /** The texts of the header, or made-up names without one. */
  readonly header: readonly string[];
  /** Where the header starts in `bytes`; their length without one. */
  readonly headerStart: number;
}

/** Takes the bytes before the first record apart. */
export function readHead(bytes: Uint8Array, plan: ReadingPlan): RecordHead {
  const { dialect, reading, width } = plan;
  const madeUp = Array.from({ length: width }, (_, at) => `column_${at + 1}`);
  const without = { bytes, header: madeUp, headerStart: bytes.length };
  if (!reading.header) return without;
  const declared = { encoding: plan.encoding, skipLines: reading.skipLines, nul: reading.nul };
  const sample = { bytes, isWhole: true };
  const { text, start } = findText(sample, { ...declared, ...charactersOf(dialect) });
  const walk = { dialect, start, limits: reading, maxFields: width + 1 };
  for (const { outcome, found } of walkSample(text, walk)) {
    // The header is the record that ends where the data begins; a line `sep=X` before it is none.
    if (outcome !== SCAN_OUTCOMES.record || found.next !== text.bytes.length) continue;
    const header = recordTexts(text.bytes, found, dialect.escape);
    return { bytes, header, headerStart: text.origin.offsetOf(found.start) };
  }
  return without;
}

/** The same with the columns of the reasons at the front of the header. */
export function headWithReasons(head: RecordHead, plan: ReadingPlan): Uint8Array {
  if (head.headerStart === head.bytes.length) return head.bytes;
  return Buffer.concat([
    head.bytes.subarray(0, head.headerStart),
    leadingFields(REASON_COLUMNS, plan),
    head.bytes.subarray(head.headerStart),
  ]);
}

/**
 * Texts as the first fields of a record, in the dialect and encoding of the source. At the front, because a rejected
 * record may have any number of fields, or text behind a quote, and what follows it would be found in no column.
 */
export function leadingFields(
  texts: readonly string[],
  { dialect, encoding }: ReadingPlan,
): Uint8Array {
  const { delimiter, quote, escape, comment = "" } = charactersOf(dialect);
  // Any character of the delimiter: the end of a field and the delimiter behind it must not make one together.
  const special = [...Array.from(delimiter), quote, comment, "\r", "\n"].filter(
    (character) => character !== "",
  );
  const fields = texts.map((given) => {
    // What stands for a character that the encoding lacks may be special itself.
    const text = encodableText(given, encoding);
    if (!special.some((character) => text.includes(character))) return text;
    const escaped = escape === quote ? text : text.replaceAll(escape, escape + escape);
    return quote + escaped.replaceAll(quote, escape + quote) + quote;
  });
  return encodeText(fields.map((field) => field + delimiter).join(""), encoding);
}

/** The characters of a dialect, as they are declared. */
export function charactersOf(dialect: Dialect): {
  readonly delimiter: string;
  readonly quote: string;
  readonly escape: string;
  readonly comment?: string;
} {
  const { delimiter, delimiterRest = [], quote, escape, comment } = dialect;
  return {
    delimiter: new TextDecoder().decode(Uint8Array.of(delimiter, ...delimiterRest)),
    quote: String.fromCharCode(quote),
    escape: String.fromCharCode(escape),
    ...(comment === undefined ? {} : { comment: String.fromCharCode(comment) }),
  };
}
