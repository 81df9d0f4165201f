import { useEffect } from "preact/hooks";
import { announce } from "../../announce.ts";
import { formatCount, formatCounted } from "../../format.ts";
import type { Inspection } from "../../api/types.ts";
import { rowsOf } from "./file-facts.tsx";
import { suspicionsOf } from "./suspicions.tsx";

/** How much of the file was read: "412,000 of about 1,000,000 rows so far". */
export function readSoFar(inspection: Inspection): string {
  const { isWhole, failure, recordsRead } = inspection.survey;
  if (isWhole) return `all ${rowsOf(inspection)}`;
  return `${formatCount(recordsRead)} of ${rowsOf(inspection)}${failure === null ? " so far" : ""}`;
}

/** What those hear who do not see the page, once the whole file was read: what came of it, and that something looks wrong. */
export function checkedText({ survey, warnings }: Inspection): string | null {
  const { isWhole, recordsRead, recordsRejected } = survey;
  if (!isWhole) return null;
  const suspicions = suspicionsOf(warnings).map(({ message }) => ` ${message}`);
  return `The check is done: ${recordsRejected === 0 ? "none" : formatCount(recordsRejected)} of ${formatCounted(recordsRead, "row")} would be rejected.${suspicions.join("")}`;
}

/** A code in words, as one of the problems has them. */
function wordsOf({ problems }: Inspection, code: string): string {
  return problems.find((problem) => problem.code === code)?.reason ?? code;
}

/** What reading the file showed. */
export function CheckSummary({ inspection }: { inspection: Inspection }) {
  const { recordsRejected, rejectedByCode, failure } = inspection.survey;
  const heard = checkedText(inspection);
  useEffect(() => {
    if (heard !== null) announce(heard);
  }, [heard]);
  const reasons = Object.entries(rejectedByCode)
    .toSorted(([, one], [, other]) => other - one)
    .map(([code, count]) => `${formatCount(count)} ${wordsOf(inspection, code)}`)
    .join(" · ");
  return (
    <>
      <p>
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
