/** What the exit code of a command says. The numbers are part of the contract. */
import type { ErrorCode } from "../core/error-table.ts";

/** Every exit code by its meaning. */
export const EXIT = {
  /** Everything that was asked is done. */
  done: 0,
  /** The job failed, or the action was refused. */
  failed: 1,
  /** The command line or a setting cannot be understood. */
  usage: 2,
  /** Done, and rows were rejected. Only with `--strict`. */
  rejected: 3,
  /** Not signed in, or not allowed. */
  denied: 4,
  /** The followed job was stopped or undone. */
  stopped: 5,
  /** The followed job was left paused, or left running by detaching. */
  left: 6,
  /** The service or the database cannot be reached; the same command may succeed later. */
  unreachable: 75,
  /** Interrupted before a job existed. */
  interrupted: 130,
} as const;

/** An exit code of the contract. */
export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

const BY_ERROR: Readonly<Record<string, ExitCode>> = {
  usage: EXIT.usage,
  invalid_config: EXIT.usage,
  mapping_ambiguous: EXIT.usage,
  unauthenticated: EXIT.denied,
  forbidden: EXIT.denied,
  service_unreachable: EXIT.unreachable,
  database_unreachable: EXIT.unreachable,
  database_unavailable: EXIT.unreachable,
  shutting_down: EXIT.unreachable,
} satisfies Partial<Record<ErrorCode, ExitCode>>;

/** The exit code of a command that an error with this code ended. Codes without one of their own are `failed`. */
export function exitCodeOf(code: string): ExitCode {
  return BY_ERROR[code] ?? EXIT.failed;
}
