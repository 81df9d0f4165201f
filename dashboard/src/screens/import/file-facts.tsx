import type { Inspection, StoredFile } from "../../api/types.ts";
import { formatBytes, formatCounted } from "../../format.ts";
import type { ImportPlan } from "../../imports/use-import-plan.ts";

/** The file in a line: size, columns, rows. */
export function FileFacts({ file, known }: { file: StoredFile; known: ImportPlan }) {
  const { found, inspection } = known;
  return (
    <span class="muted">
      {[
        formatBytes(file.bytes),
        ...(found === null ? [] : [formatCounted(found.length, "column")]),
        ...(inspection === null ? [] : [rowsOf(inspection)]),
      ].join(" · ")}
    </span>
  );
}

/** How many rows it has: "about 1,000,000 rows" while it is not read to its end. */
export function rowsOf({ survey, sourceBytes }: Inspection): string {
  const { isWhole, recordsRead, bytesRead } = survey;
  if (isWhole) return formatCounted(recordsRead, "row");
  const all = Number(((recordsRead * sourceBytes) / (bytesRead || 1)).toPrecision(2));
  return `about ${formatCounted(Math.max(all, recordsRead), "row")}`;
}
