// What the reference says beyond the tables in the code: typical causes of errors and rejections, and what the events
// mean. `write-reference.mjs` fails when a name here is not in the code, or one of the code is not here.

/** Error code → where it comes from. */
export const ERROR_CAUSES = {
  malformed_request: "A body that is not JSON or not declared as JSON, a form that breaks off.",
  unauthenticated: "The service listens beyond loopback and the request has no valid token.",
  forbidden:
    "On loopback: another `Host`, or a page of another origin. With tokens: a scope that is too small.",
  not_found: "An id that was never given or was deleted, or a path that does not exist.",
  method_not_allowed: "A path of the flat API with a method that it does not take.",
  transition_not_allowed:
    "An action that is impossible in the job's state; pausing while rows are published; deleting a job that is not over, or running it again.",
  file_in_use: "Deleting a file that an active or failed job needs.",
  table_exists:
    "Mode `create` with a name that is taken, also by a view or by another active job that is about to create it.",
  table_not_found: "Mode `append`, `upsert` or `replace` without such a table, or an export of it.",
  replace_not_possible:
    "Mode `replace` of a table to which another refers with `on delete cascade`, `set null` or `set default`; a file of which no row fits.",
  unique_index_missing:
    "Mode `upsert` with a `key` on which the table has no primary key or unique index, or one that is partial, deferrable or over more columns.",
  schema_not_found: "A table in a schema that does not exist, in any mode.",
  not_a_table:
    "Mode `append`, `upsert` or `replace` to a view, a materialized view, a foreign table or another relation.",
  idempotency_key_reused: "The same `Idempotency-Key` with another body.",
  file_too_large: "More bytes than `maxUploadBytes`; refused as soon as they are passed.",
  body_too_large: "A JSON body over 1 MiB.",
  unsupported_format:
    "The first bytes are those of gzip, zip, Excel, PDF, HTML, Parquet or another format.",
  unsupported_encoding: "A byte order mark of UTF-16 or UTF-32, or another declared encoding.",
  encoding_required: "No encoding is declared, and the first 4 MiB are not UTF-8.",
  empty_file: "No bytes, or only a byte order mark or blank lines.",
  invalid_request:
    "A field that is unknown, missing or of another type; a type or table name that cannot be.",
  too_many_columns: "More columns than PostgreSQL takes, less one for the record number.",
  date_ambiguous:
    "A column that is declared `date`, or is one in the table, while most of its values look like `03/04/2026`.",
  column_unmapped: "An existing table: a header that fits no column of the table.",
  mapping_ambiguous: "A header that fits two columns, or two headers for one column.",
  required_column_missing: "A column that is `not null` and has neither a default nor a header.",
  column_not_writable: "A generated column, or an identity column that is always generated.",
  record_too_large:
    "A record of more than 16 MiB, nearly always after a quote that is never closed.",
  text_after_quote:
    "A quoted field that goes on behind its quote, with the reading option `brokenQuotes: fail`.",
  inflate_failed: "A gzip or zip file that is damaged or cut off.",
  inflate_limit:
    "A compressed file that unpacks to more than `maxInflatedBytes`, or to more than `maxInflateRatio` times its size.",
  nested_compression: "A compressed file inside a compressed file.",
  unclosed_quote: "A quoted field that is still open at the end of the file.",
  source_changed:
    "The stored file is gone or has another size than when the job was created; also when its records are asked for.",
  upload_incomplete:
    "The sender of `PUT /v1/import/{table}` went away, or the service was killed, before the last byte; also when such a job is resumed.",
  upload_stopped:
    "The answer to `PUT /v1/import/{table}` when its job is stopped or undone before the last byte.",
  upload_offset_mismatch:
    "A piece for `/v1/uploads` that does not begin where the durable bytes end, as after a connection that broke off.",
  upload_busy:
    "Two requests for one upload at once, where the first does not let go; another service takes a piece of it.",
  upload_protocol: "A request to `/v1/uploads` without `Tus-Resumable`.",
  too_many_rejected: "More rejected rows than `maxRejected`. The job fails at the next chunk.",
  nothing_to_retry:
    "A retry of a job without rejected rows, without a correction that fits, or whose rejected rows are all in retries.",
  already_retried:
    "A correction of a row that a retry has, two retries of one row at once, or a corrected file with more rows than are open.",
  target_gone: "A retry after the table of the job was dropped or renamed.",
  header_mismatch:
    "A retry with a file whose columns are not those of the job's file, after the columns of the reasons or without them.",
  balance_mismatch:
    "Parts, ledger and rejections disagree, or a trigger or rule of the table drops rows.",
  publish_refused:
    "A right is missing, or the target was altered so that no row fits, when the rows are published.",
  rows_refused:
    "The database refuses rows in a way that does not name one of them; or the table of a `direct` import was dropped or altered while the job was not over.",
  process_not_found: "A request that names a process which is not in the folder of processes.",
  process_broken:
    "A file of the folder of processes with an error, or without a process; one whose result has other columns than when its job was created.",
  process_failed:
    "A batch that failed once more than its `retries`: an error that user code threw, or the end of the process it runs in.",
  undo_failed:
    "`undo` of a process failed for some batches, or could not be called: the file of the job or that of the process is gone. Of an import: the database refused, for lack of a right for example.",
  undo_not_possible:
    "`undo`, or `stop` with `rows: undo`, of a process that has no `undo` and has done something (`reason`: `no_undo`). Of an import of mode `upsert` or `replace` that has not kept what it wrote over (`rows_overwritten`), or whose days are over (`expired`), whose table was dropped (`table_gone`), or whose rows are not told from others any more (`rows_unknown`). Of a dry run (`dry_run`).",
  keep_not_possible:
    "`stop` with `rows: keep` of an export, of a dry run, of an import whose file still arrives, or of one whose mode publishes all of its rows or none.",
  query_failed:
    "While an export reads: a column that is gone, a division by zero, a right that was taken away.",
  no_result:
    "`GET /v1/jobs/{jobId}/result` of an import, or of another job that has not succeeded or was undone; a process without `output`.",
  range_not_satisfiable: "A `Range` that begins behind the end of a result.",
  runner_lost: "A runner died again and again at the same place, for lack of memory for example.",
  storage_full: "No space in the folder of files, or on the disk of the database.",
  storage_failed: "The folder of files, or another path, cannot be read or written.",
  database_unavailable: "While the service runs: no connection, or the server ended it.",
  database_unreachable:
    "At the start, or for `sluice doctor` and `sluice sql`: nothing listens, an unknown host, no answer in time, no connection free.",
  database_refused:
    "At the start: a wrong password, a database that does not exist, a role that may not create schemas.",
  lock_timeout:
    "A resume, undo or rescue waited 10 s for a session that is not Sluice's. A pause or stop is answered 202 then. The log of the service names the session.",
  database_too_old: "The server is older than PostgreSQL 14.",
  database_too_new:
    "The schema has a migration that this version does not know, or knows in another form.",
  database_not_found:
    "No package for this platform, such as Linux with musl, or it was not installed.",
  database_start_failed:
    "The private server does not start or stop; the message has the reason from its log.",
  folder_in_use: "A second service, or `sluice url --stop` beside a service, on one `SLUICE_DIR`.",
  files_folder_differs:
    "A service starts on a database while one with another folder of files works there, or ended less than 12 s ago.",
  port_in_use:
    "A port that was chosen is taken. The usual port moves to the next free one instead.",
  invalid_config: "An unknown setting, a value that is not expected, or two configuration files.",
  version_conflict: "A change of a job with an `If-Match` of an older state of it.",
  shutting_down: "A request that arrives while the service stops.",
  service_unreachable: "No service of this folder or at the address that was named.",
  usage: "A command or flag that does not exist, or a value that is not expected.",
  internal: "A defect in Sluice, or a failure of the machine.",
};

/** Rejection code → where it comes from. */
export const REJECTION_CAUSES = {
  text_after_quote: 'A quoted field that goes on behind its quote, such as `"a" b`.',
  too_few_fields: "A line that was cut, or a delimiter that is missing.",
  too_many_fields: "An unquoted delimiter inside a value.",
  field_too_large: "A field of more than 1 MiB.",
  invalid_encoding: "Bytes of another encoding in a file that is UTF-8 otherwise.",
  nul_byte: "A zero byte in a text column.",
  required_value_missing: "An empty field for a column that is `not null`.",
  invalid_integer: "A decimal point, a letter or a space in a whole number.",
  invalid_number: "Thousands separators, a decimal comma, a unit.",
  out_of_range: "A number that is larger than the type holds.",
  too_precise: "More fraction digits than the type holds, and not zeros.",
  invalid_boolean: "Another word than PostgreSQL's own spellings.",
  invalid_uuid: "Another length or form.",
  invalid_json: "Text under `json` or `jsonb` that is not JSON.",
  invalid_date: "Another form than `2026-11-23` or the declared one, or a day that does not exist.",
  invalid_timestamp:
    "Another form than `2026-11-23 17:40:26` or the declared one, a missing or an unexpected time zone; a time that the clocks of the declared zone skip or show twice.",
  too_long: "More characters than `varchar(n)` or `char(n)` holds.",
  invalid_value: "A word that is none of an enum's, a type that only the database knows.",
  superseded:
    "Mode `upsert`: a later record of the file has the same key, and was taken instead of this one. A retry writes the row all the same, over the later values: leave it out, or give it another key.",
  duplicate_key:
    "A key that the target has, or that an earlier record of the file has; found when the rows are published, or with direct delivery written.",
  missing_reference: "A foreign key without its row; found when the rows are published.",
  check_violation: "A CHECK of the table or a domain, or an exclusion constraint.",
  row_too_big: "A row of more than 8 kB in a table of very many columns.",
  refused_by_database: "A trigger or rule of the target raises an exception.",
  refused_by_process:
    "`ctx.reject` of a process; with `isolate`, a record that fails alone, with the words of the error.",
  against_schema: "What the `record` schema of a process says of a record.",
};

/** Type of a stored event → what happened. */
export const EVENT_NOTES = {
  "job.created":
    "The job exists. `details.startPaused` says whether it begins paused, `details.parent` from which job it was made.",
  "job.queued":
    "It waits for a runner: resumed by a person (`by`), drained at a shutdown, or rescued (`details.reason` is `runner lost`).",
  "job.running": "A runner has claimed one of its parts.",
  "job.pausing":
    "A pause was asked for, by `by`, for `details.reason`. `pauseAfter` is a reason too.",
  "job.paused": "It is paused: no chunk commits after this.",
  "job.stopping": "A stop was asked for, by `by`, for `details.reason`.",
  "job.stopped":
    "It is stopped. Its rows are undone, or kept where that was asked for: see the job's `result`.",
  "job.succeeded": "Its rows are visible, or its file is there.",
  "job.failed": "An error ended it; the job's `failure` names it.",
  "job.rerun": "Another job was made from it; `details.job` is its id.",
  "job.retried": "Rejected records of it were retried by another job; `details.job` is its id.",
  "job.replanned":
    "Its file was whole at last, and told other columns than its beginning: it began again with those. `details.columns` names them.",
  "job.speed_changed":
    "Its speed was changed, by `by`: `details.from` and `details.to` are rows a second, null for full speed.",
  "job.renamed": "It got another name, by `by`: `details.from` and `details.to` are the names.",
  "job.worker_lost":
    "The worker of a sample job has ended, whatever the reason; `details.pid` is its process id. Another one takes over.",
  "job.undone":
    "What a job had staged or written, or what a process did, is gone; the job's `result` says what was left.",
};

/** Type of a message that only the stream has → its data. */
export const STREAM_NOTES = {
  job: "The job whole, as the first message about it.",
  "job.updated":
    "The job whole, after each change of its row and the stored events that came with it.",
  "job.progress":
    "Only id, progress and checkpoint, when nothing but the counters moved; at most four a second.",
};

/** Fields of the bodies of `POST /v1/jobs` that have no description in the API's own document → their meaning. */
export const FIELD_NOTES = {
  CreateImportRequest: {
    kind: "What the job does.",
    file: "Id of a stored file.",
    reading: "`delimiter`, `quote`, `escape`, `encoding`, `header`; what is absent is detected.",
    delivery:
      "`staged`, the default: rows wait and appear at the end. `direct`, for `append`: as each chunk commits.",
    pauseAfter: "Pauses the job after exactly this many records; null, the default: never.",
    name: "A name for people; `file → table` when absent.",
    startPaused: "Creates the job in state `paused`.",
    validateOnly: "Answers the decisions and creates nothing.",
  },
  CreateExportRequest: {
    kind: "What the job does.",
    columns: "Names of columns, in the order of the file; all when absent.",
    format:
      "`type` (`csv`, `tsv`, `jsonl`), `delimiter`, `quotes`, `null`, `header`, `lineEnd`, `gzip`, `zstd`, `spreadsheetSafe`.",
    name: "A name for people; `table → file` when absent.",
    startPaused: "Creates the job in state `paused`.",
    validateOnly: "Answers the decisions and the estimate, and creates nothing.",
  },
  CreateProcessRequest: {
    kind: "What the job does.",
    process: "Name of a process in the folder of processes.",
    file: "Id of a stored file.",
    reading: "`delimiter`, `quote`, `escape`, `encoding`, `header`; what is absent is detected.",
    pauseAfter: "Pauses the job after exactly this many records; null, the default: never.",
    name: "A name for people; `file → title` when absent.",
    startPaused: "Creates the job in state `paused`.",
    validateOnly:
      "Answers the decisions, and what the process says of the params, and does nothing.",
  },
};
