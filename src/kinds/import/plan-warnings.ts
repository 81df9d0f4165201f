/** What a person should know before an import starts. */
import type { PlannedColumn, PlanWarning } from "../../core/import-plan.ts";
import { isInferable, TypeInference } from "../../csv/infer-type.ts";
import type { SampledColumns } from "./sample-columns.ts";

/** More columns than this may not fit a row of the database. */
const WIDE_TABLE_COLUMNS = 400;
const MAX_EXAMPLES = 5;
const NUMBER_TYPES: readonly string[] = ["integer", "bigint", "numeric", "double precision"];

/** What warnings are made from. */
export interface WarningInput {
  readonly columns: readonly PlannedColumn[];
  readonly sampled: SampledColumns;
  readonly isNewTable: boolean;
  readonly hasHeader: boolean;
  /** Columns that new rows would need and the file does not fill. */
  readonly unfilled: readonly string[];
}

/** At most one warning a code, with up to five examples each. */
export function planWarnings(input: WarningInput): readonly PlanWarning[] {
  return [
    newRowsIncomplete(input),
    renamed(input),
    looksLikeData(input),
    wideTable(input),
    zerosLost(input),
    ambiguousDates(input),
    formulaLike(input),
  ].filter((warning) => warning !== null);
}

function newRowsIncomplete({ unfilled }: WarningInput): PlanWarning | null {
  if (unfilled.length === 0) return null;
  return {
    code: "new_rows_incomplete",
    message: `Only rows that exist can be updated: new ones need ${examples(unfilled)}, which the file does not fill, and are rejected.`,
  };
}

function renamed({ columns, isNewTable, hasHeader }: WarningInput): PlanWarning | null {
  const others = columns.filter(({ header, column }) => header !== column);
  if (!isNewTable || !hasHeader || others.length === 0) return null;
  const list = examples(others.map((each) => `${JSON.stringify(each.header)} → ${each.column}`));
  return { code: "header_renamed", message: `Columns are named for PostgreSQL: ${list}.` };
}

function zerosLost({ columns, sampled }: WarningInput): PlanWarning | null {
  const losing = columns.flatMap(({ field, column, type }) => {
    const value = sampled.columns[field]?.leadingZero ?? null;
    return value === null || !NUMBER_TYPES.includes(type) ? [] : [`${column} (${value})`];
  });
  if (losing.length === 0) return null;
  return {
    code: "leading_zeros_lost",
    message: `Leading zeros are lost where the type is a number: ${examples(losing)}.`,
  };
}

function wideTable({ columns }: WarningInput): PlanWarning | null {
  if (columns.length <= WIDE_TABLE_COLUMNS) return null;
  return {
    code: "wide_table",
    message: `${columns.length} columns: a row with long values in many of them does not fit PostgreSQL's 8,160 bytes.`,
  };
}

/** A header whose texts all fit the types of their columns is probably the first record. */
function looksLikeData({ columns, sampled, hasHeader }: WarningInput): PlanWarning | null {
  const typed = columns.filter(({ field }) => isInferable(sampled.columns[field]?.type));
  const isLikely =
    typed.length > 0 &&
    typed.every(({ field, header }) => {
      const inference = new TypeInference();
      inference.add(header, false);
      const { type } = inference.result(true);
      const column = sampled.columns[field]?.type;
      return type === column || (type === "integer" && column === "bigint");
    });
  if (!hasHeader || !isLikely) return null;
  const list = examples(typed.map(({ header }) => JSON.stringify(header)));
  return {
    code: "header_looks_like_data",
    message: `The first line looks like data and not like a header: ${list}. If it is data, read the file without header.`,
  };
}

/** Text in which two offers of dates are left: which is right only a person knows. */
function ambiguousDates({ columns }: WarningInput): PlanWarning | null {
  const open = columns.filter(
    ({ offers = [] }) => offers.filter(({ dateFormat }) => dateFormat !== undefined).length > 1,
  );
  const [first] = open;
  if (first?.offers === undefined) return null;
  const formats = first.offers.flatMap(({ dateFormat }) => dateFormat ?? []);
  return {
    code: "date_ambiguous",
    message: `Dates stay text while nobody says which comes first, day or month: ${examples(open.map(({ column }) => column))}, where ${first.offers[0]?.reason}. Declare the format: ${formats.join(" or ")}.`,
  };
}

/** Nothing is changed for it: an export can make the values safe for spreadsheets. */
function formulaLike({ columns, sampled }: WarningInput): PlanWarning | null {
  const found = columns.flatMap(({ field, column, type }) => {
    const value = type === "text" ? (sampled.columns[field]?.formula ?? null) : null;
    return value === null ? [] : [`${column} (${shorten(value)})`];
  });
  if (found.length === 0) return null;
  return {
    code: "formula_like",
    message: `Values that a spreadsheet would run as formulas; they are stored as they are: ${examples(found)}.`,
  };
}

function shorten(value: string): string {
  return value.length > 30 ? `${value.slice(0, 30)}…` : value;
}

function examples(items: readonly string[]): string {
  const shown = items.slice(0, MAX_EXAMPLES).join(", ");
  return items.length > MAX_EXAMPLES ? `${shown} and ${items.length - MAX_EXAMPLES} more` : shown;
}
