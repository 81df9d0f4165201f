/** Codes of jobs: their tables, columns, rows and processes. `error-table.ts` puts the tables together. */
import type { ErrorRule } from "./error-rule.ts";

/** Codes of jobs. */
export const JOB_ERRORS = {
  table_exists: {
    status: 409,
    title: "The table exists already",
    advice: "Choose another table, or use mode append or upsert to write to it.",
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
  unique_index_missing: {
    status: 422,
    title: "No unique index on the key",
    advice:
      "Choose a key that has a unique index, or make one with the statement that the message names.",
  },
  replace_not_possible: {
    status: 409,
    title: "The rows of the table cannot be replaced",
    advice: "Use mode upsert, or put right what the message names.",
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
    title: "Some of what the job did could not be reversed",
    advice: "Put right what the message names, then undo again: only what is left is tried again.",
  },
  undo_not_possible: {
    status: 409,
    title: "What the job did cannot be reversed",
    advice:
      "`reason` says why. A process without `undo` can be stopped with rows: keep, or be given one.",
  },
  keep_not_possible: {
    status: 409,
    title: "A stop cannot keep the rows of this job",
    advice: "Pause it and let it go on later, or stop it with rows: undo.",
  },
  query_failed: {
    status: 422,
    title: "The query of an export failed",
    advice: "Put right what the database names, then resume; or stop the job and export again.",
  },
  nothing_to_retry: {
    status: 409,
    title: "No rejected row can be retried",
    advice: "Correct rejected rows first; a row that a retry has is not retried again.",
  },
  already_retried: {
    status: 409,
    title: "Another retry has these rows",
    advice:
      "`sluice rejected JOB --open --reasons` has the rows that are in no retry; what a retry rejects is corrected there.",
  },
  target_gone: {
    status: 409,
    title: "The table of the job is gone",
    advice: "Run the job again, which makes the table anew.",
  },
  header_mismatch: {
    status: 422,
    title: "The corrected file has another header",
    advice:
      "Keep the columns of `sluice rejected JOB --csv` as they are, and correct what is below.",
  },
  runner_lost: {
    status: 500,
    title: "The work was lost again and again at the same place",
    advice: "Read the log of the service for the cause, then resume.",
  },
} as const satisfies Record<string, ErrorRule>;
