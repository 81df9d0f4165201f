/** Errors of the server that speak of one row. */
import { sqlStateOf } from "./connect.ts";

/**
 * Classes of SQLSTATE that speak of a value or a row: data exception, integrity constraint, and the errors that
 * triggers raise. 54000: the row is too big.
 */
const ROW_ERRORS = /^(22...|23...|P0...|54000)$/;

/** Whether the error speaks of a row, so that leaving it out would let the others in. */
export function isRowError(error: unknown): boolean {
  return ROW_ERRORS.test(sqlStateOf(error) ?? "");
}
