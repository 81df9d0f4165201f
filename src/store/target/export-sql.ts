/**
 * The queries of an export. Names are quoted and values are literals; a condition or query of a person stands in
 * brackets of its own on lines of its own, and planning has had the server parse it there as one statement, so that
 * nothing in it can end the statement that it is put into.
 */
import {
  FORMULA,
  PLAIN_NUMBER,
  type ExportColumn,
  type ExportRange,
  type KeyColumn,
} from "../../core/export-plan.ts";
import type { QueryPlan } from "../../core/export-ports.ts";
import { quoteName, quoteStaging, quoteTable, quoteText } from "../sql.ts";

/** The output column with a key. A bare name in `order by` means an output column first, so it must be no column's. */
const KEY = "sluice_key_texts";

/** A row of the queries that look for keys: the values of one, as texts. */
export interface KeyRow {
  readonly [KEY]: readonly string[];
}

/** All rows of a plan, as they are in the database. */
export function selectRows(plan: QueryPlan): string {
  return `select ${namesOf(plan)} from ${sourceOf(plan)}${where(filters(plan))}`;
}

/** The rows for the private table of a snapshot, in the order that was asked for. */
export function selectSnapshot(plan: QueryPlan): string {
  const order = plan.orderBy.map(quoteName).join(", ");
  return `${selectRows(plan)}${order === "" ? "" : ` order by ${order}`}`;
}

/** COPY of a range of the rows to the client, in the format of the result. */
export function copyRange(plan: QueryPlan, range: ExportRange): string {
  return `copy (${selectRange(plan, range)}) to stdout with (${copyOptions(plan)})`;
}

/** The first rows as they are written, each as one text. */
export function selectSample(plan: QueryPlan, rows: number): string {
  const written = `select ${writtenColumns(plan)} from ${sourceOf(plan)}${where(filters(plan))} limit ${rows}`;
  return `select octet_length(${plan.format.type === "jsonl" ? "row_to_json(r)" : "r"}::text) as bytes from (${written}) r`;
}

/** The first rows in the order of the result, each as a list of texts of at most 200 characters. */
export function selectPreview(plan: QueryPlan, rows: number): string {
  const cells = plan.columns.map(({ name }) => `left(r.${quoteName(name)}::text, 200)`);
  const order = [...plan.key.map(({ column }) => column), ...plan.orderBy].map(quoteName);
  const by = order.length === 0 ? "" : ` order by ${order.join(", ")}`;
  return `select array[${cells.join(", ")}] as cells from (${selectRows(plan)}${by} limit ${rows}) r`;
}

/** The key `rows` rows behind the start of a range, as texts; nothing when there are not so many. */
export function selectEnd(plan: QueryPlan, range: ExportRange, rows: number): string {
  return `select ${keyTexts(plan.key)} as ${KEY} from ${sourceOf(plan)}${where(within(plan, range))}
    order by ${keyOrder(plan.key)} offset ${rows - 1} limit 1`;
}

/** The smallest or the largest key, as texts; nothing in an empty table. */
export function selectEdge(plan: QueryPlan, edge: "first" | "last"): string {
  const order = plan.key.map(
    ({ column }) => `${quoteName(column)}${edge === "last" ? " desc" : ""}`,
  );
  return `select ${keyTexts(plan.key)} as ${KEY} from ${sourceOf(plan)} order by ${order.join(", ")} limit 1`;
}

/** Keys below `last` that cut a sample of the table's blocks into about `parts` like pieces, in order. */
export function selectCuts(
  plan: QueryPlan,
  last: readonly string[],
  sample: { readonly percent: number; readonly parts: number },
): string {
  return `select ${KEY} from (
      select ${keyTexts(plan.key)} as ${KEY}, row_number() over (order by ${keyOrder(plan.key)}) as n, count(*) over () as total
      from ${sourceOf(plan)} tablesample system (${sample.percent})
      where ${keyTuple(plan.key)} < ${literalTuple(plan.key, last)}
    ) sampled where n % greatest(total / ${sample.parts}, 1) = 0 order by n limit ${sample.parts - 1}`;
}

function selectRange(plan: QueryPlan, range: ExportRange): string {
  const isSnapshot = plan.staging !== null;
  const from = plan.staging === null ? sourceOf(plan) : quoteStaging(plan.staging);
  const conditions = isSnapshot ? blocks(range) : [...within(plan, range), ...filters(plan)];
  const order = isSnapshot ? "" : ` order by ${keyOrder(plan.key)}`;
  const rest = `from ${from}${where(conditions)}${order}`;
  if (plan.format.type !== "jsonl") {
    // In `order by` a name means the output column, and that of a key must be the key itself.
    const isKeyChanged = plan.columns.some(
      (column) =>
        plan.key.some((key) => key.column === column.name) && isChanged(column, plan.format),
    );
    return isKeyChanged
      ? `select ${writtenColumns(plan)} from (select ${namesOf(plan)} ${rest}) r`
      : `select ${writtenColumns(plan)} ${rest}`;
  }
  const rows = `select ${namesOf(plan)} ${rest}`;
  // A value of type json keeps the white space it came with, and a line end in it would end the line.
  const hasJson = plan.columns.some(({ writtenAs }) => writtenAs === "json");
  const line = "row_to_json(r)::text";
  return `select ${hasJson ? `translate(${line}, E'\\r\\n', '  ')` : line} from (${rows}) r`;
}

function sourceOf({ source }: QueryPlan): string {
  return source.table === null ? `(\n${source.sql}\n) as result` : quoteTable(source.table);
}

function namesOf({ columns }: QueryPlan): string {
  return columns.map(({ name }) => quoteName(name)).join(", ");
}

function where(conditions: readonly string[]): string {
  return conditions.length === 0 ? "" : ` where ${conditions.join(" and ")}`;
}

function filters(plan: QueryPlan): string[] {
  const conditions = plan.where === null ? [] : [`(\n${plan.where}\n)`];
  for (const [end, sign] of [
    [plan.from, ">="],
    [plan.to, "<"],
  ] as const)
    if (end !== null)
      conditions.push(`${quoteName(end.column)} ${sign} ${literal(end.value, end.sqlType)}`);
  return conditions;
}

function within(plan: QueryPlan, { after, upTo }: ExportRange): string[] {
  const key = keyTuple(plan.key);
  return [
    ...(after === null ? [] : [`${key} > ${literalTuple(plan.key, after)}`]),
    ...(upTo === null ? [] : [`${key} <= ${literalTuple(plan.key, upTo)}`]),
  ];
}

/** Blocks of the private table, which nobody writes to: their rows are in the order in which they were inserted. */
function blocks({ after, upTo }: ExportRange): string[] {
  return [
    `ctid >= '(${Number(after?.[0] ?? 0)},0)'::tid`,
    `ctid < '(${Number(upTo?.[0] ?? 0)},0)'::tid`,
  ];
}

function keyTuple(key: readonly KeyColumn[]): string {
  return tuple(key.map(({ column }) => quoteName(column)));
}

function literalTuple(key: readonly KeyColumn[], values: readonly string[]): string {
  return tuple(key.map(({ sqlType }, at) => literal(values[at] ?? "", sqlType)));
}

function tuple(items: readonly string[]): string {
  return items.length === 1 ? (items[0] ?? "") : `(${items.join(", ")})`;
}

/** `sqlType` comes from the catalog. */
function literal(value: string, sqlType: string): string {
  return `${quoteText(value)}::${sqlType}`;
}

function keyTexts(key: readonly KeyColumn[]): string {
  return `array[${key.map(({ column }) => `${quoteName(column)}::text`).join(", ")}]`;
}

function keyOrder(key: readonly KeyColumn[]): string {
  return key.map(({ column }) => quoteName(column)).join(", ");
}

function writtenColumns(plan: QueryPlan): string {
  return plan.columns.map((column) => writtenColumn(column, plan.format)).join(", ");
}

/** Whether a column is written as something else than COPY makes of it. */
function isChanged({ writtenAs }: ExportColumn, format: QueryPlan["format"]): boolean {
  if (format.type === "jsonl") return false;
  // COPY writes t and f for booleans.
  if (writtenAs === "boolean") return true;
  return format.isSpreadsheetSafe && (writtenAs === "text" || writtenAs === "json");
}

function writtenColumn(given: ExportColumn, format: QueryPlan["format"]): string {
  const column = quoteName(given.name);
  if (!isChanged(given, format)) return column;
  if (given.writtenAs === "boolean") return `${column}::text as ${column}`;
  const text = `${column}::text`;
  return `case when ${text} ~ ${quoteText(FORMULA)} and ${text} !~ ${quoteText(PLAIN_NUMBER)}
    then '''' || ${text} else ${text} end as ${column}`;
}

function copyOptions({ columns, format }: QueryPlan): string {
  // A JSON text holds neither of the two characters, so that nothing of it is quoted or escaped.
  if (format.type === "jsonl") return "format csv, delimiter E'\\x01', quote E'\\x02'";
  const quoted = quotedColumns(columns, format);
  return [
    "format csv",
    `delimiter ${quoteText(format.delimiter)}`,
    `null ${quoteText(format.nullWord)}`,
    ...(quoted === "" ? [] : [`force_quote ${quoted}`]),
  ].join(", ");
}

/** Which columns have to be quoted always; NULL never is. */
function quotedColumns(columns: QueryPlan["columns"], format: QueryPlan["format"]): string {
  if (format.quotes === "all") return "*";
  // Beside a word for NULL, COPY would write the empty text as nothing, which is read as NULL as well. And without a
  // header the first value could begin like a byte order mark, or like the line by which Excel is told a delimiter.
  const quoted = columns.filter(
    ({ writtenAs }, at) =>
      writtenAs === "text" && (format.nullWord !== "" || (at === 0 && !format.hasHeader)),
  );
  return quoted.length === 0 ? "" : `(${quoted.map(({ name }) => quoteName(name)).join(", ")})`;
}
