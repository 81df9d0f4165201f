/** The public names of `sluice/testing`. */
export type { EndState, RejectedRecord } from "./end-state.ts";
export { testProcess, type ProcessTestOptions, type ProcessTestResult } from "./test-process.ts";
