/**
 * What looks wrong in the first records of a file though every value fits: columns whose values are those of another, a
 * title where the header should be, words that may mean no value. Suspicions keep nothing out.
 */
import type { ImportPlan, PlannedColumn, PlanWarning } from "../../core/import-plan.ts";

type Records = readonly (readonly string[])[];

/** What can be told of a column by its name, and of values by their form; the first that fits a value is its kind. */
const KINDS = [
  { name: "e-mail addresses", header: /e-?mail/i, value: /^[^\s@]+@[^\s@]+\.[^\s@]+$/ },
  { name: "web addresses", header: /url|website|homepage/i, value: /^https?:\/\/\S+$/i },
  {
    name: "dates",
    header: /date|birth|^born|_at$/i,
    value: /^\d{1,4}([-./])\d{1,2}\1\d{1,4}(?:[ T].*)?$/,
  },
  { name: "phone numbers", header: /phone|mobile|fax|^tel/i, value: /^\+?\(?\d[\d\s()./-]{5,24}$/ },
] as const;
type Kind = (typeof KINDS)[number];

/** So many values are needed to suspect a column, and such a share of them. */
const LEAST_VALUES = 5;
const MOST_OF_THEM = 0.9;

const NULL_WORD = /^(?:null|nil|none|n\/?a|\\n|#n\/a)$/i;

/** At most one a code. */
export function suspicionsOf(
  plan: Pick<ImportPlan, "columns" | "width" | "reading">,
  records: Records,
): readonly PlanWarning[] {
  const { columns } = plan;
  return [title(plan, records), exchanged(columns, records), nullWords(columns, records)].filter(
    (warning) => warning !== null,
  );
}

/** So many lines may stand before a header. */
const TITLE_LINES = 10;

/** First lines that name hardly any column, before one that has something for each. */
function title(
  { columns, width, reading }: Pick<ImportPlan, "columns" | "width" | "reading">,
  records: Records,
): PlanWarning | null {
  const named = columns.filter(({ header }) => header.trim() !== "").length;
  if (!reading.header || width < 3 || columns.length < width || named * 2 > width) return null;
  const lines = records.slice(0, TITLE_LINES).findIndex(isFull) + 1;
  if (lines === 0) return null;
  return {
    code: "header_looks_like_title",
    message: `The header names ${named} of ${width} columns, and the line ${lines} below has something for each. If that is the header, leave out what is before it.`,
    values: [String(lines)],
  };
}

function isFull(record: readonly string[]): boolean {
  return record.every((value) => value.trim() !== "");
}

/** A column whose name promises what another column holds, and that holds something else. */
function exchanged(columns: readonly PlannedColumn[], records: Records): PlanWarning | null {
  const known = columns.map(({ column, field }) => ({
    column,
    promised: KINDS.find(({ header }) => header.test(column)) ?? null,
    held: kindOf(valuesOf(records, field)),
  }));
  for (const one of known) {
    const { promised } = one;
    if (promised === null || one.held === "few" || one.held === promised) continue;
    const holders = known.filter(({ held }) => held === promised);
    const [other] = holders;
    if (other === undefined || holders.length > 1 || other.promised === promised) continue;
    const { held } = one;
    return {
      code: "columns_look_exchanged",
      message:
        held !== null && other.promised === held
          ? `${one.column} holds ${held.name} and ${other.column} ${promised.name}.`
          : `${one.column} holds no ${promised.name}, and ${other.column} does.`,
      columns: [one.column, other.column],
    };
  }
  return null;
}

function kindOf(values: readonly string[]): Kind | "few" | null {
  if (values.length < LEAST_VALUES) return "few";
  const counts = new Map<Kind, number>();
  for (const text of values) {
    const kind = KINDS.find(({ value }) => value.test(text));
    if (kind !== undefined) counts.set(kind, (counts.get(kind) ?? 0) + 1);
  }
  for (const [kind, count] of counts) if (count >= values.length * MOST_OF_THEM) return kind;
  return null;
}

function nullWords(columns: readonly PlannedColumn[], records: Records): PlanWarning | null {
  const found = columns.map(({ column, field }) => ({
    column,
    words: valuesOf(records, field).filter((value) => NULL_WORD.test(value)),
  }));
  const having = found.filter(({ words }) => words.length > 1);
  const values = [...new Set(having.flatMap(({ words }) => words))];
  if (values.length === 0) return null;
  const list = values.map((word) => JSON.stringify(word)).join(", ");
  const where = having.map(({ column }) => column);
  return {
    code: "words_for_null",
    message: `${list} may mean no value, in ${where.slice(0, 5).join(", ")}. As it is read, it is text.`,
    columns: where,
    values,
  };
}

function valuesOf(records: Records, field: number): readonly string[] {
  return records.map((record) => record[field]?.trim() ?? "").filter((value) => value !== "");
}
