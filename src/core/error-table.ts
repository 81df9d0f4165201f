/**
 * The one table of error codes; `SluiceError` carries them.
 *
 * A code has an HTTP status, a title, and an advice that says what to do. Messages are written where the error
 * arises, from what is known there. `docs/reference/errors.md` has a row for each code, and a test compares both ways.
 */
import { FILE_ERRORS } from "./file-errors.ts";
import { JOB_ERRORS } from "./job-errors.ts";
import { REQUEST_ERRORS } from "./request-errors.ts";
import { SERVICE_ERRORS } from "./service-errors.ts";

/** Every error code. */
export const ERRORS = {
  ...REQUEST_ERRORS,
  ...FILE_ERRORS,
  ...JOB_ERRORS,
  ...SERVICE_ERRORS,
} as const;

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
