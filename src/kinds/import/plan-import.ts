/**
 * Decides everything about an import from the first bytes of its file, the request and the target: how records are read,
 * which column each field goes to, how its values are checked. Pure: the same input gives the same plan, so a dry run
 * and the job decide alike.
 */
import { SluiceError } from "../../core/errors.ts";
import type { ImportPlan, PlannedColumn, TargetTable } from "../../core/import-plan.ts";
import { tableLabel, type ImportMode, type TableName } from "../../core/job.ts";
import type { PlanInput } from "../../core/ports.ts";
import { findDialect } from "../../csv/dialect.ts";
import { refuseOtherFormats } from "../../csv/file-format.ts";
import { invalidRequest } from "../../csv/invalid-request.ts";
import { checkEncoding, type FileSample } from "../../csv/text-encoding.ts";
import { planExistingColumns } from "./existing-columns.ts";
import { planNewColumns } from "./new-columns.ts";
import { planWarnings } from "./plan-warnings.ts";
import { readHeader } from "./read-header.ts";
import { sampleColumns, type SampledColumn } from "./sample-columns.ts";

/** Limits of what is read; larger fields are rejected, larger records fail the job. */
const READING_LIMITS = {
  maxFieldBytes: 1024 * 1024,
  maxRecordBytes: 16 * 1024 * 1024,
} as const;

/**
 * Makes the plan of an import. Errors: `table_exists`, `table_not_found`, `invalid_request`, and the refusals of a file:
 * `unsupported_format`, `unsupported_encoding`, `encoding_required`, `empty_file`, `too_many_columns`, `unclosed_quote`,
 * `record_too_large`, `column_unmapped`, `mapping_ambiguous`, `required_column_missing`, `column_not_writable`.
 */
export function planImport(input: PlanInput): ImportPlan {
  const { request, file, target, targetTable } = input;
  const mode = request.mode ?? "create";
  checkTarget(mode, target, targetTable);
  const reading = request.reading ?? {};
  const hasHeader = reading.header ?? true;
  const sample: FileSample = { bytes: input.sample, isWhole: input.isWhole };

  refuseOtherFormats(sample.bytes);
  const textStart = checkEncoding(sample, reading.encoding);
  const found = findDialect(sample, textStart, reading);
  const header = readHeader(sample, found, { hasHeader, limits: READING_LIMITS });
  const rules = {
    dialect: found.dialect,
    start: { byte: header.start.byte, line: header.start.line },
    width: header.texts.length,
    limits: READING_LIMITS,
  };
  const sampled = sampleColumns(sample, rules);
  const columns = planColumns(input, header.texts, sampled.columns);
  return {
    ...rules,
    mode,
    target,
    staging: input.staging,
    recordColumn: recordColumnFor(targetTable, columns),
    columns,
    source: { file: file.id, bytes: file.bytes, sha256: file.sha256 },
    // Splitting is promised for doubled quotes alone; files with another escape are rare and stay whole.
    isSplittable: found.dialect.escape === found.dialect.quote,
    warnings: planWarnings({ columns, sampled, isNewTable: targetTable === null, hasHeader }),
  };
}

function planColumns(
  { request, targetTable }: PlanInput,
  headers: readonly string[],
  sampled: readonly SampledColumn[],
): readonly PlannedColumn[] {
  const columns =
    targetTable === null
      ? planNewColumns(headers, request, sampled)
      : planExistingColumns(headers, request, targetTable);
  if (columns.length > 0) return columns;
  throw invalidRequest(
    "columns",
    "Expected at least one column to be kept, but all are mapped to null.",
  );
}

function checkTarget(mode: ImportMode, target: TableName, existing: TargetTable | null): void {
  if (mode === "create" && existing !== null)
    throw new SluiceError(
      "table_exists",
      `Expected no table ${tableLabel(target)}, because mode create makes it, but it exists.`,
    );
  if (mode === "append" && existing === null)
    throw new SluiceError(
      "table_not_found",
      `Expected the table ${tableLabel(target)} to add rows to, but there is none.`,
    );
}

/** A name for the record number that no column has: headers of new tables never become one with `#`. */
function recordColumnFor(target: TargetTable | null, columns: readonly PlannedColumn[]): string {
  const taken = new Set([
    ...(target?.columns ?? []).map(({ name }) => name),
    ...columns.map(({ column }) => column),
  ]);
  let name = "#record";
  while (taken.has(name)) name = `#${name}`;
  return name;
}
