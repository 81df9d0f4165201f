/**
 * The params of a process as fields of a form, drawn from their JSON Schema. The service checks them by the process's own
 * schema; here is only what a field looks like, and how its text becomes a value.
 */
import type { Process } from "../api/types.ts";

/** How a param is asked for. `json`: whatever has no field of its own, as JSON. */
type FieldKind = "text" | "secret" | "number" | "choice" | "switch" | "json";

/** One field of the form. */
export interface ParamField {
  readonly name: string;
  readonly label: string;
  readonly kind: FieldKind;
  /** Values of a choice. */
  readonly choices: readonly unknown[];
  readonly isRequired: boolean;
  /** What it shows before anybody has typed. */
  readonly initial: string;
  /** What is expected, in few words; empty where nothing is told. */
  readonly hint: string;
}

/** What was typed, by the name of the param. Of a switch `true` or `false`, of a choice its place. */
export type ParamTexts = Readonly<Record<string, string>>;

// The names that the service masks (src/core/secret-params.ts), so that what is typed for one is not shown either.
const SECRET =
  /(?:password|passphrase|passwd|pwd|secret|token|credential|authorization|(?:^|[-_])auth|(?:api|access|private|secret|signing|encryption|auth)[-_]?key)s?$/i;

/** `pass` as a word of its own: neither `bypass` nor `compass`. */
const PASS = /(?:^|[-_])(?:pass|PASS)$|Pass$/;

/** Whether a param of this name is shown to nobody. */
export function isSecretName(name: string): boolean {
  return SECRET.test(name) || PASS.test(name);
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The fields, in the order of the schema. */
export function fieldsOf({ params }: Pick<Process, "params">): readonly ParamField[] {
  const properties = params?.["properties"];
  if (!isObject(properties)) return [];
  const required = params?.["required"];
  const names = Array.isArray(required) ? required : [];
  return Object.entries(properties).map(([name, schema]) =>
    fieldOf(name, isObject(schema) ? schema : {}, names.includes(name)),
  );
}

function fieldOf(
  name: string,
  schema: Readonly<Record<string, unknown>>,
  isRequired: boolean,
): ParamField {
  const choices = Array.isArray(schema["enum"]) ? schema["enum"] : [];
  const kind = kindOf(name, schema, choices);
  const { default: given, title } = schema;
  return {
    name,
    label: typeof title === "string" ? title : name,
    kind,
    choices,
    isRequired,
    initial: given === undefined ? "" : textOf(kind, choices, given),
    hint: hintOf(schema),
  };
}

function kindOf(
  name: string,
  schema: Readonly<Record<string, unknown>>,
  choices: readonly unknown[],
): FieldKind {
  const { type, format } = schema;
  if (choices.length > 0) return "choice";
  if (type === "boolean") return "switch";
  if (type === "integer" || type === "number") return "number";
  if (type !== "string") return "json";
  const isSecret = format === "password" || schema["writeOnly"] === true || isSecretName(name);
  return isSecret ? "secret" : "text";
}

function hintOf(schema: Readonly<Record<string, unknown>>): string {
  const { description, format, minimum, maximum, type } = schema;
  const from = typeof minimum === "number" && Math.abs(minimum) < 1e12 ? `from ${minimum}` : "";
  const to = typeof maximum === "number" && Math.abs(maximum) < 1e12 ? `to ${maximum}` : "";
  return [
    ...(typeof description === "string" ? [description] : []),
    ...(type === "integer" ? [["whole number", from, to].filter(Boolean).join(" ")] : []),
    ...(type === "number" ? [["number", from, to].filter(Boolean).join(" ")] : []),
    ...(format === "uri" ? ["an address such as https://example.com"] : []),
    ...(format === "email" ? ["an e-mail address"] : []),
    ...(format === "date" ? ["a date such as 2026-11-23"] : []),
  ].join(" · ");
}

/** A value as its field shows it. */
function textOf(kind: FieldKind, choices: readonly unknown[], value: unknown): string {
  if (kind === "choice") return String(choices.indexOf(value));
  if (typeof value === "string" && kind !== "json") return value;
  return JSON.stringify(value);
}

/** What a form shows that is to ask for the same once more. */
export function textsOf(
  fields: readonly ParamField[],
  params: Readonly<Record<string, unknown>>,
): ParamTexts {
  return Object.fromEntries(
    fields.flatMap(({ name, kind, choices }) =>
      params[name] === undefined ? [] : [[name, textOf(kind, choices, params[name])]],
    ),
  );
}

/** The params that were typed. What is empty is left out, so that its default holds. */
export function paramsOf(
  fields: readonly ParamField[],
  texts: ParamTexts,
): Readonly<Record<string, unknown>> {
  return Object.fromEntries(
    fields.flatMap((field) => {
      const text = texts[field.name] ?? field.initial;
      const value = valueOf(field, text);
      return value === undefined ? [] : [[field.name, value]];
    }),
  );
}

/** What cannot be read as what it is to be goes as it is: the service says what it expects. */
function valueOf({ kind, choices }: ParamField, text: string): unknown {
  if (kind === "switch") return text === "true";
  if (text === "") return undefined;
  if (kind === "choice") return choices[Number(text)];
  if (kind === "number") return Number.isFinite(Number(text)) ? Number(text) : text;
  if (kind !== "json") return text;
  try {
    const value: unknown = JSON.parse(text);
    return value;
  } catch {
    return text; // the service says that it is none
  }
}
