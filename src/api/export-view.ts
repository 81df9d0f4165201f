/** What an export decided, as JSON. */
import type { ExportPlan, ExportPreview, RangeEnd } from "../core/export-plan.ts";
import { tableLabel } from "../core/job.ts";
import type { ExportPlanView } from "./schemas/export.ts";

/** The decisions of an export that was not created. */
export function exportPlanView({
  plan,
  preview,
}: {
  readonly plan: ExportPlan;
  readonly preview: ExportPreview | null;
}): ExportPlanView {
  return {
    validateOnly: true,
    kind: "export",
    ...exportDecisions(plan),
    preview: preview && preview.map((row) => [...row]),
  };
}

/** What a plan and a job show of the decisions. */
export function exportDecisions(
  plan: ExportPlan,
): Omit<ExportPlanView, "validateOnly" | "kind" | "preview"> {
  const { source, format, columns, key, orderBy } = plan;
  return {
    table: source.table && tableLabel(source.table),
    sql: source.sql,
    method: plan.method,
    methodReason: plan.methodReason,
    columns: columns.map(({ name, sqlType }) => ({ name, sqlType })),
    where: plan.where,
    from: rangeView(plan.from),
    to: rangeView(plan.to),
    orderBy: plan.method === "keyed" ? key.map(({ column }) => column) : [...orderBy],
    format: {
      type: format.type,
      delimiter: format.delimiter,
      quotes: format.quotes,
      null: format.nullWord,
      header: format.hasHeader,
      lineEnd: format.lineEnd,
      compression: format.compression,
      spreadsheetSafe: format.isSpreadsheetSafe,
    },
    fileName: plan.fileName,
    estimate: { ...plan.estimate },
    warnings: plan.warnings.map((warning) => ({ ...warning })),
  };
}

function rangeView(end: RangeEnd | null): { column: string; value: string } | null {
  return end && { column: end.column, value: end.value };
}
