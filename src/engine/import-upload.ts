/**
 * Importing a file while it arrives.
 *
 * The row of the file is there before the first byte, and each note says how much is durable. As soon as that is enough
 * to tell how the file is read, the job is created and reads what is there. What cannot be told by the beginning (a
 * packed file, a dialect that is not cut into parts) waits for the end, and is then an import as any other.
 *
 * What the whole file tells can differ from what its beginning told: types are inferred from blocks of all of it. So the
 * plan is made once more at the end, by the rules of every import; if its columns differ the job begins again with it.
 * What an import does is therefore the same whether it began early or late.
 *
 * Until the end is fixed by `ArrivalStore.finish` the search for parts has no end, so nothing can be published. When the
 * upload breaks off the job fails and the bytes go. Whatever this process leaves undone is found by `upload-rescue.ts`.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { SluiceError, toFailure, uploadIncomplete } from "../core/errors.ts";
import type { ImportPlan } from "../core/import-plan.ts";
import type { ImportRequest, Job, StoredFile } from "../core/job.ts";
import type { Actor, UploadedImport } from "../core/job-service.ts";
import type { StoredBytes } from "../core/ports.ts";
import type { ArrivalStore } from "../core/upload-ports.ts";
import type { JobServiceOptions } from "./create-job-service.ts";
import { getJob } from "./get-job.ts";
import { firstLookAt, tableClaimed, toNewJob } from "./new-job.ts";
import { isSameReading, type Planning } from "./planning.ts";
import type { UploadControl } from "./upload-control.ts";

/** What uploads are received with. */
export interface UploadTools {
  readonly arrivals: ArrivalStore;
  readonly control: UploadControl;
}

/** What `importUpload` works with. `create` makes the job over a file that is whole. */
export interface ImportUploadTools extends JobServiceOptions {
  readonly planning: Planning;
  readonly create: (request: ImportRequest, actor: Actor) => Promise<Job>;
}

const RETRY_MS = 500;
/** How long the end of an upload is tried to be written down while the database is away. */
const RETRIES_END_AFTER_MS = 60_000;

/** See `JobService.importUpload`. */
export async function importUpload(
  tools: ImportUploadTools,
  upload: UploadedImport,
  actor: Actor,
): Promise<Job> {
  const { jobs, files, planner, settings, maxUploadBytes, uploads } = tools;
  const id = jobs.newFileId();
  const { name, bytesAnnounced } = upload;
  await uploads.arrivals.begin({ id, name, bytesAnnounced });
  const arriving = new ArrivingImport(tools, { id, name }, { ...upload.request, file: id }, actor);
  try {
    const stored = await files.put(id, upload.source, {
      maxBytes: maxUploadBytes,
      arrival: {
        noteMs: settings.uploadNoteMs,
        firstNoteBytes: planner.arrivingSampleBytes,
        idleMs: settings.heartbeatMs,
        note: (bytes) => arriving.note(bytes),
      },
    });
    return await arriving.finish(stored);
  } catch (error) {
    await arriving.abandon(error);
    throw error;
  }
}

/** One upload, and the job that reads from it once there is one. */
class ArrivingImport {
  readonly #tools: ImportUploadTools;
  readonly #file: { readonly id: string; readonly name: string };
  readonly #request: ImportRequest;
  readonly #actor: Actor;
  readonly #jobId: string;
  /** What the job was created with. */
  #plan: ImportPlan | null = null;
  #mayBegin = true;
  /** Whether the outcome of creating the job may be unknown. */
  #isInDoubt = false;
  #isWhole = false;
  /** Whether the job has all that it needs of this upload. */
  #isFixed = false;
  #bytes = 0;

  constructor(
    tools: ImportUploadTools,
    file: { readonly id: string; readonly name: string },
    request: ImportRequest,
    actor: Actor,
  ) {
    this.#tools = tools;
    this.#file = file;
    this.#request = request;
    this.#actor = actor;
    this.#jobId = tools.jobs.newJobId();
  }

  /**
   * Takes note of bytes that are durable, and creates the job when they are enough. Errors end the upload:
   * `upload_incomplete`, `upload_stopped`, refusals of the import. A database that is away does not.
   */
  async note(bytes: number): Promise<void> {
    this.#bytes = bytes;
    try {
      const jobId = this.#plan === null ? null : this.#jobId;
      const answer = await this.#tools.uploads.arrivals.note(this.#file.id, bytes, jobId);
      if (answer === "lost") throw uploadIncomplete(bytes);
      if (answer === "stopped") throw this.#stopped();
      if (this.#plan === null && this.#mayBegin) await this.#begin();
      if (this.#plan !== null) this.#tools.nudge();
    } catch (error) {
      if (!isPassing(error)) throw error;
    }
  }

  /** Fixes what only the end tells, and returns the job. */
  async finish(stored: StoredBytes): Promise<Job> {
    const { files, jobs, uploads, create, nudge } = this.#tools;
    const { id } = this.#file;
    this.#bytes = stored.bytes;
    this.#isWhole = true;
    const version = (await files.stat(id))?.version ?? null;
    const isBegun = await retried(() => this.#isBegun());
    if (isBegun) await retried(() => this.#planAgain(stored));
    if (!(await retried(() => uploads.arrivals.finish(id, { ...stored, version }))))
      throw uploadIncomplete(stored.bytes);
    if (!isBegun) return create(this.#request, this.#actor);
    this.#isFixed = true;
    nudge();
    return retried(() => getJob(jobs, this.#jobId));
  }

  /** Ends the job by what ended the upload, and forgets the file. */
  async abandon(cause: unknown): Promise<void> {
    const { files, jobs, uploads } = this.#tools;
    const { id } = this.#file;
    if (this.#isFixed) return;
    const error = cause instanceof SluiceError ? cause : uploadIncomplete(this.#bytes);
    const isBegun = this.#plan !== null || this.#isInDoubt;
    try {
      await retried(async () => {
        if (isBegun && (await this.#isBegun()))
          await uploads.control.fail(this.#jobId, toFailure(error));
        await uploads.arrivals.end(id);
      });
      // A job that was refused leaves a file that is whole; one of which nobody knows whether it was may need it.
      if (!this.#isWhole || (!isBegun && (await jobs.deleteFile(id)) === "in_use")) return;
      await files.remove(id);
    } catch {
      // The first error is the one to tell. The row is still there, and whoever looks for lost uploads ends this one.
    }
  }

  async #begin(): Promise<void> {
    const { jobs, planning, settings } = this.#tools;
    if (await this.#isBegun()) return;
    const file = this.#storedFile({ bytes: this.#bytes, sha256: "" });
    const plan = await planning.planArriving(this.#request, this.#jobId, file);
    if (plan === "whole") this.#mayBegin = false;
    if (plan === "whole" || plan === "later") return;
    const job = toNewJob({ plan, file }, this.#request, settings, {
      id: this.#jobId,
      door: "api",
      createdBy: this.#actor.by,
      idempotencyKey: null,
      parent: null,
    });
    this.#isInDoubt = true;
    this.#plan = plan;
    const outcome = await jobs.insertJob(job).catch((error: unknown) => {
      this.#plan = null;
      throw error;
    });
    this.#isInDoubt = false;
    if (outcome === "created") return;
    this.#plan = null;
    throw tableClaimed(job);
  }

  /** Whether the job exists. It is asked for only where the answer to creating it was lost. */
  async #isBegun(): Promise<boolean> {
    if (!this.#isInDoubt) return this.#plan !== null;
    const plan = (await this.#tools.jobs.findBookedRecords(this.#jobId))?.plan ?? null;
    // No other kind of job has this id.
    this.#plan = plan !== null && "staging" in plan ? plan : null;
    this.#isInDoubt = false;
    return this.#plan !== null;
  }

  /** Lets the job begin again where the whole file tells other columns, and fail where it tells that it cannot be. */
  async #planAgain(stored: StoredBytes): Promise<void> {
    const { planning, settings, uploads } = this.#tools;
    const begun = this.#plan;
    if (begun === null) return;
    let plan: ImportPlan;
    try {
      plan = await planning.planAgain(this.#request, this.#jobId, this.#storedFile(stored));
    } catch (error) {
      if (isPassing(error)) throw error;
      return uploads.control.fail(this.#jobId, toFailure(error));
    }
    if (isSameReading(begun, plan)) return;
    const from = firstLookAt(settings, plan.start.byte);
    await uploads.control.beginAgain(this.#jobId, { ...plan, source: begun.source }, from);
  }

  #storedFile(stored: StoredBytes): StoredFile {
    return { ...this.#file, ...stored, createdAt: new Date(0) };
  }

  #stopped(): SluiceError {
    return new SluiceError(
      "upload_stopped",
      `${this.#jobId} was stopped after ${this.#bytes} bytes of its file had arrived. The table is as it was, and these bytes are not kept.`,
      { details: { job: this.#jobId } },
    );
  }
}

/** Errors of the moment: what a lock or the database keeps from being done can be done later. */
function isPassing(error: unknown): boolean {
  return (
    error instanceof SluiceError &&
    (error.code === "database_unavailable" || error.code === "lock_timeout")
  );
}

/** Does what can be done twice, and again while it is kept from it for a moment. */
async function retried<T>(work: () => Promise<T>): Promise<T> {
  const until = performance.now() + RETRIES_END_AFTER_MS;
  for (;;) {
    try {
      return await work();
    } catch (error) {
      if (!isPassing(error) || performance.now() > until) throw error;
      await sleep(RETRY_MS);
    }
  }
}
