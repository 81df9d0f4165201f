import type { StoredFile } from "../../api/types.ts";
import { formatBytes, formatCounted } from "../../format.ts";
import type { ImportPlan } from "../../imports/use-import-plan.ts";

const DELIMITERS: Readonly<Record<string, string>> = {
  ",": "comma",
  ";": "semicolon",
  "\t": "tab",
  "|": "pipe",
  ":": "colon",
  " ": "space",
};

/** The file in a line: size, columns, rows, and how it is read. */
export function FileFacts({ file, known }: { file: StoredFile; known: ImportPlan }) {
  const { plan, inspection } = known;
  const rows = inspection === null ? null : rowsOf(inspection.survey, inspection.sourceBytes);
  return (
    <span class="muted">
      {[
        formatBytes(file.bytes),
        ...(plan === null ? [] : [formatCounted(plan.columns.length, "column")]),
        ...(rows === null ? [] : [rows]),
        ...(plan === null
          ? []
          : [
              `${plan.reading.encoding.toUpperCase()}, ${DELIMITERS[plan.reading.delimiter] ?? plan.reading.delimiter}`,
            ]),
      ].join(" · ")}
    </span>
  );
}

function rowsOf(
  survey: { isWhole: boolean; bytesRead: number; recordsRead: number },
  bytes: number,
): string | null {
  if (survey.isWhole) return formatCounted(survey.recordsRead, "row");
  if (survey.bytesRead === 0) return null;
  const estimate = (survey.recordsRead * bytes) / survey.bytesRead;
  return `about ${formatCounted(Number(estimate.toPrecision(2)), "row")}`;
}
