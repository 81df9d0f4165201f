/** What the database says when it does not take a row, in the words of a rejection. */
import { DatabaseError } from "pg";
import type { RejectionCode } from "../core/rejection.ts";

/** Why a row was refused. */
export interface Refusal {
  readonly code: RejectionCode;
  /** The column at fault, where the server names one. */
  readonly column: string | null;
  readonly message: string;
}

const CODES: Readonly<Record<string, RejectionCode>> = {
  "22001": "too_long",
  "22003": "out_of_range",
  "23502": "required_value_missing",
  "23503": "missing_reference",
  "23505": "duplicate_key",
  "23514": "check_violation",
  "23P01": "check_violation",
  "54000": "row_too_big",
};

/** What is said of each reason, before the name of the constraint. */
export const SENTENCES: Readonly<Partial<Record<RejectionCode, string>>> = {
  required_value_missing: "a value is required",
  missing_reference: "refers to nothing",
  duplicate_key: "the key is already taken, in the table or by an earlier row of the file",
  check_violation: "against a rule of the table",
};

/**
 * Reads an error of the server that speaks of a row. Constraints are named, because the reader knows them by name; of
 * the server's own sentence only what a trigger or a type says is kept.
 */
export function describeRefusal(error: unknown): Refusal {
  const refusal = error instanceof DatabaseError ? error : null;
  const state = refusal?.code ?? "";
  const code = CODES[state] ?? (state.startsWith("P0") ? "refused_by_database" : "invalid_value");
  const name = refusal?.constraint === undefined ? "" : ` (${refusal.constraint})`;
  const sentence = SENTENCES[code];
  return {
    code,
    column: refusal?.column ?? null,
    message:
      sentence === undefined
        ? `${refusal?.message ?? "refused by the database"} (SQLSTATE ${state})`
        : `${sentence}${name}`,
  };
}
