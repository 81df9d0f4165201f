/** `defineProcess`, and how a process is told from other values. */
import { inspect } from "node:util";
import type { NoParams, Process, ProcessDefinition, TextRecord } from "./process.ts";

/** The form of a process's name, which is also that of its file without the ending. */
export const PROCESS_NAME = /^[a-z0-9][a-z0-9-]{0,62}$/;

const BRAND = Symbol.for("sluice.process");
const KEYS: ReadonlySet<string> = new Set<keyof ProcessDefinition>([
  "name",
  "title",
  "description",
  "params",
  "record",
  "batchSize",
  "retries",
  "isolate",
  "timeoutSeconds",
  "output",
  "run",
  "undo",
]);

/**
 * Makes a process of its definition: what a file in the folder of processes exports by default. The types of `batch.records`
 * and `ctx.params` follow from the schemas `record` and `params`. Throws a `TypeError` that names what is wrong.
 *
 * @example
 * export default defineProcess({
 *   name: "greet",
 *   record: z.object({ email: z.email() }),
 *   async run(batch, ctx) {
 *     for (const { email } of batch.records)
 *       await ctx.tx.query("insert into greeted (email) values ($1)", [email]);
 *   },
 * });
 */
export function defineProcess<TParams = NoParams, TRecord extends object = TextRecord>(
  definition: ProcessDefinition<TParams, TRecord>,
): Process<TParams, TRecord> {
  check(definition);
  const process = {
    [BRAND]: true,
    name: definition.name,
    title: definition.title ?? definition.name,
    description: definition.description ?? null,
    params: definition.params ?? null,
    record: definition.record ?? null,
    batchSize: definition.batchSize ?? 1_000,
    retries: definition.retries ?? 3,
    isolate: definition.isolate ?? false,
    timeoutSeconds: definition.timeoutSeconds ?? 300,
    output: definition.output ?? null,
    run: definition.run.bind(definition),
    undo: definition.undo?.bind(definition) ?? null,
  };
  return Object.freeze(process);
}

/** Whether a value was made by `defineProcess`, of this or another copy of the package. */
export function isProcess(value: unknown): value is Process {
  return typeof value === "object" && value !== null && BRAND in value;
}

// Authors write JavaScript too: the types alone do not keep them.
function check(definition: unknown): asserts definition is ProcessDefinition {
  if (!isObject(definition)) throw wrong("", "an object with `name` and `run`", definition);
  for (const key of Object.keys(definition))
    if (!KEYS.has(key))
      throw new TypeError(
        `defineProcess does not know \`${key}\`. It takes ${[...KEYS].join(", ")}.`,
      );
  const { name, title, description, isolate, run, undo } = definition;
  if (typeof name !== "string" || !PROCESS_NAME.test(name))
    throw wrong("name", "1 to 63 lower-case letters, digits and `-`, not beginning with `-`", name);
  for (const [key, text] of Object.entries({ title, description }))
    if (text !== undefined && typeof text !== "string") throw wrong(key, "text", text);
  if (isolate !== undefined && typeof isolate !== "boolean")
    throw wrong("isolate", "true or false", isolate);
  checkNumbers(definition);
  checkSchemas(definition);
  checkOutput(definition["output"]);
  if (typeof run !== "function") throw wrong("run", "a function", run);
  if (undo !== undefined && typeof undo !== "function") throw wrong("undo", "a function", undo);
}

function checkNumbers(definition: Readonly<Record<string, unknown>>): void {
  const limits = {
    batchSize: [1, 50_000],
    retries: [0, 100],
    timeoutSeconds: [1, 86_400],
  } as const;
  for (const [key, [least, most]] of Object.entries(limits)) {
    const value = definition[key];
    if (value === undefined) continue;
    const isInside = typeof value === "number" && value >= least && value <= most;
    if (!isInside || (key !== "timeoutSeconds" && !Number.isInteger(value)))
      throw wrong(key, `a number from ${least} to ${most}`, value);
  }
}

function checkSchemas(definition: Readonly<Record<string, unknown>>): void {
  for (const key of ["params", "record"]) {
    const schema = definition[key];
    if (schema === undefined) continue;
    // Schemas of some libraries are functions.
    const standard: unknown =
      isObject(schema) || typeof schema === "function"
        ? (schema as Readonly<Record<string, unknown>>)["~standard"] // an object can be asked for any key
        : undefined;
    if (!isObject(standard) || typeof standard["validate"] !== "function")
      throw wrong(key, "a schema that keeps to Standard Schema, such as z.object({ … })", schema);
  }
}

function checkOutput(output: unknown): void {
  if (output === undefined) return;
  const columns = isObject(output) ? output["columns"] : undefined;
  if (typeof columns === "function") return;
  if (!Array.isArray(columns)) throw wrong("output.columns", "names or a function", columns);
  checkColumns(columns);
}

/** Checks the columns of a result: at least one, texts, none twice. Throws a `TypeError`. */
export function checkColumns(columns: readonly unknown[]): asserts columns is readonly string[] {
  if (columns.length === 0) throw wrong("output.columns", "at least one name", columns);
  for (const [index, column] of columns.entries()) {
    if (typeof column !== "string" || column === "")
      throw wrong(`output.columns[${index}]`, "a name", column);
    if (columns.indexOf(column) !== index)
      throw new TypeError(`Expected each of output.columns once, got \`${column}\` twice.`);
  }
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null;
}

function wrong(key: string, expected: string, value: unknown): TypeError {
  const what = key === "" ? "defineProcess" : `\`${key}\` of the process`;
  return new TypeError(`Expected ${what} to be ${expected}, got ${shown(value)}.`);
}

function shown(value: unknown): string {
  if (value === undefined) return "nothing";
  if (typeof value === "function") return "a function";
  if (Array.isArray(value)) return value.length === 0 ? "an empty list" : "a list";
  if (isObject(value)) return "an object";
  return typeof value === "string" ? JSON.stringify(value.slice(0, 100)) : inspect(value);
}
