/**
 * What is wrong with each field of a request, as sentences: what was expected there, and what came instead. The
 * validator's own messages are for programmers of its schemas, so they are only kept where a schema states its own.
 */
import type { z } from "@hono/zod-openapi";
import type { FieldError } from "./schemas/problem.ts";

/** What was checked: a part of the request, as the validator names it. */
export type RequestPart = "json" | "form" | "query" | "param" | "header" | "cookie";

/** The longest piece of a value that an answer repeats. */
const SHOWN_CHARACTERS = 80;

/** The errors of one part of a request, in the order of the validator. `data` is that part as it was sent. */
export function fieldErrorsOf(
  part: RequestPart,
  error: z.core.$ZodError,
  data: unknown,
): readonly FieldError[] {
  return error.issues.flatMap((issue) => {
    if (issue.code === "unrecognized_keys")
      return issue.keys.map((key) => ({
        pointer: pointerTo(part, [...issue.path, key]),
        code: "unknown_field",
        detail: `There is no field "${key}" here. Leave it out, or check its spelling.`,
      }));
    const value = issue.code === "invalid_key" ? issue.path.at(-1) : valueAt(data, issue.path);
    const detail = sentenceOf(issue, value);
    return [{ pointer: pointerTo(part, issue.path), code: issue.code, detail }];
  });
}

function pointerTo(part: RequestPart, path: readonly PropertyKey[]): string {
  const names = path.map(String);
  if (part === "query") return `?${names[0] ?? ""}`;
  if (part === "header") return names.join(".");
  return names.map((name) => `/${name.replaceAll("~", "~0").replaceAll("/", "~1")}`).join("");
}

function valueAt(data: unknown, path: readonly PropertyKey[]): unknown {
  let value = data;
  for (const name of path) {
    // A list in a query is one text with commas between.
    if (typeof value === "string" && typeof name === "number") return value.split(",")[name];
    if (typeof value !== "object" || value === null || !Object.hasOwn(value, name))
      return undefined;
    value = (value as Record<PropertyKey, unknown>)[name]; // an object with this key, as was checked
  }
  return value;
}

function sentenceOf(issue: z.core.$ZodIssue, value: unknown): string {
  if (issue.message.startsWith("Expected ")) return issue.message;
  const expected = expectedBy(issue);
  return expected === null
    ? `Expected another value, got ${shown(value)}.`
    : `Expected ${expected}, got ${shown(value)}.`;
}

const TYPE_NAMES: Readonly<Record<string, string>> = {
  string: "text",
  number: "a number",
  int: "a whole number",
  boolean: "true or false",
  object: "an object",
  record: "an object",
  array: "a list",
};

/** Null where nothing more can be said than that the value is not right. */
function expectedBy(issue: z.core.$ZodIssue): string | null {
  switch (issue.code) {
    case "invalid_type":
      return TYPE_NAMES[issue.expected] ?? null;
    case "too_small":
      return sized(issue.origin, issue.exact === true ? "exactly" : "at least", issue.minimum);
    case "too_big":
      return sized(issue.origin, issue.exact === true ? "exactly" : "at most", issue.maximum);
    case "invalid_value": {
      const values = issue.values.map(String);
      return values.length === 1 ? String(values[0]) : `one of ${values.join(", ")}`;
    }
    case "invalid_key":
      // The key is the last part of the path; what is wrong with it is in the first issue of its own.
      return issue.issues[0] === undefined ? null : `a name that is ${expectedBy(issue.issues[0])}`;
    case "invalid_union":
      return issue.discriminator === undefined || !("options" in issue)
        ? null
        : `one of ${[issue.options].flat().map(String).join(", ")}`;
    case "invalid_element":
    case "invalid_format":
    case "not_multiple_of":
    case "unrecognized_keys":
    case "custom":
      return null;
  }
  return issue satisfies never;
}

function sized(origin: string, bound: string, size: number | bigint): string {
  const plural = size === 1 ? "" : "s";
  if (origin === "string") return `text of ${bound} ${size} character${plural}`;
  if (origin === "array") return `a list of ${bound} ${size} item${plural}`;
  return `${origin === "int" ? "a whole number" : "a number"} of ${bound} ${size}`;
}

function shown(value: unknown): string {
  if (value === undefined) return "nothing";
  if (Array.isArray(value)) return "a list";
  if (typeof value === "object" && value !== null) return "an object";
  const text = JSON.stringify(value);
  return text.length <= SHOWN_CHARACTERS ? text : `${text.slice(0, SHOWN_CHARACTERS)}…`;
}
