/** What is before the first record of a source: its header, and the one with columns for the reasons of rejections. */
import type { ImportPlan } from "../../core/import-plan.ts";
import { CR, LF } from "../../csv/bytes.ts";
import { recordTexts } from "../../csv/field-text.ts";
import { RecordScanner } from "../../csv/record-scanner.ts";
import { SCAN_OUTCOMES } from "../../csv/scanned-record.ts";

/** Columns that a download of rejected records can have before its own. */
const REASON_COLUMNS = ["_line", "_column", "_code", "_reason"] as const;

const BYTE_ORDER_MARK = [0xef, 0xbb, 0xbf];

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
export function readHead(bytes: Uint8Array, plan: ImportPlan, hasHeader: boolean): RecordHead {
  const madeUp = Array.from({ length: plan.width }, (_, at) => `column_${at + 1}`);
  if (!hasHeader) return { bytes, header: madeUp, headerStart: bytes.length };
  const scanner = new RecordScanner({
    dialect: plan.dialect,
    ...plan.limits,
    maxFields: plan.width + 1,
  });
  for (const start of lineStarts(bytes)) {
    const outcome = scanner.scan(bytes, start, bytes.length, true);
    // The header is the record that ends where the data begins; lines before it were skipped.
    if (outcome !== SCAN_OUTCOMES.record || scanner.found.next !== bytes.length) continue;
    const header = recordTexts(bytes, scanner.found, plan.dialect.escape);
    return { bytes, header, headerStart: start };
  }
  return { bytes, header: madeUp, headerStart: bytes.length };
}

/** Where a header may start: at the first byte of the text, and behind each line end. */
function* lineStarts(bytes: Uint8Array): Generator<number> {
  yield BYTE_ORDER_MARK.every((byte, at) => bytes[at] === byte) ? BYTE_ORDER_MARK.length : 0;
  for (let index = 0; index < bytes.length; index++)
    if (bytes[index] === LF || (bytes[index] === CR && bytes[index + 1] !== LF)) yield index + 1;
}

/** The same with the columns of the reasons at the front of the header. */
export function headWithReasons(head: RecordHead, plan: ImportPlan): Uint8Array {
  if (head.headerStart === head.bytes.length) return head.bytes;
  return Buffer.concat([
    head.bytes.subarray(0, head.headerStart),
    leadingFields(REASON_COLUMNS, plan),
    head.bytes.subarray(head.headerStart),
  ]);
}

/**
 * Texts as the first fields of a record, in the dialect of the source. At the front, because a rejected record may have
 * any number of fields, or text behind a quote, and what follows it would be found in no column.
 */
export function leadingFields(texts: readonly string[], plan: ImportPlan): Uint8Array {
  const { delimiter, quote, escape } = plan.dialect;
  const separator = String.fromCharCode(delimiter);
  const mark = String.fromCharCode(quote);
  const escaper = String.fromCharCode(escape);
  const special = [separator, mark, "\r", "\n"];
  const fields = texts.map((text) => {
    if (!special.some((character) => text.includes(character))) return text;
    const escaped = escaper === mark ? text : text.replaceAll(escaper, escaper + escaper);
    return mark + escaped.replaceAll(mark, escaper + mark) + mark;
  });
  return Buffer.from(fields.map((field) => field + separator).join(""));
}
