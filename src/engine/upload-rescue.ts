/**
 * What is done about uploads whose receiver is gone. The bytes that were still to come are lost with it, so their jobs
 * fail, and nothing of the file is kept. Each step can be repeated: the row of the file goes last, and leads here again.
 */
import type { EngineSettings } from "../core/engine-settings.ts";
import { toFailure, uploadIncomplete } from "../core/errors.ts";
import type { LineLog } from "../core/line-log.ts";
import type { FileStore } from "../core/ports.ts";
import type { ArrivalStore, LostArrival } from "../core/upload-ports.ts";
import { startLoop, type Loop } from "./loop.ts";
import type { TroubleLog } from "./trouble-log.ts";
import type { UploadControl } from "./upload-control.ts";
import { messageOf } from "../core/message-of.ts";

/** Leases of runners that the receiver of an upload may be silent for: what it costs is the whole upload. */
const LEASES = 5;

/** What lost uploads are found and ended with. */
export interface UploadRescueTools {
  readonly arrivals: ArrivalStore;
  readonly files: FileStore;
  readonly control: UploadControl;
  readonly settings: EngineSettings;
  readonly log: LineLog;
  /** Shared with the other loops of the service: a database that is away is one trouble. */
  readonly troubles: TroubleLog;
}

/**
 * Ends the uploads of an earlier run of this worker, and from then on those whose receiver is not seen. Nothing keeps the
 * service from starting: what cannot be ended now is later.
 */
export async function startUploadRescue(tools: UploadRescueTools): Promise<Loop> {
  const { arrivals, settings, log, troubles } = tools;
  try {
    for (const lost of await arrivals.findLost({ own: true })) await endUpload(tools, lost);
  } catch (error) {
    const reason = messageOf(error);
    log(`an upload of the last run could not be ended yet: ${reason}`, "warn");
  }
  const step = createUploadSweep(tools);
  return startLoop("uploads", settings.sweepMs, step, troubles);
}

/**
 * One step: ends the uploads whose receiver was not seen for long, at two steps in a row, so that a receiver that waited
 * for the database like everybody has the time to say that it lives.
 */
function createUploadSweep(tools: UploadRescueTools): () => Promise<void> {
  const { arrivals, settings } = tools;
  let suspects: ReadonlySet<string> = new Set();
  return async () => {
    const lost = await arrivals.findLost({ unseenMs: LEASES * settings.leaseMs });
    const due = lost.filter(({ fileId }) => suspects.has(fileId));
    suspects = new Set(lost.map(({ fileId }) => fileId));
    for (const each of due) await endUpload(tools, each);
  };
}

async function endUpload(
  { arrivals, files, control, log }: UploadRescueTools,
  { fileId, bytes, jobIds }: LostArrival,
): Promise<void> {
  const failure = toFailure(uploadIncomplete(bytes));
  for (const jobId of jobIds) {
    log(`job ${jobId}: the upload that it reads from was lost with its receiver`);
    await control.fail(jobId, failure);
  }
  await files.remove(fileId);
  await arrivals.end(fileId);
}
