import type { Inspection, StoredFile } from "../../api/types.ts";
import { formatBytes, formatCounted } from "../../format.ts";
import type { ImportPlan } from "../../imports/use-import-plan.ts";

/** The file in a line: size, columns, rows. */
export function FileFacts({ file, known }: { file: StoredFile; known: ImportPlan }) {
  const { found, inspection } = known;
  const rows = inspection === null ? null : rowsOf(inspection);
  return (
    <span class="muted">
      {[
        formatBytes(file.bytes),
        ...(found === null ? [] : [formatCounted(found.length, "column")]),
        ...(rows === null ? [] : [rows]),
      ].join(" · ")}
    </span>
  );
}

function rowsOf({ survey, sourceBytes }: Inspection): string | null {
  if (survey.isWhole) return formatCounted(survey.recordsRead, "row");
  if (survey.bytesRead === 0) return null;
  const estimate = (survey.recordsRead * sourceBytes) / survey.bytesRead;
  return `about ${formatCounted(Number(estimate.toPrecision(2)), "row")}`;
}
