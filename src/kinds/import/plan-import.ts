/**
 * Decides everything about an import from the first bytes of its file, the request and the target: how records are read,
 * which column each field goes to, how its values are checked. Pure: the same input gives the same plan, so a dry run
 * and the job decide alike.
 */
import { SluiceError } from "../../core/errors.ts";
import type { ImportPlan, PlannedColumn, TargetTable } from "../../core/import-plan.ts";
import { tableLabel, type ImportMode, type ImportRequest, type TableName } from "../../core/job.ts";
import type { PlanInput } from "../../core/ports.ts";
import type { RecordStart } from "../../csv/boundary-finder.ts";
import type { FoundText } from "../../csv/find-text.ts";
import { invalidRequest } from "../../csv/invalid-request.ts";
import { blockRecords } from "../../csv/sample-block.ts";
import { missingColumns, planExistingColumns } from "./existing-columns.ts";
import { requireMatchKey } from "./match-key.ts";
import { planNewColumns, type NewColumns } from "./new-columns.ts";
import { refuseReferences } from "../../core/table-references.ts";
import type { GivenType } from "./column-facts.ts";
import { requireKey, type KeyedColumns } from "./primary-key.ts";
import { planWarnings } from "./plan-warnings.ts";
import { planReading, readText } from "./plan-reading.ts";
import { readHeader } from "./read-header.ts";
import { numberRespelling, refuseAmbiguousDates } from "./declared-spellings.ts";
import {
  ColumnSampler,
  sampleRecords,
  type SampledColumns,
  type SampleRules,
} from "./sample-columns.ts";

/**
 * Makes the plan of an import. Errors: `table_exists`, `table_not_found`, `unique_index_missing`, `invalid_request`, and the refusals of a file:
 * `unsupported_format`, `nested_compression`, `unsupported_encoding`, `encoding_required`, `empty_file`,
 * `too_many_columns`, `unclosed_quote`, `text_after_quote`, `record_too_large`, `column_unmapped`, `mapping_ambiguous`, `required_column_missing`, `column_not_writable`.
 */
export function planImport(input: PlanInput): ImportPlan {
  return planWithText(input).plan;
}

/** A plan with the text that it was made from. `start` is where the first data record starts in the text. */
export interface TextPlan {
  readonly plan: ImportPlan;
  readonly file: FoundText;
  readonly start: RecordStart;
}

/** As `planImport`. */
export function planWithText(input: PlanInput): TextPlan {
  const { request, target, targetTable } = input;
  const mode = request.mode ?? "create";
  checkTarget(mode, target, targetTable);
  if (request.delivery === "direct") checkDirect(mode, targetTable);
  if (request.onConflict === "skip") checkSkip(request, targetTable);
  const { file, header, plan: decided } = planReading(input, request.reading ?? {});
  const { dialect, reading, width } = decided;
  const rules = { dialect, reading, width };
  const draft = draftColumns(input, header.texts);
  const sampled = sampleFile(input, file, { ...rules, start: header.start }, draft.given);
  const { columns, key } = planColumns(input, header.texts, draft.finish(sampled.columns));
  refuseAmbiguousDates(columns, sampled.columns);
  const hasHeader = reading.header;
  const plan: ImportPlan = {
    ...decided,
    mode,
    ...(request.delivery === "direct" ? { delivery: "direct" as const } : {}),
    target,
    staging: input.staging,
    ...(needsRecordNumber(request, mode, key)
      ? { recordColumn: recordColumnFor(targetTable, columns) }
      : {}),
    columns,
    ...keyOf(mode, key),
    ...(request.onConflict === "skip" ? { onConflict: "skip" as const } : {}),
    isSplittable: input.packing === undefined && isSplittable(file, rules),
    warnings: planWarnings({
      columns,
      sampled,
      isNewTable: targetTable === null,
      hasHeader,
      unfilled: unfilledOf(mode, targetTable, columns),
    }),
  };
  return { plan, file, start: header.start };
}

/** The first records of the file as texts, at most `limit`, by the rules of its plan. */
export function sampleTexts(
  plan: ImportPlan,
  input: PlanInput,
  limit: number,
): readonly (readonly string[])[] {
  const file = readText(input, input.request.reading ?? {});
  const { start } = readHeader(file, plan.reading);
  return sampleRecords(file.text, { ...plan, start }, limit).map(({ fields }) => fields);
}

/**
 * Whether the boundary search knows the dialect: it looks at bytes of UTF-8, and at doubled quotes alone. Other files are
 * rare and stay whole.
 */
function isSplittable(
  { dialect, transcoder }: FoundText,
  { reading, width }: Pick<ImportPlan, "reading" | "width">,
): boolean {
  const { delimiterRest, comment, trim, quote, escape } = dialect;
  const isPlain = delimiterRest === undefined && comment === undefined && trim === undefined;
  const hasBlankRecords = reading.blankLines === "null" && width === 1;
  return isPlain && escape === quote && transcoder === null && !hasBlankRecords;
}

/** Where every type is given the beginning of the file is enough: types are told from all of its places. */
function sampleFile(
  input: PlanInput,
  file: FoundText,
  rules: SampleRules,
  given: readonly GivenType[],
): SampledColumns {
  const respelling = numberRespelling(input.request.reading ?? {});
  const sampler = new ColumnSampler(rules, given, respelling);
  sampler.add(file.text, rules);
  const blocks = given.includes(null) ? (input.blocks ?? []) : [];
  for (const block of blocks)
    for (const { bytes, found } of blockRecords(block, { ...file, ...rules }))
      sampler.addRecord(bytes, found);
  return sampler.result(input.isWhole);
}

/** The columns as far as they are known without their values. */
function draftColumns({ request, targetTable }: PlanInput, headers: readonly string[]): NewColumns {
  if (targetTable === null) return planNewColumns(headers, request);
  const { key = [] } = request;
  if (key.length > 0 && request.mode !== "upsert")
    throw invalidRequest(
      "key",
      `Expected no key, because ${tableLabel(targetTable)} exists and its own keys hold.`,
    );
  const columns = planExistingColumns(headers, request, targetTable);
  const types = new Map(columns.map(({ field, type }) => [field, type]));
  return {
    given: headers.map((_, field) => types.get(field) ?? "left out"),
    finish: () => columns,
  };
}

function planColumns(
  { request, targetTable }: PlanInput,
  headers: readonly string[],
  columns: readonly PlannedColumn[],
): KeyedColumns {
  const { key = [] } = request;
  if (columns.length === 0)
    throw invalidRequest(
      "columns",
      "Expected at least one column to be kept, but all are left out.",
    );
  if (targetTable === null) return requireKey(headers, columns, key);
  return request.mode === "upsert"
    ? requireMatchKey(headers, columns, key, targetTable)
    : { columns, key };
}

function keyOf(mode: ImportMode, key: readonly string[]): Pick<ImportPlan, "key" | "matchedBy"> {
  if (key.length === 0) return {};
  return mode === "upsert" ? { matchedBy: key } : { key };
}

/** Columns that new rows of an upsert need and do not get: such rows are rejected while the others are updated. */
function unfilledOf(
  mode: ImportMode,
  target: TargetTable | null,
  columns: readonly PlannedColumn[],
): readonly string[] {
  if (mode !== "upsert" || target === null) return [];
  const filled = columns.map(({ column }) => column);
  return missingColumns(target, filled);
}

function checkTarget(mode: ImportMode, target: TableName, existing: TargetTable | null): void {
  if (mode === "create" && existing !== null)
    throw new SluiceError(
      "table_exists",
      `Expected no table ${tableLabel(target)}, because mode create makes it, but it exists.`,
    );
  if (mode === "replace" && existing !== null)
    refuseReferences(existing, existing.references ?? []);
  if (mode !== "create" && existing === null)
    throw new SluiceError(
      "table_not_found",
      `Expected the table ${tableLabel(target)} to write to, because mode ${mode} makes none, but there is none.`,
    );
}

/** Rows of a new table have nothing to be undone from but the table, and those of partitions are not found by place. */
function checkDirect(mode: ImportMode, existing: TargetTable | null): void {
  if (mode === "create")
    throw invalidRequest(
      "delivery",
      "Expected delivery staged with mode create: a new table appears whole. Direct is for mode append.",
    );
  if (mode !== "append")
    throw invalidRequest(
      "delivery",
      `Expected delivery staged with mode ${mode}, which makes its rows visible in one step. Direct is for mode append.`,
    );
  if (existing?.isPartitioned === true)
    throw invalidRequest(
      "delivery",
      `Expected delivery staged, because ${tableLabel(existing)} is partitioned.`,
    );
}

/** A key that is taken is only looked out for where rows are inserted by a statement, and where it is checked at once. */
function checkSkip({ mode, delivery }: ImportRequest, existing: TargetTable | null): void {
  const refusal =
    mode !== "append"
      ? `it is for mode append, got ${mode ?? "create"}`
      : delivery === "direct"
        ? "delivery is direct, where each row is in the table or rejected at once"
        : existing?.hasDeferrableKey === true
          ? `${tableLabel(existing)} has a key that is deferrable, which nothing can be skipped by`
          : null;
  if (refusal !== null)
    throw invalidRequest("onConflict", `Expected onConflict reject, because ${refusal}.`);
}

/** Staged rows that the target may refuse are found again by their number; the others pay for none. */
function needsRecordNumber(
  { delivery }: PlanInput["request"],
  mode: ImportMode,
  key: readonly string[],
): boolean {
  return delivery !== "direct" && (mode !== "create" || key.length > 0);
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
