/**
 * From `--param country=IN` to the params of a process. The command line has only texts; what a text stands for is told by
 * the JSON Schema of the process's params. What that does not tell stays a text, which the process itself then reads.
 */
import { nearestName } from "../config/nearest-name.ts";
import { SluiceError } from "../core/errors.ts";
import type { FlagRule } from "./command.ts";

/** The rule of `--param`. */
export const PARAM_FLAG: FlagRule = {
  value: "NAME=VALUE",
  isRepeatable: true,
  description: "a param of the process; lists and objects as JSON; may be repeated",
};

type Schema = Readonly<Record<string, unknown>>;

/** The process whose params are given. */
export interface ParamsOf {
  readonly name: string;
  /** JSON Schema; null when nothing is known. */
  readonly params: Schema | null;
}

/** Reads the params. Errors: `usage`, naming the param and what it takes. */
export function paramsOf(
  pairs: readonly string[],
  process: ParamsOf,
): Readonly<Record<string, unknown>> {
  const root = process.params ?? {};
  const params = new Map<string, unknown>();
  for (const pair of pairs) {
    const at = pair.indexOf("=");
    const name = pair.slice(0, at);
    const text = pair.slice(at + 1);
    if (at < 1 || name === "__proto__")
      throw new SluiceError(
        "usage",
        `Expected --param NAME=VALUE, such as --param country=IN, got ${JSON.stringify(pair)}.`,
      );
    const schema = schemaOf(name, process, root);
    params.set(name, addedTo(params.get(name), valueOf(name, text, typesOf(schema, root)), name));
  }
  return Object.fromEntries(params);
}

/** A param that is given more than once is a list, where it takes one. */
function addedTo(before: unknown, value: unknown, name: string): unknown {
  if (before === undefined) return value;
  if (Array.isArray(before) && Array.isArray(value)) return [...before, ...(value as unknown[])];
  throw new SluiceError("usage", `--param ${name} is given twice. Leave one out.`);
}

function schemaOf(name: string, process: ParamsOf, root: Schema): Schema {
  const { properties } = root;
  if (!isSchema(properties)) return {};
  const own = Object.hasOwn(properties, name) ? properties[name] : undefined;
  if (isSchema(own)) return resolved(own, root);
  // Schemas that say nothing of further names mostly drop them in silence: a wrong spelling would be lost.
  const { additionalProperties } = root;
  if (own !== undefined || additionalProperties === true || isSchema(additionalProperties))
    return {};
  const names = Object.keys(properties);
  const nearest = nearestName(name, names);
  throw new SluiceError(
    "usage",
    `The process ${process.name} has no param ${name}.` +
      (nearest === null ? "" : ` Did you mean ${nearest}?`) +
      (names.length === 0 ? " It takes none." : ` It takes ${names.join(", ")}.`),
  );
}

/** The JSON types that a schema takes; empty when it does not say. */
function typesOf(schema: Schema, root: Schema): ReadonlySet<string> {
  const types = [schema["type"]].flat().filter((type) => typeof type === "string");
  if (types.length > 0) return new Set(types);
  const choices = [schema["anyOf"], schema["oneOf"], schema["allOf"]]
    .flat()
    .filter(isSchema)
    .flatMap((choice) => [...typesOf(resolved(choice, root), root)]);
  const values = [schema["enum"], "const" in schema ? [schema["const"]] : []].flat();
  const ofValues = values.filter((value) => value !== undefined).map(jsonTypeOf);
  return new Set([...choices, ...ofValues]);
}

const MOST_REFERENCES = 10;

/** The schema that a reference within the document names, or the schema itself. */
function resolved(schema: Schema, root: Schema): Schema {
  let at: Schema = schema;
  for (let count = 0; count < MOST_REFERENCES; count += 1) {
    const reference = at["$ref"];
    if (typeof reference !== "string" || !reference.startsWith("#/")) return at;
    let found: unknown = root;
    for (const step of reference.slice(2).split("/"))
      found = isSchema(found) ? found[step.replaceAll("~1", "/").replaceAll("~0", "~")] : undefined;
    if (!isSchema(found)) return {};
    at = found;
  }
  return {};
}

function valueOf(name: string, text: string, types: ReadonlySet<string>): unknown {
  const isOnlyText = types.size === 0 || (types.has("string") && types.size === 1);
  if (isOnlyText) return text;
  if (types.has("boolean") && (text === "true" || text === "false")) return text === "true";
  if (types.has("null") && text === "null") return null;
  if ((types.has("number") || types.has("integer")) && isNumber(text)) return Number(text);
  if (types.has("array") && !text.trimStart().startsWith("[")) return [text];
  if (types.has("array") || types.has("object")) {
    const value = jsonOf(text);
    if (value !== undefined && types.has(jsonTypeOf(value))) return value;
  }
  if (types.has("string")) return text;
  throw new SluiceError(
    "usage",
    `Expected --param ${name} to be ${[...types].map((type) => TYPE_WORDS[type] ?? type).join(" or ")}, got ${JSON.stringify(text)}.`,
  );
}

const TYPE_WORDS: Readonly<Record<string, string>> = {
  boolean: "true or false",
  number: "a number",
  integer: "a whole number",
  array: "a list as JSON",
  object: "an object as JSON",
};

function isNumber(text: string): boolean {
  return /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text) && Number.isFinite(Number(text));
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined; // told by the caller, in its words
  }
}

function jsonTypeOf(value: unknown): string {
  if (value === null) return "null";
  return Array.isArray(value) ? "array" : typeof value;
}

function isSchema(value: unknown): value is Schema {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
