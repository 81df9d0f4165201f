/** The error for a field of a request that does not say what it has to. */
import { SluiceError } from "../core/errors.ts";

/** An `invalid_request` that names the field by its path, `reading.delimiter`, in `details.errors` as a JSON pointer. */
export function invalidRequest(field: string, message: string): SluiceError {
  const pointer = `/${field.replaceAll(".", "/")}`;
  const errors = [{ pointer, code: "invalid_value", detail: message }];
  return new SluiceError("invalid_request", message, { details: { errors } });
}
