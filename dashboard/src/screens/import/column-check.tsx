import { formatCount } from "../../format.ts";
import type { ImportPlan } from "../../imports/use-import-plan.ts";
import { Pill } from "../../ui/pill.tsx";

/**
 * Whether the values of a column fit, as far as the file was read. The service counts what it would reject over all
 * columns and names the first of them, so of a column the count may be a least one.
 */
export function ColumnCheck({ column, known }: { column: string; known: ImportPlan }) {
  const { inspection, isChecked } = known;
  if (inspection === null || !isChecked)
    return <span class="muted small">checked when it runs</span>;
  const { survey, problems } = inspection;
  const bad = problems.filter((problem) => problem.column === column);
  const isEvery = survey.recordsRejected <= problems.length;
  const soFar = survey.isWhole ? "" : " so far";
  if (bad.length === 0)
    return isEvery ? (
      <Pill tone="ok">✓ all fit{soFar}</Pill>
    ) : (
      <span class="muted small">none seen so far</span>
    );
  const first = bad[0];
  return (
    <>
      <Pill tone="bad">
        {isEvery ? "" : "at least "}
        {formatCount(bad.length)} {bad.length === 1 ? "value" : "values"} will be rejected{soFar}
      </Pill>
      {first !== undefined && (
        <div class="small muted">
          line {formatCount(first.line)}: {first.message}
        </div>
      )}
    </>
  );
}
