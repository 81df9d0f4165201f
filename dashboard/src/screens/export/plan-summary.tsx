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
      {plan.preview !== null && plan.preview.length > 0 && (
        <details>
          <summary>The first {formatCounted(plan.preview.length, "row")}</summary>
          <div class="scroll" tabIndex={0} role="region" aria-label="The first rows">
            <table>
              <thead>
                <tr>
                  {plan.columns.map(({ name }) => (
                    <th key={name} scope="col">
                      {name}
                    </th>
                  ))}
                </tr>
              </thead>
              <tbody>
                {plan.preview.map((row, index) => (
                  <tr key={index}>
                    {row.map((value, at) => (
                      <td key={at}>{value ?? <span class="muted">NULL</span>}</td>
                    ))}
                  </tr>
                ))}
              </tbody>
            </table>
          </div>
        </details>
      )}
      {plan.warnings.map(({ code, message }) => (
        <p class="note warn" key={code}>
          {message}
        </p>
      ))}
    </>
  );
}
