/** The public names of the package `sluice`. */
export type { ErrorCode } from "./core/error-table.ts";
export { SluiceError } from "./core/errors.ts";
export { ACTION_NAMES, JOB_STATE_NAMES, type Action, type JobState } from "./core/job-state.ts";
export { DatabaseError } from "./library/database-error.ts";
export { defineProcess } from "./library/define-process.ts";
export type {
  Batch,
  BatchContext,
  NoParams,
  OutputValue,
  Process,
  ProcessDefinition,
  QueryResult,
  RunContext,
  TextRecord,
  Transaction,
  UndoContext,
} from "./library/process.ts";
export type {
  StandardIssue,
  StandardResult,
  StandardSchema,
  StandardSchemaProps,
} from "./library/standard-schema.ts";
export { VERSION } from "./version.ts";
