import type { Inspection } from "../../api/types.ts";
import { formatCount, formatCounted } from "../../format.ts";
import { Pill } from "../../ui/pill.tsx";

/** How many rows a column has rejected, as far as the file was read, and the first of them. */
export function ColumnCheck({ column, inspection }: { column: string; inspection: Inspection }) {
  const { survey, problems } = inspection;
  const bad = survey.rejectedByColumn[column] ?? 0;
  const soFar = survey.isWhole ? "" : " so far";
  if (bad === 0) return <Pill tone="ok">✓ all fit{soFar}</Pill>;
  const first = problems.find((problem) => problem.column === column);
  return (
    <>
      <Pill tone="bad">
        {formatCounted(bad, "row")} will be rejected{soFar}
      </Pill>
      {first !== undefined && (
        <div class="small muted">
          line {formatCount(first.line)}: {first.message}
        </div>
      )}
    </>
  );
}
