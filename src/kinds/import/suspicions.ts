/**
 * What looks wrong in the first records of a file though every value fits: two columns whose values are those of the other, a
 * title where the header should be, words that may mean no value. Suspicions keep nothing out.
 */
import type { ImportPlan, PlannedColumn, PlanWarning } from "../../core/import-plan.ts";
import type { SampledRecord } from "./sample-columns.ts";

type Records = readonly (readonly string[])[];

/** What can be told of a column by the words of its name, and of values by their form; the first that fits a value is its kind. */
const KINDS = [
  {
    name: "e-mail addresses",
    header: wholeWords("e[-_]?mails?"),
    value: /^[^\s@]+@[^\s@]+\.[^\s@]+$/,
  },
  {
    name: "web addresses",
    header: wholeWords("urls?|websites?|homepages?"),
    value: /^https?:\/\/\S+$/i,
  },
  {
    name: "dates",
    header: wholeWords("dates?|birth(?:day|date)?|born|at"),
    value: /^\d{1,4}([-./])\d{1,2}\1\d{1,4}(?:[ T].*)?$/,
  },
  {
    name: "phone numbers",
    header: wholeWords("(?:tele)?phones?|mobile|fax|tel"),
    value: /^\+?\(?\d[\d\s()./-]{5,24}$/,
  },
] as const;
type Kind = (typeof KINDS)[number];

/** So many values are needed to suspect a column, and such a share of them. */
const LEAST_VALUES = 5;
const MOST_OF_THEM = 0.9;

function wholeWords(pattern: string): RegExp {
  return new RegExp(`(?:^|[-_\\s])(?:${pattern})(?:$|[-_\\s])`, "i");
}

/** A longer value is of no kind, and is not looked at: it may be made to take long. */
const MAX_KNOWN_LENGTH = 256;

const NULL_WORD = /^(?:null|nil|none|n\/?a|\\n|#n\/a)$/i;

/** At most one a code. */
export function suspicionsOf(
  plan: Pick<ImportPlan, "columns" | "width" | "reading">,
  sampled: readonly SampledRecord[],
): readonly PlanWarning[] {
  const { columns } = plan;
  const records = sampled.map(({ fields }) => fields);
  return [title(plan, sampled), exchanged(columns, records), nullWords(columns, records)].filter(
    (warning) => warning !== null,
  );
}

/** So many records may stand before a header. */
const TITLE_RECORDS = 10;

/** First lines that name hardly any column, before one that has something for each. */
function title(
  { columns, width, reading }: Pick<ImportPlan, "columns" | "width" | "reading">,
  sampled: readonly SampledRecord[],
): PlanWarning | null {
  const named = columns.filter(({ header }) => header.trim() !== "").length;
  if (!reading.header || width < 3 || columns.length < width || named * 2 > width) return null;
  const full = sampled.slice(0, TITLE_RECORDS).find(({ fields }) => isFull(fields));
  if (full === undefined) return null;
  return {
    code: "header_looks_like_title",
    message: `The header names ${named} of ${width} columns, and line ${full.line} has something for each. If that is the header, leave out what is before it.`,
    values: [String(full.line)],
  };
}

function isFull(record: readonly string[]): boolean {
  return record.every((value) => value.trim() !== "");
}

/** Two columns of which each holds what the name of the other promises. */
function exchanged(columns: readonly PlannedColumn[], records: Records): PlanWarning | null {
  const known = columns.flatMap(({ column, field }) => {
    const promised = KINDS.find(({ header }) => header.test(column));
    const held = kindOf(valuesOf(records, field));
    return promised === undefined || held === null || held === promised
      ? []
      : [{ column, promised, held }];
  });
  for (const one of known) {
    const others = known.filter(isLike(one.held, one.promised));
    const [other] = others;
    const isOnly = others.length === 1 && known.filter(isLike(one.promised, one.held)).length === 1;
    if (other === undefined || !isOnly) continue;
    return {
      code: "columns_look_exchanged",
      message: `${one.column} holds ${one.held.name} and ${other.column} ${other.held.name}.`,
      columns: [one.column, other.column],
    };
  }
  return null;
}

function isLike(
  promised: Kind,
  held: Kind,
): (column: { readonly promised: Kind; readonly held: Kind }) => boolean {
  return (column) => column.promised === promised && column.held === held;
}

/** The kind of nearly all values; null when there is none, or too few values tell. */
function kindOf(values: readonly string[]): Kind | null {
  if (values.length < LEAST_VALUES) return null;
  const counts = new Map<Kind, number>();
  for (const text of values) {
    if (text.length > MAX_KNOWN_LENGTH) continue;
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
