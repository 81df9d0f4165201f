/**
 * Errors in the words of the command line: fields of a request are called by their flags, and the advice names commands
 * and flags. Messages say what happened and are the same everywhere.
 */
import { SluiceApiError } from "../client/index.ts";
import { adviceBeside, ERRORS, type ErrorCode } from "../core/error-table.ts";
import { SluiceError } from "../core/errors.ts";
import { EXIT, exitCodeOf, type ExitCode } from "./exit-codes.ts";
import { messageOf } from "../core/message-of.ts";

/** What a person reads of an error, and the exit code that it gives. */
export interface ErrorView {
  readonly code: string;
  /** One line for each thing that is wrong. */
  readonly message: string;
  /** What to do; null where the message says it. */
  readonly advice: string | null;
  readonly exitCode: ExitCode;
}

const DECLARE_ENCODING =
  "An encoding is declared with --encoding NAME, such as --encoding windows-1252.";

/** Advice where that of the code speaks to programs, or says nothing beyond the message; null for none. */
const ADVICE: Readonly<Record<string, string | null>> = {
  invalid_request: null,
  usage: null,
  transition_not_allowed: null,
  schema_not_found: null,
  table_exists: "Choose another with --table, or add rows to it with --mode append.",
  table_not_found: "Check the name; --mode create makes a new table.",
  encoding_required: DECLARE_ENCODING,
  unsupported_encoding: DECLARE_ENCODING,
  column_unmapped:
    'Say which column it is with --map "Header=column", or leave it out with --map "Header=".',
  mapping_ambiguous: 'Say which with --map "Header=column", or leave one out with --map "Header=".',
  required_column_missing:
    'Give it a header with --map "Header=column", or give the column a default.',
  column_not_writable: 'Leave the header out with --map "Header=".',
  undo_not_possible: "`sluice stop JOB --keep` ends a job and keeps what was done.",
  inflate_limit:
    "Send the file unpacked, or raise --max-inflated-bytes or --max-inflate-ratio if it is what you expect.",
} satisfies Partial<Record<ErrorCode, string | null>>;

/** The view of anything thrown. */
export function errorView(error: unknown): ErrorView {
  if (error instanceof SluiceError) return viewOf(error, fieldsOf(error.details["errors"]));
  if (error instanceof SluiceApiError) return viewOf(error, error.errors);
  return {
    code: "internal",
    message: `Something unexpected ended the command: ${messageOf(error)}`,
    advice: null,
    exitCode: EXIT.failed,
  };
}

/** The advice for a code in the words of the command line; `usual` is that of the service or of the table. */
export function adviceFor(code: string, usual: string | null): string | null {
  const own = Object.hasOwn(ADVICE, code) ? ADVICE[code] : undefined;
  return own === undefined ? usual : own;
}

interface Field {
  readonly pointer: string;
  readonly detail: string;
}

/** A wrong field is a wrong argument: the same exit code as for one that the command line itself refuses. */
function viewOf(
  { code, message }: { readonly code: string; readonly message: string },
  fields: readonly Field[],
): ErrorView {
  if (fields.length > 0)
    return { code, message: fields.map(fieldLine).join("\n"), advice: null, exitCode: EXIT.usage };
  const usual = Object.hasOwn(ERRORS, code) ? adviceBeside(code as ErrorCode, message) : null; // a key of the table
  const advice = adviceFor(code, usual);
  const isSaid = message.includes("`sluice ") || (advice !== null && message.includes(advice));
  return { code, message, advice: isSaid ? null : advice, exitCode: exitCodeOf(code) };
}

/** The errors of a request that was refused in this process have the same form as those of the service. */
function fieldsOf(errors: unknown): readonly Field[] {
  // Only `invalidRequest` puts `errors` into details, and as a list of fields.
  return Array.isArray(errors) ? (errors as readonly Field[]) : [];
}

const ARGUMENTS: Readonly<Record<string, string>> = {
  file: "FILE",
  columns: "--map",
  header: "--no-header",
};

/** `/reading/skipLines` is `--skip-lines`, `/columns/Full Name` is `--map`, `?limit` is `--limit`. */
function fieldLine({ pointer, detail }: Field): string {
  const name = /^(?:\/reading\/|\/|\?)([A-Za-z]+)/.exec(pointer)?.[1];
  if (name === undefined) return detail;
  const flag = `--${name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
  return `${ARGUMENTS[name] ?? flag}: ${detail}`;
}
