/** From a request to a plan: asks the catalog what there is, decides columns, filter, method, format and parts. */
import { SluiceError } from "../../core/errors.ts";
import {
  type ExportColumn,
  type ExportEstimate,
  type ExportMethod,
  type ExportPlan,
  type KeyColumn,
  type RangeEnd,
} from "../../core/export-plan.ts";
import type {
  ExportCatalog,
  ExportPlanner,
  QueryEstimate,
  QueryPlan,
} from "../../core/export-ports.ts";
import type {
  CanCompress,
  ExportRequest,
  RangeRequest,
  SourceRelation,
} from "../../core/export-request.ts";
import { tableLabel, type TableName } from "../../core/job.ts";
import { invalidRequest } from "../../csv/invalid-request.ts";
import { parseTableName } from "../import/table-name.ts";
import { decideFormat, endingOf } from "./decide-format.ts";
import { exportWarnings, methodReason } from "./export-words.ts";

const MOST_PARTS = 16;
/** Bytes of a result that are written in a second, and cost of a query that is paid in one: of a modest machine. */
const BYTES_PER_SECOND = 60_000_000;
const COST_PER_SECOND = 150_000;

/** What planning depends on beside the database. */
export interface PlannerOptions {
  readonly canCompress: CanCompress;
  /** Bytes of the table that a part of a keyed export has, about. */
  readonly partBytes: number;
}

/** The planner over a catalog. */
export function createExportPlanner(
  catalog: ExportCatalog,
  options: PlannerOptions,
): ExportPlanner {
  return {
    plan: (request, names) => planExport(catalog, options, request, names),
    preview: (plan) => catalog.preview({ ...plan, staging: null }),
  };
}

async function planExport(
  catalog: ExportCatalog,
  options: PlannerOptions,
  request: ExportRequest,
  names: Parameters<ExportPlanner["plan"]>[1],
): Promise<ExportPlan> {
  const format = decideFormat(request.format ?? {}, options.canCompress);
  const relation = await describe(catalog, request);
  const columns = chooseColumns(relation, request.columns);
  const orderBy = (request.orderBy ?? []).map((name) => known(relation, "orderBy", name).name);
  const { method, key } = chooseMethod(relation, request, orderBy);
  const query: QueryPlan = {
    source: relation.source,
    columns,
    where: request.where ?? null,
    from: rangeEnd(relation, "from", request.from),
    to: rangeEnd(relation, "to", request.to),
    orderBy: method === "keyed" ? [] : orderBy,
    key,
    format,
    staging: method === "keyed" ? null : names.staging,
  };
  const found = await catalog.estimate({ ...query, staging: null });
  const estimate = estimateOf(found, method);
  const { table } = relation.source;
  const last = table === null ? null : await catalog.findLastRows(table);
  return {
    kind: "export",
    method,
    methodReason: methodReason(method, key),
    ...query,
    ranges:
      method === "keyed"
        ? await catalog.findRanges(query, {
            parts: partsOf(relation.bytes, options),
            tableBytes: relation.bytes,
          })
        : [],
    estimate,
    resultFile: names.resultFile,
    fileName: `${table === null ? "query" : table.table}${endingOf(format)}`,
    warnings: exportWarnings({
      method,
      format,
      columns: relation.columns,
      chosen: columns,
      estimate,
      last,
    }),
  };
}

type Described = Pick<SourceRelation, "columns" | "keys" | "bytes"> & {
  readonly source: ExportPlan["source"];
};

async function describe(catalog: ExportCatalog, request: ExportRequest): Promise<Described> {
  if ((request.table === undefined) === (request.sql === undefined))
    throw invalidRequest("table", "Expected a table or a query (sql), one of the two.");
  if (request.sql !== undefined) {
    const sql = request.sql.replace(/[\s;]+$/, "");
    const columns = await catalog.describeQuery(sql);
    const twice = columns.find(
      ({ name }, at) => columns.findIndex((other) => other.name === name) < at,
    );
    if (twice !== undefined)
      throw invalidRequest(
        "sql",
        `Expected every column of the query to have a name of its own, but two are called ${twice.name}. Name them with "as".`,
      );
    return { source: { table: null, sql }, columns, keys: [], bytes: 0 };
  }
  const name: TableName = parseTableName(request.table ?? "");
  const relation = await catalog.describeSource(name);
  if (relation === null)
    throw new SluiceError("table_not_found", `There is no table ${tableLabel(name)} to export.`);
  const { columns, keys, bytes } = relation;
  return { source: { table: name, sql: null }, columns, keys, bytes };
}

function known(relation: Described, field: string, name: string): ExportColumn {
  const column = relation.columns.find((candidate) => candidate.name === name);
  if (column !== undefined) return column;
  const names = relation.columns.map((candidate) => candidate.name).slice(0, 50);
  throw invalidRequest(field, `There is no column ${name}. There are: ${names.join(", ")}.`);
}

function chooseColumns(
  relation: Described,
  wanted: readonly string[] | undefined,
): readonly ExportColumn[] {
  const names = wanted ?? relation.columns.map(({ name }) => name);
  if (names.length === 0) throw invalidRequest("columns", "Expected at least one column.");
  const twice = names.find((name, at) => names.indexOf(name) < at);
  if (twice !== undefined)
    throw invalidRequest("columns", `Expected each column once, got ${twice} twice.`);
  return names.map((name) => {
    const { sqlType, writtenAs } = known(relation, "columns", name);
    return { name, sqlType, writtenAs };
  });
}

function rangeEnd(
  relation: Described,
  field: "from" | "to",
  request: RangeRequest | undefined,
): RangeEnd | null {
  if (request === undefined) return null;
  const { name, sqlType, writtenAs } = known(relation, field, request.column);
  if (writtenAs === "time" || writtenAs === "number")
    return { column: name, sqlType, value: String(request.value) };
  throw invalidRequest(
    field,
    `Expected a column of dates or numbers, but ${name} is of type ${sqlType}. A condition in "where" can say more.`,
  );
}

/** By the key where there is one and its order will do; otherwise by a copy. */
function chooseMethod(
  { keys }: Described,
  { method }: ExportRequest,
  orderBy: readonly string[],
): { readonly method: ExportMethod; readonly key: readonly KeyColumn[] } {
  const key =
    orderBy.length === 0
      ? keys[0]
      : keys.find(
          (candidate) => candidate.map(({ column }) => column).join("\0") === orderBy.join("\0"),
        );
  if (method === "snapshot") return { method, key: [] };
  if (key !== undefined) return { method: "keyed", key };
  if (method === undefined) return { method: "snapshot", key: [] };
  throw invalidRequest(
    "method",
    orderBy.length === 0
      ? "Expected a table with a primary key, or a unique key over columns that are never NULL, to read by. Choose the method snapshot."
      : `Expected an order by a key of the table to read by, got ${orderBy.join(", ")}. Choose the method snapshot, or leave the order out.`,
  );
}

function estimateOf(
  { rows, bytesPerRow, cost }: QueryEstimate,
  method: ExportMethod,
): ExportEstimate {
  const bytes = Math.round(rows * bytesPerRow);
  // A copy writes the rows once more.
  const passes = method === "snapshot" ? 2 : 1;
  const seconds = cost / COST_PER_SECOND + (passes * bytes) / BYTES_PER_SECOND;
  return { rows, bytes, seconds: Math.ceil(seconds * 10) / 10 };
}

function partsOf(bytes: number, { partBytes }: PlannerOptions): number {
  return Math.min(MOST_PARTS, Math.max(1, Math.round(bytes / partBytes)));
}
