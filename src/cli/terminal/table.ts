/** Aligned columns of text. */
import { clipText, padText, textWidth } from "./text.ts";

/** One column of a table. */
export interface TableColumn {
  readonly title: string;
  /** Default left. */
  readonly align?: "left" | "right";
  /** Whether it gives way where the table is wider than the terminal. Default false. */
  readonly isFlexible?: boolean;
}

const GAP = "  ";
const LEAST_FLEXIBLE_WIDTH = 8;

/**
 * Lines of a table, the titles first. With `columns`, flexible columns shrink to fit and every line is clipped to it;
 * with null, nothing is cut.
 */
export function renderTable(
  header: readonly TableColumn[],
  rows: readonly (readonly string[])[],
  columns: number | null,
): readonly string[] {
  const titles = header.map((column) => column.title);
  const widths = titles.map(textWidth);
  for (const row of rows)
    for (const [index, width] of widths.entries())
      widths[index] = Math.max(width, textWidth(row[index] ?? ""));
  if (columns !== null) shrink(header, widths, columns);
  return [titles, ...rows].map((row) => {
    const cells = header.map((column, index) => {
      const width = widths[index] ?? 0;
      return padText(clipText(row[index] ?? "", width), width, column.align);
    });
    const line = cells.join(GAP).trimEnd();
    return columns === null ? line : clipText(line, columns);
  });
}

function shrink(header: readonly TableColumn[], widths: number[], columns: number): void {
  const total = widths.reduce((sum, width) => sum + width, 0) + GAP.length * (header.length - 1);
  let excess = total - columns;
  for (const [index, column] of header.entries()) {
    if (column.isFlexible !== true || excess <= 0) continue;
    const width = widths[index] ?? 0;
    const cut = Math.min(excess, Math.max(0, width - LEAST_FLEXIBLE_WIDTH));
    widths[index] = width - cut;
    excess -= cut;
  }
}
