import { formatCount, formatCounted } from "../../format.ts";
import type { Inspection } from "../../api/types.ts";

/** How much of the file was read: "412,000 of about 1,000,000 rows so far". */
export function readSoFar({ survey, sourceBytes }: Inspection): string {
  const { isWhole, failure, recordsRead, bytesRead } = survey;
  if (isWhole) return `all ${formatCounted(recordsRead, "row")}`;
  const all = Number(((recordsRead * sourceBytes) / (bytesRead || 1)).toPrecision(2));
  const end = failure === null ? " so far" : "";
  return `${formatCount(recordsRead)} of about ${formatCounted(Math.max(all, recordsRead), "row")}${end}`;
}

/** What reading the file showed. */
export function CheckSummary({ inspection }: { inspection: Inspection }) {
  const { recordsRejected, rejectedByCode, failure, isWhole } = inspection.survey;
  const reasons = Object.entries(rejectedByCode)
    .toSorted(([, one], [, other]) => other - one)
    .map(([code, count]) => `${formatCount(count)} ${code.replaceAll("_", " ")}`)
    .join(" · ");
  return (
    <>
      <p role={isWhole ? "status" : undefined}>
        Checked {readSoFar(inspection)}:{" "}
        {recordsRejected === 0
          ? "none would be rejected."
          : `${formatCount(recordsRejected)} would be rejected: ${reasons}.`}
      </p>
      {failure !== null && (
        <p class="note bad">
          {failure.message} {failure.advice}
        </p>
      )}
    </>
  );
}
