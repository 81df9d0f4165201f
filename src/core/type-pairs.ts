/** Types of columns as people write them in one line: `price=numeric(10,2),zip=text`. */

/** Columns and types, or the pair that is none. */
export type TypePairs =
  { readonly types: Readonly<Record<string, string>> } | { readonly fault: string };

/** Reads lists of `column=type` with commas between them. Commas inside brackets belong to the type; the last of two holds. */
export function readTypePairs(lists: readonly string[]): TypePairs {
  const types = new Map<string, string>();
  for (const pair of lists.flatMap((list) => list.split(/,(?![^(]*\))/))) {
    const at = pair.lastIndexOf("=");
    const column = pair.slice(0, Math.max(at, 0)).trim();
    const type = pair.slice(at + 1).trim();
    if (column === "" || type === "") return { fault: pair };
    types.set(column, type);
  }
  return { types: Object.fromEntries(types) };
}
