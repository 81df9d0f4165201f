/** Declarations of answers that many routes share. */
import type { z } from "@hono/zod-openapi";
import { ERRORS, type ErrorCode } from "../core/error-table.ts";
import { problemSchema } from "./schemas/problem.ts";

/** Errors that any route of `/v1` can answer with. */
const COMMON_CODES = [
  "unauthenticated",
  "forbidden",
  "internal",
  "database_unavailable",
] as const satisfies readonly ErrorCode[];

interface ProblemResponse {
  description: string;
  content: { "application/problem+json": { schema: typeof problemSchema } };
}

type StatusOf<Code extends ErrorCode> = (typeof ERRORS)[Code]["status"];

/** Declares the error answers of a route: one for each status of `codes` and of the errors that any route has. */
export function problems<const Code extends ErrorCode>(
  ...codes: readonly Code[]
): Record<StatusOf<Code | (typeof COMMON_CODES)[number]>, ProblemResponse> {
  const responses: Partial<Record<number, ProblemResponse>> = {};
  for (const code of [...codes, ...COMMON_CODES]) {
    const { status, title } = ERRORS[code];
    const before = responses[status];
    responses[status] = {
      description: before ? `${before.description} · \`${code}\`` : `${title}: \`${code}\``,
      content: { "application/problem+json": { schema: problemSchema } },
    };
  }
  // Every status of the codes was visited, and no other.
  return responses as Record<StatusOf<Code | (typeof COMMON_CODES)[number]>, ProblemResponse>;
}

/** Declares an answer with a JSON body. */
export function json<Schema extends z.ZodType>(description: string, schema: Schema) {
  return { description, content: { "application/json": { schema } } };
}

/** Declares a JSON body of a request. Absent bodies are only allowed where `isRequired` is false. */
export function jsonBody<Schema extends z.ZodType>(schema: Schema, isRequired = true) {
  return { required: isRequired, content: { "application/json": { schema } } };
}

/** Codes of an upload. */
export const UPLOAD_CODES = [
  "file_too_large",
  "inflate_failed",
  "inflate_limit",
  "unsupported_format",
  "storage_full",
  "shutting_down",
] as const satisfies readonly ErrorCode[];

/** Codes of deciding how a file is imported. */
export const PLANNING_CODES = [
  "not_found",
  "table_exists",
  "table_not_found",
  "schema_not_found",
  "not_a_table",
  "unsupported_format",
  "unsupported_encoding",
  "encoding_required",
  "empty_file",
  "invalid_request",
  "too_many_columns",
  "column_unmapped",
  "mapping_ambiguous",
  "required_column_missing",
  "column_not_writable",
  "record_too_large",
  "unclosed_quote",
  "text_after_quote",
  "inflate_failed",
  "inflate_limit",
  "nested_compression",
] as const satisfies readonly ErrorCode[];
