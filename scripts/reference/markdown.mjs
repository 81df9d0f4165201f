// Markdown that the tables of the reference are put together from.

/** A markdown table; a cell may hold anything but a line end. */
export function table(header, rows) {
  return [tableLine(header), tableLine(header.map(() => "---")), ...rows.map(tableLine)].join("\n");
}

function tableLine(cells) {
  return `| ${cells.map((cell) => String(cell).replaceAll("|", "\\|")).join(" | ")} |`;
}

export const code = (text) => `\`${text}\``;
export const codes = (names) => names.map(code).join(", ");
export const sentence = (text) => `${text.slice(0, 1).toUpperCase()}${text.slice(1)}.`;

/** Fails unless both have the same keys. */
export function requireSame(what, inCode, inNotes) {
  const missing = inCode.filter((name) => !inNotes.includes(name));
  const extra = inNotes.filter((name) => !inCode.includes(name));
  if (missing.length + extra.length > 0)
    throw new Error(
      `scripts/reference/notes.mjs, ${what}: missing ${missing.join(", ") || "none"}; not in the code ${extra.join(", ") || "none"}.`,
    );
}
