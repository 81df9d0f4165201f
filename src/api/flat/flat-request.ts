/**
 * What the fields of `POST /create` ask for. `table` asks for an import and `process` for a process; without either, what
 * starts is the setting `create`.
 */
import { z } from "@hono/zod-openapi";
import type { ProcessRequest } from "../../core/process-plan.ts";
import { invalidRequest, validationError } from "../problem-details.ts";
import type { FieldError } from "../schemas/problem.ts";
import { paramsSchema } from "../schemas/process.ts";

/** A request without its file. */
export type FlatRequest =
  { readonly kind: "import"; readonly table?: string } | Omit<ProcessRequest, "file">;

const FIELDS = ["table", "process", "params"];
const formSchema = z.strictObject({ params: paramsSchema });

/** Reads the fields; an empty one counts as absent. Errors: `invalid_request`. */
export function flatRequestOf(fields: ReadonlyMap<string, string>, usual: string): FlatRequest {
  const unknown = [...fields.keys()].filter((key) => !FIELDS.includes(key));
  if (unknown.length > 0) throw invalidRequest(unknown.map(unknownField));
  const table = fields.get("table") || undefined;
  const named = fields.get("process") || undefined;
  const params = fields.get("params") || undefined;
  if (table !== undefined && named !== undefined)
    throw refused("/table", "A process has no table. Leave out `table`, or `process` to import.");
  const process = named ?? (table === undefined && usual !== "import" ? usual : undefined);
  if (process !== undefined)
    return {
      kind: "process",
      process,
      ...(params === undefined ? {} : { params: paramsOf(params) }),
    };
  if (params !== undefined)
    throw refused("/params", "An import has no params. Name the process in `process`.");
  return { kind: "import", ...(table === undefined ? {} : { table }) };
}

function paramsOf(text: string): Record<string, unknown> {
  const parsed = formSchema.safeParse({ params: jsonOf(text) });
  if (parsed.success) return parsed.data.params;
  throw validationError("form", parsed.error, { params: text });
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    const reason = cause instanceof Error ? `: ${cause.message}` : "";
    throw refused("/params", `Expected JSON such as {"country":"IN"}${reason}.`);
  }
}

function refused(pointer: string, detail: string): Error {
  return invalidRequest([{ pointer, code: "invalid_value", detail }]);
}

function unknownField(key: string): FieldError {
  const detail = `There is no field "${key.slice(0, 100)}" here. Leave it out, or check its spelling.`;
  return { pointer: `/${key}`, code: "unknown_field", detail };
}
