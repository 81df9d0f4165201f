/** Names of target tables: made from a file's name, or read from a request. */
import type { TableName } from "../../core/job.ts";
import { isPossibleName, MAX_NAME_BYTES, safeName } from "../../csv/column-name.ts";
import { invalidRequest } from "../../csv/invalid-request.ts";

const DEFAULT_SCHEMA = "public";
const NAME_OF_NOTHING = "imported";
const EXTENSIONS = /(?:\.(?:csv|tsv|tab|psv|txt|dat|gz|zip))+$/i;
/** One part of a name: as it is, or in double quotes with a quote doubled. */
const PART = /^(?:"((?:[^"]|"")*)"|([^".]+))/;

/** The table for a file of this name: `people 2026.csv` becomes `people_2026`. */
export function tableNameOf(fileName: string): string {
  const name = fileName.split(/[/\\]/).at(-1) ?? "";
  return safeName(name.replace(EXTENSIONS, "")) || NAME_OF_NOTHING;
}

/**
 * Reads `table` or `schema.table`; the schema is `public` when it is not named. Upper and lower case are kept; a name
 * with a point in it is written in double quotes. Errors: `invalid_request` for anything else, for names that are empty
 * or longer than 63 bytes, and for the schemas of PostgreSQL and of Sluice.
 */
export function parseTableName(text: string): TableName {
  const parts = splitName(text);
  const [first, second] = parts ?? [];
  if (first === undefined)
    throw invalidRequest(
      "table",
      `Expected a table name like people or public.people, got ${JSON.stringify(text.slice(0, 80))}.`,
    );
  const name =
    second === undefined
      ? { schema: DEFAULT_SCHEMA, table: first }
      : { schema: first, table: second };
  for (const part of [name.schema, name.table]) checkName(part);
  if (/^(?:pg_.*|information_schema|sluice|sluice_dispatch)$/.test(name.schema))
    throw invalidRequest(
      "table",
      `Expected a schema of your own, got ${name.schema}, which belongs to ${name.schema === "sluice" ? "Sluice" : "PostgreSQL"}.`,
    );
  return name;
}

function splitName(text: string): readonly string[] | null {
  const parts: string[] = [];
  let rest = text;
  for (;;) {
    const match = PART.exec(rest);
    if (match === null) return null;
    parts.push(match[1]?.replaceAll('""', '"') ?? match[2] ?? "");
    rest = rest.slice(match[0].length);
    if (rest === "") return parts.length <= 2 ? parts : null;
    if (!rest.startsWith(".")) return null;
    rest = rest.slice(1);
  }
}

function checkName(name: string): void {
  if (isPossibleName(name) && name.trim() !== "") return;
  throw invalidRequest(
    "table",
    `Expected names of 1 to ${MAX_NAME_BYTES} bytes that are not blank, got ${JSON.stringify(name.slice(0, 80))}.`,
  );
}
