/**
 * The one table of error codes; `SluiceError` carries them.
 *
 * A code has an HTTP status, a title, and an advice that says what to do. Messages are written where the error
 * arises, from what is known there. `docs/reference/errors.md` has a row for each code, and a test compares both ways.
 */
interface ErrorRule {
  /** HTTP status of the answer when the error ends a request. */
  readonly status: number;
  readonly title: string;
  /** What the reader can do about it. */
  readonly advice: string;
  /** Whether the same request may succeed later without being changed. */
  readonly isRetryable?: true;
  /** Clients hear the message although the status is over 499: it names what the reader has to act on. */
  readonly isSaid?: true;
  /** Every message of this code says itself what to do, so that the advice would say it twice. */
  readonly isAdvised?: true;
}

/** Every error code. */
export const ERRORS = {
  malformed_request: {
    status: 400,
    title: "The request cannot be read",
    advice: "Check the syntax of the request against /docs.",
  },
  version_conflict: {
    status: 412,
    title: "The job has changed meanwhile",
    advice: "Show the job again, and ask with its new `ETag` if that is still what you want.",
  },
  unauthenticated: {
    status: 401,
    title: "A token is needed",
    advice: "Send `Authorization: Bearer slu_…`, or set SLUICE_TOKEN for the command line.",
  },
  forbidden: {
    status: 403,
    title: "This is not allowed",
    advice: "Call the service by its own address, from its own pages or from a program.",
  },
  not_found: {
    status: 404,
    title: "Not found",
    advice: "Check the id or path.",
  },
  method_not_allowed: {
    status: 405,
    title: "This path takes another method",
    advice: "`Allow` lists the methods that it takes.",
  },
  transition_not_allowed: {
    status: 409,
    title: "The job cannot do this now",
    advice: "`actions` lists what is possible in its present state.",
  },
  file_in_use: {
    status: 409,
    title: "The file is in use",
    advice: "Stop the job that uses it, or wait for its end.",
  },
  table_exists: {
    status: 409,
    title: "The table exists already",
    advice: "Choose another table, or use mode append to add rows to it.",
  },
  table_not_found: {
    status: 422,
    title: "There is no such table",
    advice: "Check the name, or use mode create to make it.",
  },
  schema_not_found: {
    status: 422,
    title: "There is no such schema",
    advice: "Check the name, or create the schema.",
  },
  not_a_table: {
    status: 422,
    title: "The target is not a table",
    advice: "Name a table: rows cannot be added to views and other relations.",
  },
  idempotency_key_reused: {
    status: 422,
    title: "The Idempotency-Key was used for another request",
    advice: "Use a new key for a new request.",
  },
  file_too_large: {
    status: 413,
    title: "The file is too large",
    advice: "Raise SLUICE_MAX_UPLOAD_BYTES, or split the file.",
  },
  body_too_large: {
    status: 413,
    title: "The body is too large",
    advice: "Send the file by itself with PUT /v1/files/{name}, and its id in the request.",
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
  invalid_request: {
    status: 422,
    title: "The request is not valid",
    advice: "`errors` names each field and what is expected there.",
    isAdvised: true,
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
  column_unmapped: {
    status: 422,
    title: "A header has no column in the table",
    advice: "Map it to a column, or to null to leave it out.",
  },
  mapping_ambiguous: {
    status: 422,
    title: "A header fits two columns",
    advice: "Say which one with `columns`.",
  },
  required_column_missing: {
    status: 422,
    title: "A required column has no source",
    advice: "Map a header to it, or give the column a default.",
  },
  column_not_writable: {
    status: 422,
    title: "A column cannot be written",
    advice: "Map the header to null: the database computes this column itself.",
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
  too_many_rejected: {
    status: 422,
    title: "More rows were rejected than allowed",
    advice: "Look at the rejected rows. Resume with a higher limit, or correct the file.",
  },
  balance_mismatch: {
    status: 500,
    title: "The books do not balance",
    advice: "Nothing was published. Report this: it is a defect in Sluice.",
  },
  publish_refused: {
    status: 409,
    title: "The database refused to publish the rows",
    advice: "The rows are kept. Remove the cause that the message names, then resume.",
  },
  rows_refused: {
    status: 422,
    title: "The database refused the rows",
    advice: "Remove the cause that the message names, then resume.",
  },
  process_not_found: {
    status: 422,
    title: "There is no such process",
    advice: "Name one of the folder of processes, or put its file there.",
  },
  process_broken: {
    status: 422,
    title: "The file of the process does not load",
    advice: "Correct the file at the named line; it is read again at the next start.",
  },
  process_failed: {
    status: 422,
    title: "The process failed at a batch",
    advice:
      "Correct the process or the data, then resume: it goes on at the same batch with the same key.",
  },
  undo_failed: {
    status: 409,
    title: "Some of what the process did could not be reversed",
    advice: "Put right what the message names, then undo again: only what failed is tried again.",
  },
  undo_not_possible: {
    status: 409,
    title: "What the process did cannot be reversed",
    advice: "The process has no `undo`. Stop it with rows: keep, or give it one.",
  },
  query_failed: {
    status: 422,
    title: "The query of an export failed",
    advice: "Put right what the database names, then resume; or stop the job and export again.",
  },
  no_result: {
    status: 409,
    title: "There is no result",
    advice: "A job has one when it has succeeded: `GET /v1/jobs/{jobId}?wait=60` waits for that.",
  },
  range_not_satisfiable: {
    status: 416,
    title: "The file has no such part",
    advice: "`Content-Range` says how many bytes it has.",
  },
  runner_lost: {
    status: 500,
    title: "The work was lost again and again at the same place",
    advice: "Read the log of the service for the cause, then resume.",
  },
  storage_full: {
    status: 507,
    title: "There is no space left",
    advice: "Free space on the named disk, then try again or resume.",
    isRetryable: true,
  },
  storage_failed: {
    status: 500,
    title: "A file cannot be read or written",
    advice: "Check the disk and the permissions of the named path.",
    isAdvised: true,
  },
  database_unavailable: {
    status: 503,
    title: "The database does not answer",
    advice: "Jobs wait and go on by themselves. Check the PostgreSQL server when it lasts.",
    isRetryable: true,
    isSaid: true,
  },
  database_unreachable: {
    status: 503,
    title: "The database cannot be reached",
    advice: "Check host and port in DATABASE_URL, and that the server runs.",
    isRetryable: true,
    isAdvised: true,
  },
  database_refused: {
    status: 500,
    title: "The database does not let Sluice in",
    advice: "Check password, database and rights of the role in DATABASE_URL.",
    isAdvised: true,
  },
  lock_timeout: {
    status: 503,
    title: "A lock is held by somebody else",
    advice: "Wait for the session that the message names, or end it, then ask again.",
    isRetryable: true,
    isSaid: true,
  },
  database_too_old: {
    status: 500,
    title: "The PostgreSQL server is too old",
    advice: "Use PostgreSQL 14 or newer.",
  },
  database_too_new: {
    status: 500,
    title: "The database was made by a newer Sluice",
    advice: "Upgrade Sluice; a downgrade is not possible.",
  },
  database_not_found: {
    status: 500,
    title: "There is no private PostgreSQL for this platform",
    advice: "Set DATABASE_URL to a PostgreSQL 14 or newer.",
  },
  database_start_failed: {
    status: 500,
    title: "The private PostgreSQL does not start",
    advice: "Read the named log, or set DATABASE_URL to a server of your own.",
    isAdvised: true,
  },
  folder_in_use: {
    status: 409,
    title: "Another service uses this folder",
    advice: "Use that one, stop it, or set SLUICE_DIR to another folder.",
  },
  files_folder_differs: {
    status: 409,
    title: "Another service of the database keeps its files elsewhere",
    advice: "Set SLUICE_FILES to the folder that the other uses, or use another database.",
    isAdvised: true,
  },
  port_in_use: {
    status: 409,
    title: "The port is taken",
    advice: "Choose another with --port or SLUICE_PORT.",
  },
  invalid_config: {
    status: 500,
    title: "A setting is not valid",
    advice: "`sluice config` lists every setting, its value and where it came from.",
  },
  shutting_down: {
    status: 503,
    title: "The service is stopping",
    advice: "Try again in a moment.",
    isRetryable: true,
  },
  service_unreachable: {
    status: 503,
    title: "The service cannot be reached",
    advice: "Start it with `sluice`, or set SLUICE_URL to where it runs.",
    isRetryable: true,
  },
  usage: {
    status: 400,
    title: "The command cannot be understood",
    advice: "Correct what the message names; `sluice help COMMAND` shows the usage.",
  },
  internal: {
    status: 500,
    title: "Something went wrong inside Sluice",
    advice: "The log of the service has the cause under the request's id.",
  },
} as const satisfies Record<string, ErrorRule>;

/**
 * What to do about an error with this code, or null when its message says so itself: by the rule of the code, by naming
 * a command, or in the same words.
 */
export function adviceBeside(code: ErrorCode, message: string): string | null {
  const rule = ERRORS[code];
  const isAdvised =
    "isAdvised" in rule || message.includes("`sluice ") || message.includes(rule.advice);
  return isAdvised ? null : rule.advice;
}

/** A code of the table. */
export type ErrorCode = keyof typeof ERRORS;
