import { formatBytes, formatCounted, formatDuration } from "../../format.ts";
import type { KnownExport } from "../../exports/use-export-plan.ts";

/** About how much it will be, against the last time, and what is worth a look before the start. */
export function PlanSummary({ known }: { known: KnownExport }) {
  const { plan, table, error, isAsking } = known;
  if (plan === null)
    return error === null ? (
      <p class="muted" role="status">
        {isAsking ? "Working out how much it is…" : "Choose a table, or write a query."}
      </p>
    ) : null;
  const { rows, bytes, seconds } = plan.estimate;
  const last = table?.lastExportRows ?? null;
  return (
    <>
      <p role="status" class={isAsking ? "muted" : ""}>
        <strong>
          About {formatCounted(rows, "row")}, {formatBytes(bytes)}
          {plan.format.compression !== "none" && " before packing"}, about {formatDuration(seconds)}
        </strong>{" "}
        into {plan.fileName}.
        {last !== null && ` The last export of this table had ${formatCounted(last, "row")}.`}
      </p>
      <p class="muted">{plan.methodReason}</p>
      {plan.warnings.map(({ code, message }) => (
        <p class="note warn" key={code}>
          {message}
        </p>
      ))}
    </>
  );
}
