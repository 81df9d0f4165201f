/** The error of Sluice, and what becomes of one that ends a job. The codes are in `error-table.ts`. */
import { ERRORS, type ErrorCode } from "./error-table.ts";

/** Facts about an error for programs: only values that JSON can carry, never secrets or cell values. */
export type ErrorDetails = Readonly<Record<string, unknown>>;

/** The error of Sluice: a code of the table, a message for people, and details for programs. */
export class SluiceError extends Error {
  override readonly name = "SluiceError";
  readonly code: ErrorCode;
  readonly details: ErrorDetails;

  constructor(
    code: ErrorCode,
    message: string,
    options: { readonly details?: ErrorDetails; readonly cause?: unknown } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.details = options.details ?? {};
  }

  /** What the reader can do about it. */
  get advice(): string {
    return ERRORS[this.code].advice;
  }

  /** HTTP status of an answer that this error ends. */
  get status(): number {
    return ERRORS[this.code].status;
  }
}

/** The coded error that ended a job, as the job row keeps it. */
export interface Failure {
  readonly code: ErrorCode;
  readonly message: string;
  readonly advice: string;
}

/** Turns any thrown value into the failure of a job. Unknown errors become `internal`; the cause is for the log. */
export function toFailure(error: unknown): Failure {
  if (error instanceof SluiceError)
    return { code: error.code, message: error.message, advice: error.advice };
  return {
    code: "internal",
    message: "An unexpected error ended the job. Everything committed before it is kept.",
    advice: ERRORS.internal.advice,
  };
}

/** What is to be said of a job that writes into its target as it goes, in the place of "nothing is visible". */
export const ROWS_STAY_VISIBLE = "The rows written so far are visible in the table.";

/** A job rejected more records than it may; `said` is the limit as it was asked for. */
export function tooManyRejected(
  rejected: number,
  { allowed, said }: { readonly allowed: number; readonly said: number | string },
  consequence = "Nothing is visible in the table.",
): SluiceError {
  const limit = said === allowed ? String(said) : `${said}, which is ${allowed} of the file's rows`;
  return new SluiceError(
    "too_many_rejected",
    `${rejected} ${rejected === 1 ? "row was" : "rows were"} rejected, the limit is ${limit}. ${consequence}`,
  );
}

/** An upload that was imported while it arrived ended after `bytes`, and not with the file. */
export function uploadIncomplete(bytes: number): SluiceError {
  return new SluiceError(
    "upload_incomplete",
    `The upload ended after ${bytes} bytes, before the end of the file. Nothing of it is visible in the table, and the part that had come is not kept.`,
  );
}
