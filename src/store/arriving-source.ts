/**
 * The source of a plan that was made while its file arrived. What only the end of an upload tells (size, digest, version)
 * is in the row of the file and nowhere else, so the end changes one row and no job.
 */
import { uploadIncomplete } from "../core/errors.ts";
import type { ReadingPlan } from "../core/import-plan.ts";

/** What the row of a file says of it. Select these with `SOURCE_COLUMNS`. */
export interface SourceRow {
  readonly source_bytes: number;
  /** Null before the file is whole, and when it never will be. */
  readonly source_sha256: string | null;
  readonly source_version: string | null;
  /** Whether it still arrives. */
  readonly source_arrives: boolean;
}

/** Columns of `sluice.file f` for `SourceRow`. */
export const SOURCE_COLUMNS = `f.bytes as source_bytes, f.sha256 as source_sha256, f.version as source_version,
  f.receiver is not null as source_arrives`;

/** The plan with its source as it is now. One whose file was whole from the start is as it was made. */
export function withSource<Plan extends ReadingPlan>(plan: Plan, row: SourceRow): Plan {
  if (plan.source.isArriving !== true) return plan;
  const { isArriving: _isArriving, version: _version, ...source } = plan.source;
  const { source_bytes: bytes, source_sha256: sha256, source_version: version } = row;
  if (sha256 === null) return { ...plan, source: { ...source, bytes, isArriving: true } };
  const pinned = { ...source, bytes, sha256, ...(version === null ? {} : { version }) };
  return { ...plan, source: pinned };
}

/** Errors: `upload_incomplete` when the source began to arrive and never will be whole. */
export function refuseIncomplete(row: SourceRow): void {
  if (row.source_sha256 === null && !row.source_arrives) throw uploadIncomplete(row.source_bytes);
}
