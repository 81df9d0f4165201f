/** Codes of files and their uploads: what was sent cannot be taken or read. `error-table.ts` puts the tables together. */
import type { ErrorRule } from "./error-rule.ts";

/** Codes of files and their uploads. */
export const FILE_ERRORS = {
  file_too_large: {
    status: 413,
    title: "The file is too large",
    advice: "Raise SLUICE_MAX_UPLOAD_BYTES, or split the file.",
  },
  unsupported_format: {
    status: 415,
    title: "This is not a CSV file",
    advice: "Sluice reads CSV, TSV and other delimited text. Save or unpack the file as such.",
  },
  unsupported_encoding: {
    status: 415,
    title: "The encoding cannot be read",
    advice: "Save the file as UTF-8.",
  },
  encoding_required: {
    status: 422,
    title: "The file is not UTF-8",
    advice: "Declare its encoding with `reading.encoding` or --encoding, or save it as UTF-8.",
  },
  empty_file: {
    status: 422,
    title: "The file is empty",
    advice: "Send a file with at least a header line.",
  },
  too_many_columns: {
    status: 422,
    title: "The file has too many columns",
    advice: "Check the delimiter, or split the file by columns.",
  },
  date_ambiguous: {
    status: 422,
    title: "Dates can be read in two ways",
    advice: "Say which with `reading.dateFormats` or --date-formats, or leave the column text.",
  },
  record_too_large: {
    status: 422,
    title: "A record is too large",
    advice: "Nearly always a quote that is never closed: look at the named line.",
  },
  unclosed_quote: {
    status: 422,
    title: "A quote is never closed",
    advice: "Look at the named line; close the quote and import the file again.",
  },
  text_after_quote: {
    status: 422,
    title: "Text follows a closing quote",
    advice: "Look at the named line: double the quotes inside quotes, or quote the whole field.",
  },
  inflate_failed: {
    status: 422,
    title: "The compressed file is damaged",
    advice: "Compress the file again, or send it unpacked.",
  },
  inflate_limit: {
    status: 422,
    title: "The compressed file holds too much",
    advice:
      "Send the file unpacked, or raise maxInflatedBytes or maxInflateRatio if it is what you expect.",
  },
  nested_compression: {
    status: 415,
    title: "The file is compressed twice",
    advice: "Unpack it once and send what is inside.",
  },
  source_changed: {
    status: 409,
    title: "The file has changed since the job began",
    advice: "Stop the job, and import the new file.",
  },
  upload_incomplete: {
    status: 409,
    title: "The upload did not reach its end",
    advice:
      "Nothing is visible in the table. Send the whole file again; undo drops what it staged.",
  },
  upload_stopped: {
    status: 409,
    title: "The import was stopped while its file arrived",
    advice: "The table is as it was, and nothing of the file is kept. Send it again to import it.",
  },
  upload_offset_mismatch: {
    status: 409,
    title: "The upload is at another offset",
    advice: "Ask with HEAD how much of it is there, and go on from that byte.",
  },
  upload_busy: {
    status: 423,
    title: "The upload is being sent already",
    advice: "Wait for the other request, or until its connection is given up.",
    isRetryable: true,
  },
  upload_protocol: {
    status: 412,
    title: "This is not the version of the upload protocol",
    advice: "Send `Tus-Resumable: 1.0.0`, or the whole file with PUT /v1/files/{name}.",
  },
} as const satisfies Record<string, ErrorRule>;
