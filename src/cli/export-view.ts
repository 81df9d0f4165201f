/** What an export is going to do, before it starts: how much, which rows, in which way. */
import type { ExportPlanView } from "../client/index.ts";
import { sourceOf } from "./export-words.ts";
import { formatBytes, formatCounted, formatTimeLeft } from "./format.ts";
import type { Style } from "./terminal/style.ts";
import { printable, wrapText } from "./terminal/text.ts";

/** The lines that show an export before its start. The figures of the estimate come first: they show a wrong filter. */
export function exportLines(
  plan: ExportPlanView,
  file: string,
  view: { readonly columns: number; readonly style: Style },
): readonly string[] {
  const { estimate, warnings } = plan;
  const facts = [rowsText(plan), formatText(plan), printable(plan.methodReason)];
  return [
    `${sourceOf(plan)} → ${printable(file)}   about ${formatCounted(roughly(estimate.rows), "row")}, ` +
      `${formatBytes(roughly(estimate.bytes))}, ${formatTimeLeft(estimate.seconds)}`,
    ...facts
      .filter((fact) => fact !== null)
      .flatMap((fact) => wrapText(fact, view.columns - 4).map((line) => `  ${line}`)),
    ...warnings.flatMap(({ message }) =>
      wrapText(printable(message), view.columns - 4).map((line, at) =>
        at === 0 ? `${view.style("warn", "!")} ${line}` : `  ${line}`,
      ),
    ),
  ];
}

/** An estimate with two digits that count: more would promise what nobody knows. */
function roughly(count: number): number {
  if (count < 100) return count;
  const step = 10 ** (Math.floor(Math.log10(count)) - 1);
  return Math.round(count / step) * step;
}

function rowsText({ from, to, where, columns }: ExportPlanView): string {
  const conditions = [
    ...(from === null ? [] : [`${printable(from.column)} from ${printable(from.value)}`]),
    ...(to === null ? [] : [`${printable(to.column)} before ${printable(to.value)}`]),
    ...(where === null ? [] : [`where ${printable(where)}`]),
  ];
  const rows = conditions.length === 0 ? "all rows" : `rows with ${conditions.join(", ")}`;
  return `${rows}, ${formatCounted(columns.length, "column")}`;
}

function formatText({ format, orderBy }: ExportPlanView): string {
  const parts = [
    format.type === "jsonl" ? "JSON Lines" : format.type.toUpperCase(),
    ...(format.type === "jsonl" || format.header ? [] : ["without a header"]),
    ...(format.null === "" ? [] : [`NULL is ${printable(format.null)}`]),
    ...(format.compression === "none" ? [] : [format.compression]),
    ...(orderBy.length === 0 ? [] : [`in the order of ${orderBy.map(printable).join(", ")}`]),
  ];
  return parts.join(", ");
}
