import { formatBytes, formatCount, formatCounted } from "../../format.ts";
import type { ImportPlan } from "../../imports/use-import-plan.ts";

/** What reading the file showed, and how much of it was read. */
export function CheckSummary({
  known,
  readsAll,
  onReadAll,
}: {
  known: ImportPlan;
  readsAll: boolean;
  onReadAll: () => void;
}) {
  const { inspection, isChecked, isAsking } = known;
  if (inspection === null || !isChecked) return null;
  const { survey, sourceBytes } = inspection;
  const rows = formatCounted(survey.recordsRead, "row");
  const whole = survey.isWhole
    ? `Checked all ${rows}`
    : `Checked ${rows} (${formatBytes(survey.bytesRead)} of ${formatBytes(sourceBytes)})`;
  const found =
    survey.recordsRejected === 0
      ? "none would be rejected."
      : `${formatCount(survey.recordsRejected)} would be rejected: ${reasonsOf(survey.rejectedByCode)}.`;
  return (
    <div style={{ marginTop: "12px" }}>
      <p role="status">
        {readsAll && isAsking ? "Checking the rest of the file…" : `${whole}: ${found}`}
      </p>
      {survey.failure !== null && (
        <p class="note bad">
          {survey.failure.message} {survey.failure.advice}
        </p>
      )}
      {!survey.isWhole && survey.failure === null && !readsAll && (
        <button type="button" onClick={onReadAll}>
          Check the rest of the file
        </button>
      )}
    </div>
  );
}

function reasonsOf(counts: Readonly<Record<string, number>>): string {
  return Object.entries(counts)
    .toSorted(([, one], [, other]) => other - one)
    .map(([code, count]) => `${formatCount(count)} ${code.replaceAll("_", " ")}`)
    .join(" · ");
}
