import { formatCount } from "../../format.ts";
import type { Inspection } from "../../api/types.ts";
import { reasonWords } from "../../jobs/reasons.ts";
import { rowsOf } from "./file-facts.tsx";

/** How much of the file was read: "412,000 of about 1,000,000 rows so far". */
export function readSoFar(inspection: Inspection): string {
  const { isWhole, failure, recordsRead } = inspection.survey;
  if (isWhole) return `all ${rowsOf(inspection)}`;
  return `${formatCount(recordsRead)} of ${rowsOf(inspection)}${failure === null ? " so far" : ""}`;
}

/** What reading the file showed. */
export function CheckSummary({ inspection }: { inspection: Inspection }) {
  const { recordsRejected, rejectedByCode, failure, isWhole } = inspection.survey;
  const reasons = Object.entries(rejectedByCode)
    .toSorted(([, one], [, other]) => other - one)
    .map(([code, count]) => `${formatCount(count)} ${reasonWords(code)}`)
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
