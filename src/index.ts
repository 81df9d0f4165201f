/** The public names of the package `sluice`. */
export type { ErrorCode } from "./core/error-table.ts";
export { SluiceError } from "./core/errors.ts";
export { ACTION_NAMES, JOB_STATE_NAMES, type Action, type JobState } from "./core/job-state.ts";
export { VERSION } from "./version.ts";
