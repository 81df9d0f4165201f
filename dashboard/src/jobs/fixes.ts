/** Rejected rows as a person edits them: their cells, what is wrong with them, and what could be done about all alike. */
import type { RejectedRecord } from "../api/types.ts";

/** A row of the grid. */
export interface FixRow {
  readonly item: RejectedRecord;
  /** At least as many as there are columns. */
  readonly cells: readonly string[];
  /** Whether the service has not seen them. */
  readonly isChanged?: boolean;
}

/** What the service says of a record as it is now; without a code it fits. */
export function stateOf(item: RejectedRecord) {
  return item.correction ?? item;
}

/** A row as the service has it. A record with too few fields has empty ones in their place. */
export function rowOf(item: RejectedRecord, width: number): FixRow {
  const fields = stateOf(item).fields ?? [];
  const cells = Array.from({ length: Math.max(width, fields.length) }, (_, at) => fields[at] ?? "");
  return { item, cells };
}

/** The cells as the service takes them: an emptied one is no value, one that is as before stays as it is. */
export function valuesOf({ item, cells }: FixRow): (string | null)[] {
  const before = stateOf(item).fields ?? [];
  return cells.map((text, at) => {
    const known = before[at] ?? null;
    return text === (known ?? "") ? known : text || null;
  });
}

/** A block that was copied from a sheet: rows of cells. */
export function blockOf(text: string): readonly (readonly string[])[] {
  const lines = text.replace(/\r?\n$/, "").split(/\r?\n/);
  return lines.map((line) => line.split("\t"));
}

type Way = (value: string) => string;

function asDate(day: number, month: number): Way {
  return (value) => {
    const parts = /^(\d\d?)[./-](\d\d?)[./-](\d{4})$/.exec(value) ?? [];
    const two = (at: number): string => (parts[at] ?? "").padStart(2, "0");
    return parts[3] === undefined || two(month) > "12"
      ? value
      : `${parts[3]}-${two(month)}-${two(day)}`;
  };
}

/** What can be done about a value; what a way is not for stays as it is. */
const WAYS: Readonly<Record<string, Way>> = {
  "without spaces around": (value) => value.trim(),
  "as day, month, year": asDate(1, 2),
  "as month, day, year": asDate(2, 1),
  nothing: () => "",
};

/** What can be done about a record as a whole, by the beginning of the code. */
const WHOLE: readonly (readonly [RegExp, string])[] = [
  [/^too_few/, "the others empty"],
  [/^too_many/, "without empty ones at the end"],
  // What the table or a process said no to, and may not any more.
  [/^(duplicate|missing|check|refused|against|row)_/, "again as it is"],
];

/** Something that could be done about all rows with one reason. */
export interface Offer {
  readonly text: string;
  /** How many of the rows it is for. */
  readonly count: number;
  /** The row as it would be; none where it is not for it. */
  readonly apply: (row: FixRow) => readonly FixRow[];
}

/** What could be done about rows, first what is for most. */
export function offersOf(rows: readonly FixRow[], width: number): readonly Offer[] {
  const offers = new Map<string, Offer>();
  for (const { item } of rows) {
    const { column, code, field, reason } = stateOf(item);
    if (code === null) continue;
    const add = (what: string, change: (cells: readonly string[]) => readonly string[] | null) => {
      const text = `${column === null ? "" : `${column}: `}${reason} → ${what}`;
      const apply = (row: FixRow): readonly FixRow[] => {
        const own = stateOf(row.item);
        const cells = own.code === code && own.column === column ? change(row.cells) : null;
        return cells === null ? [] : [{ ...row, cells }];
      };
      const count = offers.has(text) ? 0 : rows.flatMap(apply).length;
      if (count > 0) offers.set(text, { text, count, apply });
    };
    for (const [codes, what] of WHOLE)
      if (codes.test(code))
        add(what, (cells) =>
          code !== "too_many_fields"
            ? cells
            : cells.slice(width).join("")
              ? null
              : cells.slice(0, width),
        );
    if (field !== null)
      for (const [what, way] of Object.entries(WAYS))
        add(what, (cells) => {
          const changed = way(cells[field] ?? "");
          return changed === cells[field] ? null : cells.with(field, changed);
        });
  }
  return [...offers.values()].toSorted((one, other) => other.count - one.count);
}
