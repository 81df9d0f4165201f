/**
 * The schemas of the REST API as types. Written by `npm run docs` from the OpenAPI document: not to be edited.
 */

export interface components {
  schemas: {
    readonly FlatAnswer: {
      readonly Details: string;
      readonly id?: string;

      readonly state?:
        | "queued"
        | "running"
        | "pausing"
        | "paused"
        | "stopping"
        | "stopped"
        | "succeeded"
        | "failed"
        | "undoing"
        | "undone";

      readonly table?: string;

      readonly process?: string;

      readonly result?: string;

      readonly lastJob?: {
        readonly id: string;

        readonly state:
          | "queued"
          | "running"
          | "pausing"
          | "paused"
          | "stopping"
          | "stopped"
          | "succeeded"
          | "failed"
          | "undoing"
          | "undone";

        readonly table?: string;

        readonly process?: string;

        readonly result?: string;
        readonly recordsRead: number;
        readonly recordsWritten: number;
      } | null;

      readonly code?: string;
    };

    readonly File: {
      readonly id: string;

      readonly name: string;

      readonly bytes: number;
      readonly sha256: string;

      readonly createdAt: string;
    };

    readonly Problem: {
      readonly type: string;
      readonly title: string;
      readonly status: number;
      readonly detail: string;
      readonly instance: string;

      readonly code:
        | "malformed_request"
        | "version_conflict"
        | "unauthenticated"
        | "forbidden"
        | "not_found"
        | "method_not_allowed"
        | "transition_not_allowed"
        | "file_in_use"
        | "idempotency_key_reused"
        | "body_too_large"
        | "invalid_request"
        | "no_result"
        | "range_not_satisfiable"
        | "usage"
        | "file_too_large"
        | "unsupported_format"
        | "unsupported_encoding"
        | "encoding_required"
        | "empty_file"
        | "too_many_columns"
        | "date_ambiguous"
        | "record_too_large"
        | "unclosed_quote"
        | "text_after_quote"
        | "inflate_failed"
        | "inflate_limit"
        | "nested_compression"
        | "source_changed"
        | "upload_incomplete"
        | "upload_stopped"
        | "upload_offset_mismatch"
        | "upload_busy"
        | "upload_protocol"
        | "table_exists"
        | "table_not_found"
        | "schema_not_found"
        | "not_a_table"
        | "unique_index_missing"
        | "replace_not_possible"
        | "column_unmapped"
        | "mapping_ambiguous"
        | "required_column_missing"
        | "column_not_writable"
        | "too_many_rejected"
        | "balance_mismatch"
        | "publish_refused"
        | "rows_refused"
        | "process_not_found"
        | "process_broken"
        | "process_failed"
        | "undo_failed"
        | "undo_not_possible"
        | "keep_not_possible"
        | "query_failed"
        | "nothing_to_retry"
        | "already_retried"
        | "target_gone"
        | "header_mismatch"
        | "runner_lost"
        | "storage_full"
        | "storage_failed"
        | "database_unavailable"
        | "database_unreachable"
        | "database_refused"
        | "lock_timeout"
        | "database_too_old"
        | "database_too_new"
        | "database_not_found"
        | "database_start_failed"
        | "folder_in_use"
        | "files_folder_differs"
        | "port_in_use"
        | "invalid_config"
        | "shutting_down"
        | "service_unreachable"
        | "internal";
      readonly requestId: string;

      readonly state?:
        | "queued"
        | "running"
        | "pausing"
        | "paused"
        | "stopping"
        | "stopped"
        | "succeeded"
        | "failed"
        | "undoing"
        | "undone";
      readonly actions?: readonly ("pause" | "resume" | "stop" | "undo" | "retry" | "rerun")[];
      readonly errors?: readonly {
        readonly pointer: string;
        readonly code: string;
        readonly detail: string;
      }[];
      [key: string]: unknown;
    };
    readonly FileList: {
      readonly items: readonly components["schemas"]["File"][];
      readonly next: string | null;
    };

    readonly Inspection: {
      readonly file: string;
      readonly name: string;

      readonly bytes: number;

      readonly packing: "gzip" | "zip" | null;

      readonly sourceBytes: number;

      readonly table: string;

      readonly tableExists: boolean;
      readonly reading: {
        readonly delimiter: string;
        readonly quote: string;
        readonly escape: string;
        readonly encoding: string;

        readonly firstRecordLine: number;
        readonly encodingReason: string;
        readonly delimiterReason: string;
      };
      readonly columns: readonly {
        readonly number: number;
        readonly header: string;
        readonly column: string;

        readonly type:
          | "integer"
          | "bigint"
          | "numeric"
          | "double precision"
          | "boolean"
          | "date"
          | "timestamp"
          | "timestamptz"
          | "time"
          | "uuid"
          | "json"
          | "jsonb"
          | "enum"
          | "text";
        readonly sqlType: string;
        readonly isRequired: boolean;

        readonly reason: string;

        readonly spelling?: {
          readonly decimal?: ",";
          readonly group?: string;
          readonly dateFormat?: string;
          readonly timeZone?: string;
        };

        readonly offers?: readonly {
          readonly type:
            | "integer"
            | "bigint"
            | "numeric"
            | "double precision"
            | "boolean"
            | "date"
            | "timestamp"
            | "timestamptz"
            | "time"
            | "uuid"
            | "json"
            | "jsonb"
            | "enum"
            | "text";

          readonly decimal?: ",";
          readonly group?: string;
          readonly dateFormat?: string;
          readonly timeZone?: string;
          readonly reason: string;
        }[];

        readonly examples: readonly string[];
      }[];

      readonly sample: readonly (readonly string[])[];
      readonly survey: {
        readonly isWhole: boolean;

        readonly bytesRead: number;

        readonly recordsRead: number;

        readonly recordsRejected: number;
        readonly rejectedByCode: {
          [key: string]: number;
        };

        readonly rejectedByColumn: {
          [key: string]: number;
        };

        readonly failure: {
          readonly code:
            | "malformed_request"
            | "version_conflict"
            | "unauthenticated"
            | "forbidden"
            | "not_found"
            | "method_not_allowed"
            | "transition_not_allowed"
            | "file_in_use"
            | "idempotency_key_reused"
            | "body_too_large"
            | "invalid_request"
            | "no_result"
            | "range_not_satisfiable"
            | "usage"
            | "file_too_large"
            | "unsupported_format"
            | "unsupported_encoding"
            | "encoding_required"
            | "empty_file"
            | "too_many_columns"
            | "date_ambiguous"
            | "record_too_large"
            | "unclosed_quote"
            | "text_after_quote"
            | "inflate_failed"
            | "inflate_limit"
            | "nested_compression"
            | "source_changed"
            | "upload_incomplete"
            | "upload_stopped"
            | "upload_offset_mismatch"
            | "upload_busy"
            | "upload_protocol"
            | "table_exists"
            | "table_not_found"
            | "schema_not_found"
            | "not_a_table"
            | "unique_index_missing"
            | "replace_not_possible"
            | "column_unmapped"
            | "mapping_ambiguous"
            | "required_column_missing"
            | "column_not_writable"
            | "too_many_rejected"
            | "balance_mismatch"
            | "publish_refused"
            | "rows_refused"
            | "process_not_found"
            | "process_broken"
            | "process_failed"
            | "undo_failed"
            | "undo_not_possible"
            | "keep_not_possible"
            | "query_failed"
            | "nothing_to_retry"
            | "already_retried"
            | "target_gone"
            | "header_mismatch"
            | "runner_lost"
            | "storage_full"
            | "storage_failed"
            | "database_unavailable"
            | "database_unreachable"
            | "database_refused"
            | "lock_timeout"
            | "database_too_old"
            | "database_too_new"
            | "database_not_found"
            | "database_start_failed"
            | "folder_in_use"
            | "files_folder_differs"
            | "port_in_use"
            | "invalid_config"
            | "shutting_down"
            | "service_unreachable"
            | "internal";
          readonly message: string;
          readonly advice: string;
        } | null;
        readonly lineEnds: {
          readonly lf: number;

          readonly crlf: number;

          readonly cr: number;
        };

        readonly blankLines: number;

        readonly bareQuotes: number;
      };

      readonly problems: readonly components["schemas"]["RecordProblem"][];
      readonly warnings: readonly {
        readonly code: string;
        readonly message: string;

        readonly columns?: readonly string[];

        readonly values?: readonly string[];
      }[];
    };

    readonly RecordProblem: {
      readonly record: number;

      readonly line: number;

      readonly byte: number;
      readonly column: string | null;
      readonly value: string | null;

      readonly code:
        | "text_after_quote"
        | "too_few_fields"
        | "too_many_fields"
        | "field_too_large"
        | "invalid_encoding"
        | "nul_byte"
        | "required_value_missing"
        | "invalid_integer"
        | "invalid_number"
        | "out_of_range"
        | "too_precise"
        | "invalid_boolean"
        | "invalid_uuid"
        | "invalid_json"
        | "invalid_date"
        | "invalid_timestamp"
        | "too_long"
        | "invalid_value"
        | "duplicate_key"
        | "superseded"
        | "missing_reference"
        | "check_violation"
        | "row_too_big"
        | "refused_by_database"
        | "refused_by_process"
        | "against_schema";

      readonly reason: string;
      readonly message: string;

      readonly raw: string;
      readonly rawIsTruncated: boolean;
    };

    readonly InspectRequest: {
      readonly table?: string;

      readonly mode?: "create" | "append" | "upsert" | "replace";

      readonly columns?: {
        [key: string]: string | null;
      };

      readonly types?: {
        [key: string]: string;
      };

      readonly key?: readonly string[];
      readonly reading?: {
        readonly encoding?: string;

        readonly delimiter?: string;

        readonly quote?: string;

        readonly escape?: string;
        readonly header?: boolean;

        readonly skipLines?: number;

        readonly comment?: string;
        readonly trim?: boolean;

        readonly nullValues?: readonly string[];

        readonly blankLines?: "skip" | "null";

        readonly shortRecords?: "reject" | "pad";

        readonly longRecords?: "reject" | "trimEmpty";

        readonly nul?: "reject" | "replace";

        readonly brokenQuotes?: "reject" | "fail";

        readonly decimal?: "." | ",";

        readonly group?: string;

        readonly dateFormats?: {
          [key: string]: string;
        };

        readonly timeZone?: string;

        readonly maxFieldBytes?: number;

        readonly maxRecordBytes?: number;

        readonly maxInflatedBytes?: number;

        readonly maxInflateRatio?: number;
      };

      readonly all?: boolean;
    };

    readonly Plan: {
      readonly validateOnly: true;
      readonly table: string;

      readonly mode: "create" | "append" | "upsert" | "replace";
      readonly reading: {
        readonly delimiter: string;
        readonly quote: string;
        readonly escape: string;
        readonly encoding: string;

        readonly firstRecordLine: number;
      };
      readonly columns: readonly {
        readonly number: number;
        readonly header: string;
        readonly column: string;

        readonly type:
          | "integer"
          | "bigint"
          | "numeric"
          | "double precision"
          | "boolean"
          | "date"
          | "timestamp"
          | "timestamptz"
          | "time"
          | "uuid"
          | "json"
          | "jsonb"
          | "enum"
          | "text";
        readonly sqlType: string;
        readonly isRequired: boolean;

        readonly reason: string;

        readonly spelling?: {
          readonly decimal?: ",";
          readonly group?: string;
          readonly dateFormat?: string;
          readonly timeZone?: string;
        };

        readonly offers?: readonly {
          readonly type:
            | "integer"
            | "bigint"
            | "numeric"
            | "double precision"
            | "boolean"
            | "date"
            | "timestamp"
            | "timestamptz"
            | "time"
            | "uuid"
            | "json"
            | "jsonb"
            | "enum"
            | "text";

          readonly decimal?: ",";
          readonly group?: string;
          readonly dateFormat?: string;
          readonly timeZone?: string;
          readonly reason: string;
        }[];
      }[];

      readonly key: readonly string[];
      readonly warnings: readonly {
        readonly code: string;
        readonly message: string;

        readonly columns?: readonly string[];

        readonly values?: readonly string[];
      }[];
    };

    readonly ExportPlan: {
      readonly validateOnly: true;

      readonly kind: "export";

      readonly table: string | null;
      readonly sql: string | null;

      readonly method: "keyed" | "snapshot";

      readonly methodReason: string;
      readonly columns: readonly {
        readonly name: string;
        readonly sqlType: string;
      }[];
      readonly where: string | null;
      readonly from: {
        readonly column: string;
        readonly value: string;
      } | null;
      readonly to: {
        readonly column: string;
        readonly value: string;
      } | null;
      readonly orderBy: readonly string[];
      readonly format: {
        readonly type: "csv" | "tsv" | "jsonl";
        readonly delimiter: string;

        readonly quotes: "needed" | "all";
        readonly null: string;
        readonly header: boolean;

        readonly lineEnd: "lf" | "crlf";

        readonly compression: "none" | "gzip" | "zstd";
        readonly spreadsheetSafe: boolean;
      };
      readonly fileName: string;

      readonly estimate: {
        readonly rows: number;

        readonly bytes: number;
        readonly seconds: number;
      };
      readonly warnings: readonly {
        readonly code: string;
        readonly message: string;

        readonly columns?: readonly string[];

        readonly values?: readonly string[];
      }[];

      readonly preview: readonly (readonly (string | null)[])[] | null;
    };

    readonly ProcessPlan: {
      readonly validateOnly: true;

      readonly kind: "process";
      readonly process: string;
      readonly title: string;

      readonly params: {
        [key: string]: unknown;
      };

      readonly batchSize: number;

      readonly hasUndo: boolean;

      readonly fileName: string | null;
      readonly reading: {
        readonly delimiter: string;
        readonly quote: string;
        readonly escape: string;
        readonly encoding: string;

        readonly firstRecordLine: number;
      };

      readonly fields: readonly string[];

      readonly outputColumns: readonly string[] | null;
    };

    readonly ImportJob: {
      readonly kind: "import";

      readonly file: string;

      readonly upload: {
        readonly bytesArrived: number;

        readonly bytesAnnounced: number | null;
      } | null;
      readonly table: string;

      readonly mode: "create" | "append" | "upsert" | "replace";
      readonly columns: {
        [key: string]: string | null;
      };
      readonly types: {
        [key: string]: string;
      };

      readonly reading: {
        readonly encoding?: string;

        readonly delimiter?: string;

        readonly quote?: string;

        readonly escape?: string;
        readonly header?: boolean;

        readonly skipLines?: number;

        readonly comment?: string;
        readonly trim?: boolean;

        readonly nullValues?: readonly string[];

        readonly blankLines?: "skip" | "null";

        readonly shortRecords?: "reject" | "pad";

        readonly longRecords?: "reject" | "trimEmpty";

        readonly nul?: "reject" | "replace";

        readonly brokenQuotes?: "reject" | "fail";

        readonly decimal?: "." | ",";

        readonly group?: string;

        readonly dateFormats?: {
          [key: string]: string;
        };

        readonly timeZone?: string;

        readonly maxFieldBytes?: number;

        readonly maxRecordBytes?: number;

        readonly maxInflatedBytes?: number;

        readonly maxInflateRatio?: number;
      };

      readonly isSample: boolean;

      readonly isDryRun: boolean;
      readonly key: readonly string[] | null;

      readonly delivery: "staged" | "direct";

      readonly onConflict: "reject" | "skip";

      readonly maxRejected: number | string | null;
      readonly pauseAfter: number | null;

      readonly result: {
        readonly rows: "kept" | "undone" | "none";

        readonly rowsInserted: number;

        readonly rowsUpdated: number;

        readonly rowsUnchanged: number;

        readonly rowsReplaced: number;

        readonly rowsRemoved: number;

        readonly rowsRestored: number;

        readonly rowsLeft: number;

        readonly rowsFailed: number;
        readonly dryRun: components["schemas"]["DryRunOutcome"];

        readonly isTableDropped: boolean;
      } | null;

      readonly isRetry: boolean;
      readonly retries: {
        readonly recordsOpen: number;

        readonly recordsFixed: number;
      };

      readonly id: string;
      readonly name: string;

      readonly state:
        | "queued"
        | "running"
        | "pausing"
        | "paused"
        | "stopping"
        | "stopped"
        | "succeeded"
        | "failed"
        | "undoing"
        | "undone";

      readonly phase: "reading" | "publishing" | "undoing" | null;
      readonly stateReason: {
        readonly code: string;
        readonly by: string | null;

        readonly at: string;
      };
      readonly progress: components["schemas"]["Progress"];
      readonly checkpoint: {
        readonly recordsRead: number;

        readonly at: string | null;
      };
      readonly timing: {
        readonly createdAt: string;

        readonly startedAt: string | null;

        readonly endedAt: string | null;
        readonly runningSeconds: number;
        readonly pausedSeconds: number;
      };

      readonly maxRecordsPerSecond: number | null;

      readonly actions: readonly ("pause" | "resume" | "stop" | "undo" | "retry" | "rerun")[];
      readonly failure: {
        readonly code:
          | "malformed_request"
          | "version_conflict"
          | "unauthenticated"
          | "forbidden"
          | "not_found"
          | "method_not_allowed"
          | "transition_not_allowed"
          | "file_in_use"
          | "idempotency_key_reused"
          | "body_too_large"
          | "invalid_request"
          | "no_result"
          | "range_not_satisfiable"
          | "usage"
          | "file_too_large"
          | "unsupported_format"
          | "unsupported_encoding"
          | "encoding_required"
          | "empty_file"
          | "too_many_columns"
          | "date_ambiguous"
          | "record_too_large"
          | "unclosed_quote"
          | "text_after_quote"
          | "inflate_failed"
          | "inflate_limit"
          | "nested_compression"
          | "source_changed"
          | "upload_incomplete"
          | "upload_stopped"
          | "upload_offset_mismatch"
          | "upload_busy"
          | "upload_protocol"
          | "table_exists"
          | "table_not_found"
          | "schema_not_found"
          | "not_a_table"
          | "unique_index_missing"
          | "replace_not_possible"
          | "column_unmapped"
          | "mapping_ambiguous"
          | "required_column_missing"
          | "column_not_writable"
          | "too_many_rejected"
          | "balance_mismatch"
          | "publish_refused"
          | "rows_refused"
          | "process_not_found"
          | "process_broken"
          | "process_failed"
          | "undo_failed"
          | "undo_not_possible"
          | "keep_not_possible"
          | "query_failed"
          | "nothing_to_retry"
          | "already_retried"
          | "target_gone"
          | "header_mismatch"
          | "runner_lost"
          | "storage_full"
          | "storage_failed"
          | "database_unavailable"
          | "database_unreachable"
          | "database_refused"
          | "lock_timeout"
          | "database_too_old"
          | "database_too_new"
          | "database_not_found"
          | "database_start_failed"
          | "folder_in_use"
          | "files_folder_differs"
          | "port_in_use"
          | "invalid_config"
          | "shutting_down"
          | "service_unreachable"
          | "internal";
        readonly message: string;
        readonly advice: string;
      } | null;
      readonly undo: {
        readonly possible: boolean;

        readonly until: string | null;

        readonly reason:
          | "underway"
          | "already_undone"
          | "dry_run"
          | "file_made"
          | "no_undo"
          | "rows_overwritten"
          | "expired"
          | "table_gone"
          | "rows_unknown"
          | null;
      };

      readonly parent: string | null;
      readonly createdBy: string;
      readonly links: {
        readonly self: string;
        readonly events: string;
        readonly records: string;
        readonly parent: string | null;

        readonly children: string;
      };
    };

    readonly DryRunOutcome: {
      readonly rowsInserted: number;

      readonly rowsUpdated: number;

      readonly rowsUnchanged: number;

      readonly rowsReplaced: number;

      readonly changes: readonly {
        readonly record: number;
        readonly key: {
          [key: string]: string | null;
        };
        readonly columns: readonly {
          readonly column: string;
          readonly before: string | null;
          readonly after: string | null;
        }[];

        readonly moreColumns: number;
      }[];
    } | null;
    readonly Progress: {
      readonly recordsRead: number;

      readonly recordsWritten: number;

      readonly recordsRejected: number;

      readonly recordsFiltered: number;

      readonly recordsTotal: number | null;
      readonly totalIsEstimate: boolean;

      readonly bytesRead: number;

      readonly bytesTotal: number | null;

      readonly fraction: number | null;

      readonly recordsPerSecond: number | null;

      readonly etaSeconds: number | null;
    };

    readonly ExportJob: {
      readonly kind: "export";

      readonly table: string | null;
      readonly sql: string | null;

      readonly method: "keyed" | "snapshot";

      readonly methodReason: string;
      readonly columns: readonly {
        readonly name: string;
        readonly sqlType: string;
      }[];
      readonly where: string | null;
      readonly from: {
        readonly column: string;
        readonly value: string;
      } | null;
      readonly to: {
        readonly column: string;
        readonly value: string;
      } | null;
      readonly orderBy: readonly string[];
      readonly format: {
        readonly type: "csv" | "tsv" | "jsonl";
        readonly delimiter: string;

        readonly quotes: "needed" | "all";
        readonly null: string;
        readonly header: boolean;

        readonly lineEnd: "lf" | "crlf";

        readonly compression: "none" | "gzip" | "zstd";
        readonly spreadsheetSafe: boolean;
      };
      readonly fileName: string;

      readonly estimate: {
        readonly rows: number;

        readonly bytes: number;
        readonly seconds: number;
      };
      readonly warnings: readonly {
        readonly code: string;
        readonly message: string;

        readonly columns?: readonly string[];

        readonly values?: readonly string[];
      }[];

      readonly result: {
        readonly file: string;
        readonly name: string;

        readonly bytes: number;
        readonly sha256: string;

        readonly rowsExported: number;
      } | null;

      readonly id: string;
      readonly name: string;

      readonly state:
        | "queued"
        | "running"
        | "pausing"
        | "paused"
        | "stopping"
        | "stopped"
        | "succeeded"
        | "failed"
        | "undoing"
        | "undone";

      readonly phase: "reading" | "publishing" | "undoing" | null;
      readonly stateReason: {
        readonly code: string;
        readonly by: string | null;

        readonly at: string;
      };
      readonly progress: components["schemas"]["Progress"];
      readonly checkpoint: {
        readonly recordsRead: number;

        readonly at: string | null;
      };
      readonly timing: {
        readonly createdAt: string;

        readonly startedAt: string | null;

        readonly endedAt: string | null;
        readonly runningSeconds: number;
        readonly pausedSeconds: number;
      };

      readonly maxRecordsPerSecond: number | null;

      readonly actions: readonly ("pause" | "resume" | "stop" | "undo" | "retry" | "rerun")[];
      readonly failure: {
        readonly code:
          | "malformed_request"
          | "version_conflict"
          | "unauthenticated"
          | "forbidden"
          | "not_found"
          | "method_not_allowed"
          | "transition_not_allowed"
          | "file_in_use"
          | "idempotency_key_reused"
          | "body_too_large"
          | "invalid_request"
          | "no_result"
          | "range_not_satisfiable"
          | "usage"
          | "file_too_large"
          | "unsupported_format"
          | "unsupported_encoding"
          | "encoding_required"
          | "empty_file"
          | "too_many_columns"
          | "date_ambiguous"
          | "record_too_large"
          | "unclosed_quote"
          | "text_after_quote"
          | "inflate_failed"
          | "inflate_limit"
          | "nested_compression"
          | "source_changed"
          | "upload_incomplete"
          | "upload_stopped"
          | "upload_offset_mismatch"
          | "upload_busy"
          | "upload_protocol"
          | "table_exists"
          | "table_not_found"
          | "schema_not_found"
          | "not_a_table"
          | "unique_index_missing"
          | "replace_not_possible"
          | "column_unmapped"
          | "mapping_ambiguous"
          | "required_column_missing"
          | "column_not_writable"
          | "too_many_rejected"
          | "balance_mismatch"
          | "publish_refused"
          | "rows_refused"
          | "process_not_found"
          | "process_broken"
          | "process_failed"
          | "undo_failed"
          | "undo_not_possible"
          | "keep_not_possible"
          | "query_failed"
          | "nothing_to_retry"
          | "already_retried"
          | "target_gone"
          | "header_mismatch"
          | "runner_lost"
          | "storage_full"
          | "storage_failed"
          | "database_unavailable"
          | "database_unreachable"
          | "database_refused"
          | "lock_timeout"
          | "database_too_old"
          | "database_too_new"
          | "database_not_found"
          | "database_start_failed"
          | "folder_in_use"
          | "files_folder_differs"
          | "port_in_use"
          | "invalid_config"
          | "shutting_down"
          | "service_unreachable"
          | "internal";
        readonly message: string;
        readonly advice: string;
      } | null;
      readonly undo: {
        readonly possible: boolean;

        readonly until: string | null;

        readonly reason:
          | "underway"
          | "already_undone"
          | "dry_run"
          | "file_made"
          | "no_undo"
          | "rows_overwritten"
          | "expired"
          | "table_gone"
          | "rows_unknown"
          | null;
      };

      readonly parent: string | null;
      readonly createdBy: string;
      readonly links: {
        readonly self: string;
        readonly events: string;
        readonly records: string;
        readonly parent: string | null;

        readonly children: string;
        readonly result: string;
      };
    };

    readonly ProcessJob: {
      readonly kind: "process";
      readonly process: string;
      readonly title: string;

      readonly params: {
        [key: string]: unknown;
      };

      readonly batchSize: number;

      readonly hasUndo: boolean;

      readonly fileName: string | null;

      readonly file: string;

      readonly maxRejected: number | string | null;
      readonly pauseAfter: number | null;

      readonly result: {
        readonly rows: "kept" | "undone";

        readonly recordsDone: number;

        readonly recordsUndone: number;

        readonly recordsKept: number;

        readonly recordsFailed: number;

        readonly output: {
          readonly file: string;
          readonly name: string;

          readonly bytes: number;
          readonly sha256: string;

          readonly rows: number;
        } | null;
      } | null;

      readonly isRetry: boolean;
      readonly retries: {
        readonly recordsOpen: number;

        readonly recordsFixed: number;
      };

      readonly id: string;
      readonly name: string;

      readonly state:
        | "queued"
        | "running"
        | "pausing"
        | "paused"
        | "stopping"
        | "stopped"
        | "succeeded"
        | "failed"
        | "undoing"
        | "undone";

      readonly phase: "reading" | "publishing" | "undoing" | null;
      readonly stateReason: {
        readonly code: string;
        readonly by: string | null;

        readonly at: string;
      };
      readonly progress: components["schemas"]["Progress"];
      readonly checkpoint: {
        readonly recordsRead: number;

        readonly at: string | null;
      };
      readonly timing: {
        readonly createdAt: string;

        readonly startedAt: string | null;

        readonly endedAt: string | null;
        readonly runningSeconds: number;
        readonly pausedSeconds: number;
      };

      readonly maxRecordsPerSecond: number | null;

      readonly actions: readonly ("pause" | "resume" | "stop" | "undo" | "retry" | "rerun")[];
      readonly failure: {
        readonly code:
          | "malformed_request"
          | "version_conflict"
          | "unauthenticated"
          | "forbidden"
          | "not_found"
          | "method_not_allowed"
          | "transition_not_allowed"
          | "file_in_use"
          | "idempotency_key_reused"
          | "body_too_large"
          | "invalid_request"
          | "no_result"
          | "range_not_satisfiable"
          | "usage"
          | "file_too_large"
          | "unsupported_format"
          | "unsupported_encoding"
          | "encoding_required"
          | "empty_file"
          | "too_many_columns"
          | "date_ambiguous"
          | "record_too_large"
          | "unclosed_quote"
          | "text_after_quote"
          | "inflate_failed"
          | "inflate_limit"
          | "nested_compression"
          | "source_changed"
          | "upload_incomplete"
          | "upload_stopped"
          | "upload_offset_mismatch"
          | "upload_busy"
          | "upload_protocol"
          | "table_exists"
          | "table_not_found"
          | "schema_not_found"
          | "not_a_table"
          | "unique_index_missing"
          | "replace_not_possible"
          | "column_unmapped"
          | "mapping_ambiguous"
          | "required_column_missing"
          | "column_not_writable"
          | "too_many_rejected"
          | "balance_mismatch"
          | "publish_refused"
          | "rows_refused"
          | "process_not_found"
          | "process_broken"
          | "process_failed"
          | "undo_failed"
          | "undo_not_possible"
          | "keep_not_possible"
          | "query_failed"
          | "nothing_to_retry"
          | "already_retried"
          | "target_gone"
          | "header_mismatch"
          | "runner_lost"
          | "storage_full"
          | "storage_failed"
          | "database_unavailable"
          | "database_unreachable"
          | "database_refused"
          | "lock_timeout"
          | "database_too_old"
          | "database_too_new"
          | "database_not_found"
          | "database_start_failed"
          | "folder_in_use"
          | "files_folder_differs"
          | "port_in_use"
          | "invalid_config"
          | "shutting_down"
          | "service_unreachable"
          | "internal";
        readonly message: string;
        readonly advice: string;
      } | null;
      readonly undo: {
        readonly possible: boolean;

        readonly until: string | null;

        readonly reason:
          | "underway"
          | "already_undone"
          | "dry_run"
          | "file_made"
          | "no_undo"
          | "rows_overwritten"
          | "expired"
          | "table_gone"
          | "rows_unknown"
          | null;
      };

      readonly parent: string | null;
      readonly createdBy: string;
      readonly links: {
        readonly self: string;
        readonly events: string;
        readonly records: string;
        readonly parent: string | null;

        readonly children: string;

        readonly result: string | null;
        readonly log: string;
      };
    };

    readonly Job:
      | components["schemas"]["ImportJob"]
      | components["schemas"]["ExportJob"]
      | components["schemas"]["ProcessJob"];

    readonly CreateJobRequest:
      | components["schemas"]["CreateImportRequest"]
      | components["schemas"]["CreateExportRequest"]
      | components["schemas"]["CreateProcessRequest"];

    readonly CreateImportRequest: {
      readonly kind: "import";

      readonly file: string;

      readonly table?: string;

      readonly mode?: "create" | "append" | "upsert" | "replace";

      readonly columns?: {
        [key: string]: string | null;
      };

      readonly types?: {
        [key: string]: string;
      };

      readonly key?: readonly string[];
      readonly reading?: {
        readonly encoding?: string;

        readonly delimiter?: string;

        readonly quote?: string;

        readonly escape?: string;
        readonly header?: boolean;

        readonly skipLines?: number;

        readonly comment?: string;
        readonly trim?: boolean;

        readonly nullValues?: readonly string[];

        readonly blankLines?: "skip" | "null";

        readonly shortRecords?: "reject" | "pad";

        readonly longRecords?: "reject" | "trimEmpty";

        readonly nul?: "reject" | "replace";

        readonly brokenQuotes?: "reject" | "fail";

        readonly decimal?: "." | ",";

        readonly group?: string;

        readonly dateFormats?: {
          [key: string]: string;
        };

        readonly timeZone?: string;

        readonly maxFieldBytes?: number;

        readonly maxRecordBytes?: number;

        readonly maxInflatedBytes?: number;

        readonly maxInflateRatio?: number;
      };

      readonly delivery?: "staged" | "direct";

      readonly onConflict?: "reject" | "skip";

      readonly maxRejected?: number | string | null;
      readonly pauseAfter?: number | null;

      readonly maxRecordsPerSecond?: number | null;
      readonly name?: string;
      readonly startPaused?: boolean;

      readonly sample?: boolean;

      readonly dryRun?: boolean;
      readonly validateOnly?: boolean;
    };

    readonly CreateExportRequest: {
      readonly kind: "export";

      readonly table?: string;

      readonly sql?: string;
      readonly columns?: readonly string[];

      readonly where?: string;

      readonly from?: {
        readonly column: string;
        readonly value: string | number;
      };

      readonly to?: {
        readonly column: string;
        readonly value: string | number;
      };

      readonly orderBy?: readonly string[];

      readonly method?: "keyed" | "snapshot";
      readonly format?: {
        readonly type?: "csv" | "tsv" | "jsonl";
        readonly delimiter?: string;

        readonly quotes?: "needed" | "all";

        readonly null?: string;
        readonly header?: boolean;

        readonly lineEnd?: "lf" | "crlf";
        readonly gzip?: boolean;

        readonly zstd?: boolean;

        readonly spreadsheetSafe?: boolean;
      };

      readonly maxRecordsPerSecond?: number | null;
      readonly name?: string;
      readonly startPaused?: boolean;
      readonly validateOnly?: boolean;
    };

    readonly CreateProcessRequest: {
      readonly kind: "process";

      readonly process: string;

      readonly file: string;

      readonly params?: {
        [key: string]: unknown;
      };
      readonly reading?: {
        readonly encoding?: string;

        readonly delimiter?: string;

        readonly quote?: string;

        readonly escape?: string;
        readonly header?: boolean;

        readonly skipLines?: number;

        readonly comment?: string;
        readonly trim?: boolean;

        readonly nullValues?: readonly string[];

        readonly blankLines?: "skip" | "null";

        readonly shortRecords?: "reject" | "pad";

        readonly longRecords?: "reject" | "trimEmpty";

        readonly nul?: "reject" | "replace";

        readonly brokenQuotes?: "reject" | "fail";

        readonly decimal?: "." | ",";

        readonly group?: string;

        readonly dateFormats?: {
          [key: string]: string;
        };

        readonly timeZone?: string;

        readonly maxFieldBytes?: number;

        readonly maxRecordBytes?: number;

        readonly maxInflatedBytes?: number;

        readonly maxInflateRatio?: number;
      };

      readonly maxRejected?: number | string | null;
      readonly pauseAfter?: number | null;

      readonly maxRecordsPerSecond?: number | null;
      readonly name?: string;
      readonly startPaused?: boolean;
      readonly validateOnly?: boolean;
    };

    readonly RerunRequest: {
      readonly table?: string | null;

      readonly mode?: "create" | "append" | "upsert" | "replace" | null;
      readonly columns?: Record<string, never> | null;
      readonly types?: Record<string, never> | null;

      readonly key?: readonly string[] | null;

      readonly params?: {
        [key: string]: unknown;
      } | null;
      readonly reading?: {
        readonly encoding?: string;

        readonly delimiter?: string;

        readonly quote?: string;

        readonly escape?: string;
        readonly header?: boolean;

        readonly skipLines?: number;

        readonly comment?: string;
        readonly trim?: boolean;

        readonly nullValues?: readonly string[];

        readonly blankLines?: "skip" | "null";

        readonly shortRecords?: "reject" | "pad";

        readonly longRecords?: "reject" | "trimEmpty";

        readonly nul?: "reject" | "replace";

        readonly brokenQuotes?: "reject" | "fail";

        readonly decimal?: "." | ",";

        readonly group?: string;

        readonly dateFormats?: {
          [key: string]: string;
        };

        readonly timeZone?: string;

        readonly maxFieldBytes?: number;

        readonly maxRecordBytes?: number;

        readonly maxInflatedBytes?: number;

        readonly maxInflateRatio?: number;
      } | null;

      readonly delivery?: "staged" | "direct" | null;

      readonly onConflict?: "reject" | "skip" | null;

      readonly maxRejected?: number | string | null;
      readonly pauseAfter?: number | null;

      readonly maxRecordsPerSecond?: number | null;
      readonly name?: string | null;
      readonly startPaused?: boolean | null;

      readonly from?: "start";

      readonly dryRun?: boolean | null;
      readonly validateOnly?: boolean;
    };

    readonly RejectedRecord: {
      readonly record: number;

      readonly line: number;

      readonly byte: number;

      readonly fields: readonly string[] | null;
      readonly column: string | null;
      readonly value: string | null;

      readonly code:
        | "text_after_quote"
        | "too_few_fields"
        | "too_many_fields"
        | "field_too_large"
        | "invalid_encoding"
        | "nul_byte"
        | "required_value_missing"
        | "invalid_integer"
        | "invalid_number"
        | "out_of_range"
        | "too_precise"
        | "invalid_boolean"
        | "invalid_uuid"
        | "invalid_json"
        | "invalid_date"
        | "invalid_timestamp"
        | "too_long"
        | "invalid_value"
        | "duplicate_key"
        | "superseded"
        | "missing_reference"
        | "check_violation"
        | "row_too_big"
        | "refused_by_database"
        | "refused_by_process"
        | "against_schema";

      readonly reason: string;
      readonly message: string;

      readonly raw: string;
      readonly rawIsTruncated: boolean;

      readonly field: number | null;

      readonly correction: {
        readonly fields: readonly (string | null)[];
        readonly fits: boolean;

        readonly field: number | null;
        readonly column: string | null;
        readonly value: string | null;

        readonly code:
          | "text_after_quote"
          | "too_few_fields"
          | "too_many_fields"
          | "field_too_large"
          | "invalid_encoding"
          | "nul_byte"
          | "required_value_missing"
          | "invalid_integer"
          | "invalid_number"
          | "out_of_range"
          | "too_precise"
          | "invalid_boolean"
          | "invalid_uuid"
          | "invalid_json"
          | "invalid_date"
          | "invalid_timestamp"
          | "too_long"
          | "invalid_value"
          | "duplicate_key"
          | "superseded"
          | "missing_reference"
          | "check_violation"
          | "row_too_big"
          | "refused_by_database"
          | "refused_by_process"
          | "against_schema"
          | null;
        readonly reason: string | null;
        readonly message: string | null;
        readonly by: string;

        readonly at: string;
      } | null;

      readonly retriedBy: string | null;
    };

    readonly CorrectionRequest: {
      readonly values: readonly unknown[] | Record<string, never>;
    };

    readonly CorrectionsRequest: {
      readonly items: readonly {
        readonly record: number;

        readonly values: readonly unknown[] | Record<string, never>;
      }[];
    };

    readonly CorrectionCounts: {
      readonly recordsOpen: number;

      readonly recordsCorrected: number;

      readonly recordsFitting: number;
    };

    readonly RetryRequest: {
      readonly file?: string;
    };
    readonly JobList: {
      readonly items: readonly components["schemas"]["Job"][];
      readonly next: string | null;
    };

    readonly ChangeJobRequest: {
      readonly name?: string;

      readonly maxRecordsPerSecond?: number | null;
    };

    readonly PauseRequest: {
      readonly force?: boolean;
      readonly reason?: string | null;
    };

    readonly ResumeRequest: {
      readonly pauseAfter?: number | null;

      readonly maxRejected?: number | string | null;
      readonly reason?: string | null;
    };

    readonly StopRequest: {
      readonly rows?: "undo" | "keep";
      readonly reason?: string | null;
    };

    readonly UndoPreview: {
      readonly rowsRemoved: number;

      readonly rowsRestored: number;

      readonly rowsLeft: number;

      readonly isEstimate: boolean;

      readonly dropsTable: boolean;
    };

    readonly UndoRequest: {
      readonly reason?: string | null;

      readonly validateOnly?: boolean;
    };

    readonly WorkerLosses: {
      readonly job: string;
      readonly losses: readonly {
        readonly lostAt: string;
        readonly pid: number;

        readonly takenOverAt: string | null;
      }[];

      readonly rows: {
        readonly where: "staging" | "target";

        readonly recordsWritten: number;

        readonly rowsStored: number;

        readonly rowsLost: number;

        readonly rowsWrittenTwice: number;

        readonly isLedgerWhole: boolean;
      } | null;
    };
    readonly RecordList: {
      readonly items: readonly (
        components["schemas"]["RejectedRecord"] | components["schemas"]["Record"]
      )[];
      readonly next: string | null;
      readonly header: readonly string[];
    };

    readonly Record: {
      readonly record: number;

      readonly line: number;

      readonly byte: number;

      readonly fields: readonly string[] | null;

      readonly failure?: {
        readonly code:
          | "malformed_request"
          | "version_conflict"
          | "unauthenticated"
          | "forbidden"
          | "not_found"
          | "method_not_allowed"
          | "transition_not_allowed"
          | "file_in_use"
          | "idempotency_key_reused"
          | "body_too_large"
          | "invalid_request"
          | "no_result"
          | "range_not_satisfiable"
          | "usage"
          | "file_too_large"
          | "unsupported_format"
          | "unsupported_encoding"
          | "encoding_required"
          | "empty_file"
          | "too_many_columns"
          | "date_ambiguous"
          | "record_too_large"
          | "unclosed_quote"
          | "text_after_quote"
          | "inflate_failed"
          | "inflate_limit"
          | "nested_compression"
          | "source_changed"
          | "upload_incomplete"
          | "upload_stopped"
          | "upload_offset_mismatch"
          | "upload_busy"
          | "upload_protocol"
          | "table_exists"
          | "table_not_found"
          | "schema_not_found"
          | "not_a_table"
          | "unique_index_missing"
          | "replace_not_possible"
          | "column_unmapped"
          | "mapping_ambiguous"
          | "required_column_missing"
          | "column_not_writable"
          | "too_many_rejected"
          | "balance_mismatch"
          | "publish_refused"
          | "rows_refused"
          | "process_not_found"
          | "process_broken"
          | "process_failed"
          | "undo_failed"
          | "undo_not_possible"
          | "keep_not_possible"
          | "query_failed"
          | "nothing_to_retry"
          | "already_retried"
          | "target_gone"
          | "header_mismatch"
          | "runner_lost"
          | "storage_full"
          | "storage_failed"
          | "database_unavailable"
          | "database_unreachable"
          | "database_refused"
          | "lock_timeout"
          | "database_too_old"
          | "database_too_new"
          | "database_not_found"
          | "database_start_failed"
          | "folder_in_use"
          | "files_folder_differs"
          | "port_in_use"
          | "invalid_config"
          | "shutting_down"
          | "service_unreachable"
          | "internal";
        readonly message: string;
      };
    };
    readonly Timeline: {
      readonly items: readonly components["schemas"]["TimelineEvent"][];
      readonly next: string | null;
    };

    readonly TimelineEvent: {
      readonly id: number;

      readonly job: string;
      readonly type: string;

      readonly at: string;
      readonly by: string | null;
      readonly details: {
        [key: string]: unknown;
      };
    };

    readonly Receipt: {
      readonly job: string;

      readonly state:
        | "queued"
        | "running"
        | "pausing"
        | "paused"
        | "stopping"
        | "stopped"
        | "succeeded"
        | "failed"
        | "undoing"
        | "undone";

      readonly endedAt: string | null;

      readonly isBalanced: boolean;

      readonly file: {
        readonly name: string;

        readonly bytes: number;
        readonly sha256: string | null;
      } | null;
      readonly records: {
        readonly read: number;

        readonly written: number;

        readonly rejected: number;

        readonly filtered: number;
      };
      readonly rows: {
        readonly inserted: number;

        readonly updated: number;

        readonly unchanged: number;
      } | null;

      readonly warnings: readonly {
        readonly code: string;
        readonly message: string;

        readonly columns?: readonly string[];

        readonly values?: readonly string[];
      }[];

      readonly output: {
        readonly file: string;
        readonly name: string;

        readonly bytes: number;
        readonly sha256: string;

        readonly rows: number;
      } | null;

      readonly undo:
        | {
            readonly removed: number;

            readonly restored: number;

            readonly left: number;

            readonly failed: number;

            readonly failedReasons: readonly {
              readonly reason: string;

              readonly rows: number;
            }[];
          }
        | {
            readonly undone: number;

            readonly kept: number;

            readonly failed: number;

            readonly keptReasons: readonly {
              readonly reason: string;

              readonly records: number;

              readonly firstRecord: number;
            }[];
          }
        | null;
    };

    readonly Activity: {
      readonly job: string;

      readonly jobsAhead: number | null;

      readonly workerLostAt: string | null;

      readonly lock: {
        readonly pid: number;

        readonly since: string | null;

        readonly query: string | null;
      } | null;

      readonly recordsUndone: number | null;
    };
    readonly Log: {
      readonly items: readonly components["schemas"]["LogLine"][];
      readonly next: string | null;
    };

    readonly LogLine: {
      readonly id: number;

      readonly at: string;
      readonly message: string;
      readonly fields: {
        [key: string]: unknown;
      } | null;
    };
    readonly TableList: {
      readonly items: readonly components["schemas"]["TableSummary"][];
      readonly next: string | null;
    };

    readonly TableSummary: {
      readonly table: string;

      readonly kind: "table" | "view" | "materialized view" | "foreign table";

      readonly rows: number | null;

      readonly bytes: number;
    };

    readonly Table: {
      readonly table: string;

      readonly kind: "table" | "view" | "materialized view" | "foreign table";

      readonly rows: number | null;

      readonly bytes: number;
      readonly columns: readonly {
        readonly name: string;
        readonly sqlType: string;
        readonly isNullable: boolean;

        readonly writtenAs: "boolean" | "number" | "time" | "json" | "text";
      }[];

      readonly key: readonly string[] | null;

      readonly uniqueKeys: readonly (readonly string[])[];

      readonly lastExportRows: number | null;
    };

    readonly ProcessList: {
      readonly items: readonly components["schemas"]["Process"][];
      readonly next: string | null;

      readonly broken: readonly {
        readonly name: string;
        readonly fileName: string;

        readonly message: string;
        readonly line: number | null;
      }[];
    };

    readonly Process: {
      readonly name: string;
      readonly title: string;
      readonly description: string | null;

      readonly fileName: string;

      readonly params: {
        [key: string]: unknown;
      } | null;
      readonly batchSize: number;
      readonly hasUndo: boolean;

      readonly hasOutput: boolean;

      readonly source: string;
    };
    readonly TokenList: {
      readonly items: readonly components["schemas"]["Token"][];
      readonly next: string | null;
    };

    readonly Token: {
      readonly id: string;

      readonly name: string;

      readonly scope: "read" | "operate" | "admin";

      readonly job: string | null;
      readonly createdBy: string;

      readonly createdAt: string;

      readonly expiresAt: string | null;
    };

    readonly NewToken: components["schemas"]["Token"] & {
      readonly token: string;

      readonly path: string;
    };

    readonly CreateTokenRequest: {
      readonly name: string;

      readonly scope: "read" | "operate" | "admin";

      readonly job?: string | null;

      readonly expiresAt?: string | null;
    };
    readonly WebhookList: {
      readonly items: readonly components["schemas"]["Webhook"][];
      readonly next: string | null;
    };

    readonly Webhook: {
      readonly id: string;
      readonly url: string;
      readonly types: readonly (
        | "job.started"
        | "job.paused"
        | "job.resumed"
        | "job.stopped"
        | "job.succeeded"
        | "job.failed"
        | "job.undone"
      )[];
      readonly createdBy: string;

      readonly createdAt: string;

      readonly goneAt: string | null;
    };

    readonly NewWebhook: components["schemas"]["Webhook"] & {
      readonly secret: string;
    };

    readonly CreateWebhookRequest: {
      readonly url: string;

      readonly types?: readonly (
        | "job.started"
        | "job.paused"
        | "job.resumed"
        | "job.stopped"
        | "job.succeeded"
        | "job.failed"
        | "job.undone"
      )[];
    };
    readonly DeliveryList: {
      readonly items: readonly components["schemas"]["Delivery"][];
      readonly next: string | null;
    };

    readonly Delivery: {
      readonly id: string;

      readonly job: string;

      readonly type:
        | "job.started"
        | "job.paused"
        | "job.resumed"
        | "job.stopped"
        | "job.succeeded"
        | "job.failed"
        | "job.undone";

      readonly happenedAt: string;

      readonly state: "waiting" | "delivered" | "failed";
      readonly attempts: number;

      readonly nextAttemptAt: string | null;

      readonly attemptedAt: string | null;

      readonly status: number | null;
      readonly error: string | null;
    };

    readonly Health: {
      readonly status: "ok";
      readonly version: string;
    };

    readonly Readiness: {
      readonly status: "ready";
    };
  };
  responses: never;
  parameters: never;
  requestBodies: never;
  headers: never;
  pathItems: never;
}
