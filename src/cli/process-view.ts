/** What a process is going to do, before it starts, and the list of those that there are. */
import type { FileView, ProcessList, ProcessPlanView } from "../client/index.ts";
import { formatBytes, formatCounted } from "./format.ts";
import { readingWords } from "./import-view.ts";
import type { Style } from "./terminal/style.ts";
import { padText, printable, textWidth, wrapText } from "./terminal/text.ts";

/** The lines that show a process before its start. `path` is where its file is written; null for none. */
export function processLines(
  file: FileView,
  plan: ProcessPlanView,
  view: { readonly columns: number; readonly style: Style; readonly path: string | null },
): readonly string[] {
  const reading = readingWords(plan.reading, plan.reading.firstRecordLine > 1);
  const params = Object.keys(plan.params).length === 0 ? [] : [JSON.stringify(plan.params)];
  const facts = [
    ...params.map(printable),
    `${formatCounted(plan.batchSize, "row")} a batch`,
    ...(view.path === null || plan.outputColumns === null
      ? []
      : [`writes ${printable(view.path)}: ${plan.outputColumns.map(printable).join(" · ")}`]),
  ];
  const warning = "It has no undo: what it has done stays when it is stopped.";
  return [
    `${printable(file.name)}   ${formatBytes(file.bytes)}, ${reading}`,
    `→ ${printable(plan.process)}${plan.title === plan.process ? "" : `   ${printable(plan.title)}`}`,
    ...facts.flatMap((fact) => wrapText(fact, view.columns - 4).map((line) => `  ${line}`)),
    // A process that only writes a file leaves nothing behind.
    ...(plan.hasUndo || plan.outputColumns !== null
      ? []
      : [`${view.style("warn", "!")} ${warning}`]),
  ];
}

/** The processes of a folder, a line each, and what is wrong with the others. */
export function processListLines(
  list: Pick<ProcessList, "items" | "broken">,
  view: { readonly style: Style },
): readonly string[] {
  const width = Math.max(0, ...list.items.map(({ name }) => textWidth(name)));
  return [
    ...list.items.map(({ name, title, description }) => {
      const about = description?.split("\n")[0] ?? (title === name ? "" : title);
      return `${padText(printable(name), width)}   ${printable(about)}`.trimEnd();
    }),
    ...list.broken.map(({ message }) => `${view.style("bad", "✗")} ${printable(message)}`),
  ];
}
