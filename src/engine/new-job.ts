/** What a request and its plan make: the job as it is stored, and the refusal of one that cannot be. */
import { leastPartBytesAt, type EngineSettings } from "../core/engine-settings.ts";
import { SluiceError } from "../core/errors.ts";
import { tableLabel, type ImportRequest } from "../core/job.ts";
import type { NewJob } from "../core/store-ports.ts";
import type { PlannedJob } from "./planning.ts";

/** A job that is to be created. Of a file that still arrives the search for parts begins with what there is. */
export function toNewJob(
  { plan, file }: PlannedJob,
  request: ImportRequest,
  settings: EngineSettings,
  extra: Pick<
    NewJob,
    "id" | "door" | "createdBy" | "idempotencyKey" | "parent" | "retry" | "sampleKeeper"
  >,
): NewJob {
  return {
    ...extra,
    name: request.name ?? nameOf(request, file.name, tableLabel(plan.target)),
    request,
    plan,
    state: request.startPaused === true ? "paused" : "queued",
    // A second part that is smaller than a part is not worth a search.
    partBytes: 2 * settings.minPartBytes,
    waitsForByte: plan.source.isArriving === true ? firstLookAt(settings, plan.start.byte) : null,
  };
}

/** Lists of jobs show names: a dry run is not taken for an import there. */
function nameOf({ dryRun }: ImportRequest, file: string, table: string): string {
  return `${file} → ${table}${dryRun === true ? " (dry run)" : ""}`;
}

/** How much of a file that arrives has to be there before its search for parts begins. */
export function firstLookAt(settings: EngineSettings, startByte: number): number {
  return startByte + leastPartBytesAt(settings, startByte);
}

/** Another active job is about to make the table. */
export function tableClaimed(job: NewJob): SluiceError {
  return new SluiceError(
    "table_exists",
    `Another job that is not over is about to create ${tableLabel(job.plan.target)}. Wait for it, stop it, or choose another table.`,
  );
}
