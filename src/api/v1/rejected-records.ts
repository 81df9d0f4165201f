/** Rejected records as a stream of text: CSV or one JSON object a line, read in pages as the client takes them. */
import type { JobService } from "../../core/job-service.ts";
import type { Rejection } from "../../core/rejection.ts";
import type { RejectedRecordView } from "../schemas/history.ts";
import { rejectedRecordView } from "../views.ts";

const PAGE_SIZE = 500;
const CSV_COLUMNS = [
  "record",
  "line",
  "byte",
  "column",
  "value",
  "code",
  "message",
  "raw",
] as const satisfies readonly (keyof RejectedRecordView)[];

/** A form in which all rejected records can be had. */
export interface RecordFormat {
  readonly contentType: string;
  readonly extension: string;
  /** Text before the first record. */
  readonly head: string;
  /** One record, its line end included. */
  readonly encode: (record: RejectedRecordView) => string;
}

/** The streamed forms by media type. */
export const RECORD_FORMATS: Readonly<Record<string, RecordFormat>> = {
  "text/csv": {
    contentType: "text/csv; charset=utf-8; header=present",
    extension: "csv",
    head: `${CSV_COLUMNS.join(",")}\r\n`,
    encode: (record) => `${CSV_COLUMNS.map((name) => csvField(record[name])).join(",")}\r\n`,
  },
  "application/x-ndjson": {
    contentType: "application/x-ndjson; charset=utf-8",
    extension: "ndjson",
    head: "",
    encode: (record) => `${JSON.stringify(record)}\n`,
  },
};

/** The rejected records after `afterRecord`, page by page; one page is in memory at a time. */
export async function* rejectedText(
  service: JobService,
  format: RecordFormat,
  from: { readonly jobId: string; readonly afterRecord: number },
): AsyncGenerator<string> {
  let { afterRecord } = from;
  let page: readonly Rejection[];
  let head = format.head;
  do {
    page = await service.listRejections(from.jobId, { limit: PAGE_SIZE, afterRecord });
    yield head + page.map((rejection) => format.encode(rejectedRecordView(rejection))).join("");
    head = "";
    afterRecord = page.at(-1)?.record ?? afterRecord;
  } while (page.length === PAGE_SIZE);
}

/** A field by RFC 4180; null is the empty field, and empty text is quoted so that the two stay apart. */
function csvField(value: string | number | null): string {
  if (value === null) return "";
  const text = String(value);
  return text === "" || /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
