/** Makes names that PostgreSQL keeps as they are out of what stands in a header. */

/** Bytes of a PostgreSQL name. A longer one would be cut there, with no more than a notice, and could then collide. */
export const MAX_NAME_BYTES = 63;

/** Columns that every table has already. */
const SYSTEM_COLUMNS = ["ctid", "xmin", "xmax", "cmin", "cmax", "tableoid"];

const ENCODER = new TextEncoder();

/** Whether a table may not have a column of this name, because every table has one. */
export function isSystemColumn(name: string): boolean {
  return SYSTEM_COLUMNS.includes(name.toLowerCase());
}

/** Whether PostgreSQL keeps this name as it is: 1 to 63 bytes of valid text without NUL. */
export function isPossibleName(name: string): boolean {
  const bytes = nameBytes(name);
  return bytes >= 1 && bytes <= MAX_NAME_BYTES && !/[\0\p{Surrogate}]/u.test(name);
}

/** Length of a name in bytes, as PostgreSQL counts it. */
function nameBytes(name: string): number {
  return ENCODER.encode(name).length;
}

/**
 * A name made of letters, digits and `_`, in lower case and normal form C, at most 63 bytes; empty when the text has
 * none of them. The same text always gives the same name.
 */
export function safeName(text: string): string {
  const words = text
    .normalize("NFC")
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}_]+/gu, "_");
  return cutToBytes(words.replaceAll(/^_+|_+$/g, ""), MAX_NAME_BYTES).replaceAll(/_+$/g, "");
}

/**
 * The columns of a new table for the headers of a file, in order. `given` holds the names that were asked for, by field;
 * they are kept as they are, and null leaves the column out. A header without letters and digits becomes `column_N`; a
 * name that is taken, also in another case or by the system, gets `_2`, `_3`, …
 */
export function columnNames(
  headers: readonly string[],
  given: ReadonlyMap<number, string | null> = new Map(),
): (string | null)[] {
  const taken = new Set(SYSTEM_COLUMNS);
  for (const name of given.values()) if (name !== null) taken.add(name.toLowerCase());
  return headers.map((header, field) => {
    const asked = given.get(field);
    if (asked !== undefined) return asked;
    const name = freeName(safeName(header) || `column_${field + 1}`, taken);
    taken.add(name);
    return name;
  });
}

function freeName(wanted: string, taken: ReadonlySet<string>): string {
  let name = wanted;
  for (let suffix = 2; taken.has(name); suffix++) {
    const end = `_${suffix}`;
    name = cutToBytes(wanted, MAX_NAME_BYTES - end.length) + end;
  }
  return name;
}

function cutToBytes(text: string, maxBytes: number): string {
  let cut = "";
  let bytes = 0;
  for (const character of text) {
    bytes += nameBytes(character);
    if (bytes > maxBytes) break;
    cut += character;
  }
  return cut;
}
