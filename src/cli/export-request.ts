/** From the flags of `sluice export` to the body of the request. */
import { readFile } from "node:fs/promises";
import { SluiceError } from "../core/errors.ts";
import { EXPORT_METHODS, EXPORT_QUOTES, EXPORT_TYPES } from "../core/export-plan.ts";
import type { CreateExportBody } from "../client/index.ts";
import type { FlagRules, Flags } from "./command.ts";
import { SPEED_FLAG, speedOf } from "./speed.ts";

/** What is asked of an export. */
export type ExportDecisions = Omit<CreateExportBody, "kind" | "validateOnly">;

/** Flags that say what is exported, and how. */
export const EXPORT_FLAGS: FlagRules = {
  sql: { value: "Q", description: "the rows of a query that only reads, in the place of a table" },
  "sql-file": { value: "FILE", description: "the same, from a file" },
  columns: { value: "a,b", isRepeatable: true, description: "only these columns, in this order" },
  where: { value: "SQL", description: "only rows that meet a condition" },
  from: {
    value: "COL=ISO",
    description: "only rows from this date or number on, of a column",
  },
  to: { value: "COL=ISO", description: "only rows before this date or number" },
  "order-by": { value: "a,b", isRepeatable: true, description: "the key of the table unless told" },
  method: {
    value: "keyed|snapshot",
    description:
      "keyed: by ranges of the key, nothing is copied; snapshot: all rows of one moment, from a copy",
  },
  speed: SPEED_FLAG,
  format: { value: "csv|tsv|jsonl", description: "csv unless told" },
  delimiter: { value: "C", description: "character between fields" },
  quotes: { value: "needed|all", description: "quote the fields that need it, or all" },
  null: { value: "WORD", description: "what stands for NULL; nothing unless told" },
  "no-header": { description: "without the line of column names" },
  crlf: { description: "end lines with CR LF" },
  gzip: { description: "packed by gzip" },
  zstd: { description: "packed by zstd, where Node can" },
  "spreadsheet-safe": {
    description: "put ' before texts that a spreadsheet takes for a formula; changes values",
  },
};

/** Reads the request from the argument and the flags. Errors: `usage`, naming the flag. */
export async function exportRequestOf(
  table: string | undefined,
  flags: Flags,
): Promise<ExportDecisions> {
  const sql = await sqlOf(flags);
  if ((table === undefined) === (sql === undefined))
    throw new SluiceError("usage", "Expected a TABLE, or --sql Q or --sql-file F, one of them.");
  const format = formatOf(flags);
  return present({
    table,
    sql,
    columns: listOf(flags, "columns"),
    where: flags.text("where"),
    from: rangeOf(flags, "from"),
    to: rangeOf(flags, "to"),
    orderBy: listOf(flags, "order-by"),
    ...speedOf(flags),
    method: choiceOf(flags, "method", EXPORT_METHODS),
    format: Object.keys(format).length === 0 ? undefined : format,
  });
}

/** Without what is undefined, which the service would not take for absent. */
function present(request: {
  [Field in keyof ExportDecisions]: ExportDecisions[Field] | undefined;
}) {
  const given = Object.entries(request).filter(([, value]) => value !== undefined);
  return Object.fromEntries(given) as ExportDecisions; // what is left has its own type
}

async function sqlOf(flags: Flags): Promise<string | undefined> {
  const path = flags.text("sql-file");
  const sql = flags.text("sql");
  if (path === undefined) return sql;
  if (sql !== undefined)
    throw new SluiceError("usage", "Expected --sql or --sql-file, got both. Leave one out.");
  try {
    return await readFile(path, "utf8");
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new SluiceError("usage", `Expected a readable file after --sql-file: ${reason}.`, {
      cause,
    });
  }
}

function listOf(flags: Flags, name: string): string[] | undefined {
  const names = flags.list(name).flatMap((list) => list.split(",").map((item) => item.trim()));
  return names.length === 0 ? undefined : names.filter((item) => item !== "");
}

function rangeOf(flags: Flags, name: "from" | "to"): ExportDecisions["from"] {
  const text = flags.text(name);
  if (text === undefined) return undefined;
  const at = text.indexOf("=");
  const column = text.slice(0, at).trim();
  const value = text.slice(at + 1).trim();
  if (at > 0 && column !== "" && value !== "") return { column, value };
  throw new SluiceError(
    "usage",
    `Expected --${name} to be COLUMN=VALUE, such as --${name} born=1990-01-01, got ${JSON.stringify(text)}.`,
  );
}

function choiceOf<Choice extends string>(
  flags: Flags,
  name: string,
  choices: readonly Choice[],
): Choice | undefined {
  const text = flags.text(name);
  const chosen = choices.find((choice) => choice === text);
  if (text === undefined || chosen !== undefined) return chosen;
  throw new SluiceError(
    "usage",
    `Expected --${name} to be one of ${choices.join(", ")}, got ${JSON.stringify(text)}.`,
  );
}

function formatOf(flags: Flags): NonNullable<ExportDecisions["format"]> {
  const type = choiceOf(flags, "format", EXPORT_TYPES);
  const delimiter = flags.text("delimiter");
  const quotes = choiceOf(flags, "quotes", EXPORT_QUOTES);
  const nullWord = flags.text("null");
  return {
    ...(type === undefined ? {} : { type }),
    ...(delimiter === undefined ? {} : { delimiter: delimiter === "\\t" ? "\t" : delimiter }),
    ...(quotes === undefined ? {} : { quotes }),
    ...(nullWord === undefined ? {} : { null: nullWord }),
    ...(flags.has("no-header") ? { header: false } : {}),
    ...(flags.has("crlf") ? { lineEnd: "crlf" as const } : {}),
    ...(flags.has("gzip") ? { gzip: true } : {}),
    ...(flags.has("zstd") ? { zstd: true } : {}),
    ...(flags.has("spreadsheet-safe") ? { spreadsheetSafe: true } : {}),
  };
}
