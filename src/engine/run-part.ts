/**
 * What a runner does with one part: read, encode, commit, chunk by chunk, until the part ends or somebody else has a
 * say. While the server works on a chunk the next one is encoded; no more than two are ever in memory. Nothing here
 * decides whether a chunk may be written: the gate in the chunk's own transaction does.
 */
import {
  ROWS_STAY_VISIBLE,
  toFailure,
  tooManyRejected,
  SluiceError,
  type Failure,
} from "../core/errors.ts";
import { evenChunkBytes, type EngineSettings } from "../core/engine-settings.ts";
import type { ExportFiles } from "../core/export-ports.ts";
import type { JobKind } from "../core/job.ts";
import type { Failpoints } from "../core/failpoint.ts";
import type { DispatchMessage, EncodedChunk, PartReader, PartWork } from "../core/ports.ts";
import { mostRecordsIn, percentageOf, rejectionLimit } from "../core/rejection-limit.ts";
import type { ChunkOutcome, PartAssignment, RunnerStore } from "../core/runner-ports.ts";
import type { ChunkPace } from "./chunk-pace.ts";
import type { OpenBatches, ProcessHosts } from "../core/process-ports.ts";
import { PartSpeed } from "./part-speed.ts";
import { runExportPart } from "./run-export-part.ts";
import { runProcessPart } from "./run-process-part.ts";
import { searchParts } from "./search-parts.ts";

/** Why a runner let go of a part. */
export type PartOutcome =
  /** The part is read; `published` when it was the last and the job ended. */
  | { readonly kind: "done"; readonly published: boolean }
  /** Signal, epoch or position said that this runner must not go on. */
  | { readonly kind: "left" }
  /** The job has read as many records as `pauseAfter` says. */
  | { readonly kind: "pause_after" }
  /** There is nothing to do before more of the file has arrived. */
  | { readonly kind: "waiting" }
  /** The runner was asked to give the part back. */
  | { readonly kind: "drained" }
  /** The job cannot go on. */
  | { readonly kind: "failed"; readonly failure: Failure; readonly cause: string }
  /** The connection is lost, and with it the outcome of what was in flight. */
  | { readonly kind: "lost" };

/** What a runner works with. */
export interface RunnerTools {
  readonly store: RunnerStore;
  readonly work: PartWork;
  readonly exportFiles: ExportFiles;
  readonly hosts: ProcessHosts;
  readonly openBatches: OpenBatches;
  readonly settings: EngineSettings;
  readonly failpoints: Failpoints;
  /** Of this runner, for all parts that it reads. */
  readonly pace: ChunkPace;
  /** Sends messages for parts that were found. */
  readonly announce: (messages: readonly DispatchMessage[]) => void;
}

/** Most records of a chunk; narrow records reach it before the bytes. */
const MAX_CHUNK_RECORDS = 200_000;

/** Runs a part from its checkpoint. Never throws: every end is an outcome. */
export async function runPart(
  tools: RunnerTools,
  message: DispatchMessage,
  drain: AbortSignal,
): Promise<PartOutcome> {
  try {
    await tools.failpoints.hit("after_claim");
    const kind = await tools.store.beginPart(message);
    if (kind === null) return { kind: "left" };
    const speed = new PartSpeed(() => tools.store.lookAtPart(message), drain);
    return await RUNS[kind]({ ...tools, speed }, message, drain);
  } catch (error) {
    if (error instanceof SluiceError && error.code === "database_unavailable")
      return { kind: "lost" };
    const cause = error instanceof Error ? (error.stack ?? error.message) : String(error);
    return { kind: "failed", failure: toFailure(error), cause };
  }
}

interface PartTools extends RunnerTools {
  readonly speed: PartSpeed;
}

type RunOfKind = (
  tools: PartTools,
  message: DispatchMessage,
  drain: AbortSignal,
) => Promise<PartOutcome>;

const RUNS: Readonly<Record<JobKind, RunOfKind>> = {
  import: runImportPart,
  export: async (tools, message, drain) => {
    const store = tools.store.exports;
    const assignment = await store.openPart(message);
    if (assignment === null) return { kind: "left" };
    return runExportPart({ ...tools, store, files: tools.exportFiles }, assignment, drain);
  },
  process: async (tools, message, drain) => {
    const store = tools.store.processes;
    const assignment = await store.openPart(message);
    if (assignment === null) return { kind: "left" };
    return runProcessPart({ ...tools, store, files: tools.exportFiles }, assignment, drain);
  },
};

async function runImportPart(
  tools: PartTools,
  message: DispatchMessage,
  drain: AbortSignal,
): Promise<PartOutcome> {
  const assignment = await tools.store.openPart(message);
  if (assignment === null) return { kind: "left" };
  const outcome = assignment.isStopping
    ? ({ kind: "done" } as const)
    : message.partNo === 0
      ? await searchParts(tools, assignment, drain)
      : await readPart(tools, assignment, drain);
  if (outcome.kind !== "done") return outcome;
  // The plan of a part that was read while the file arrived does not know its end.
  const isOpen = assignment.plan.source.isArriving === true;
  const ending = isOpen ? await tools.store.openPart(message) : assignment;
  if (ending === null) return { kind: "left" };
  const publishing = await tools.store.publish(ending, (plan, part) =>
    tools.work.openPart(plan, part),
  );
  return publishing === "left"
    ? { kind: "left" }
    : { kind: "done", published: publishing === "published" };
}

async function readPart(
  tools: PartTools,
  assignment: PartAssignment,
  drain: AbortSignal,
): Promise<PartOutcome> {
  const { speed } = tools;
  const ready = await speed.paid();
  if (ready !== null) return { kind: ready };
  const reader = await tools.work.openPart(assignment.plan, assignment.part);
  const committer = new ChunkCommitter(tools, assignment, reader);
  try {
    for (;;) {
      if (drain.aborted) return (await committer.settle()) ?? { kind: "drained" };
      if (committer.recordsLeft === 0) return (await committer.settle()) ?? { kind: "pause_after" };
      const chunk = await nextChunk(tools, reader, committer);
      await tools.failpoints.hit("chunk_encoded");
      const ended = await committer.settle();
      if (ended !== null) return ended;
      if (chunk === null) return { kind: "done", published: false };
      speed.take(chunk.counts.read);
      const held = await speed.paid();
      if (held !== null) return { kind: held };
      committer.begin(chunk);
    }
  } finally {
    // The chunk in flight is in the reader's buffers: they are free when the server has answered.
    await committer.answered();
    await reader.close();
  }
}

/** Encodes the next chunk. When the reader fails, what it returned before is still committed first. */
async function nextChunk(
  tools: PartTools,
  reader: PartReader,
  committer: ChunkCommitter,
): Promise<EncodedChunk | null> {
  try {
    return await reader.next({
      sourceBytes: evenChunkBytes(tools.pace.bytes, committer.bytesLeft),
      records: Math.min(MAX_CHUNK_RECORDS, committer.recordsLeft, tools.speed.mostRecords),
    });
  } catch (error) {
    await committer.settle();
    throw error;
  }
}

/** The chunk in flight of one part, and what follows from its outcome. */
class ChunkCommitter {
  readonly #tools: RunnerTools;
  readonly #assignment: PartAssignment;
  readonly #reader: PartReader;
  #inFlight: { readonly chunk: EncodedChunk; readonly outcome: Promise<ChunkOutcome> } | null =
    null;
  #begunAt = 0;
  #answeredAt = 0;
  /** Records that may still be read before the job pauses itself. */
  recordsLeft: number;
  /** Bytes of the part that are behind the chunks that were begun. */
  bytesLeft: number;

  constructor(tools: RunnerTools, assignment: PartAssignment, reader: PartReader) {
    this.#tools = tools;
    this.#assignment = assignment;
    this.#reader = reader;
    tools.pace.begin(assignment.part.jobId);
    this.bytesLeft = assignment.part.endByte - assignment.part.nextByte;
    this.recordsLeft = assignment.recordsUntilPause ?? Number.POSITIVE_INFINITY;
  }

  begin(chunk: EncodedChunk): void {
    const { format, copyColumns } = this.#reader;
    this.#begunAt = performance.now();
    const outcome = this.#tools.store.commitChunk(this.#assignment, format, copyColumns, chunk);
    // Awaited by `settle`; the next chunk is encoded meanwhile, and a failure must not count as unhandled.
    outcome.then(
      () => (this.#answeredAt = performance.now()),
      () => undefined,
    );
    this.#inFlight = { chunk, outcome };
    this.recordsLeft -= chunk.counts.read;
    this.bytesLeft = this.#assignment.part.endByte - chunk.toByte;
  }

  /** Waits for the chunk in flight. Returns an outcome when the part must be left. */
  async settle(): Promise<PartOutcome | null> {
    if (this.#inFlight === null) return null;
    const { chunk, outcome } = this.#inFlight;
    this.#inFlight = null;
    const result = await outcome;
    if (result.kind === "left") return { kind: "left" };
    this.#tools.pace.learn({
      bytes: chunk.toByte - chunk.fromByte,
      ms: this.#answeredAt - this.#begunAt,
    });
    const { maxRejected } = this.#assignment;
    // What was rejected before can be too much by now: with every chunk there is less left to make up for it.
    const isShare = maxRejected !== null && percentageOf(maxRejected) !== null;
    if (isShare || chunk.counts.rejected + result.rejectedByDatabase > 0)
      await this.#checkRejected();
    return null;
  }

  /** Waits until no chunk is in flight, whatever becomes of it. */
  async answered(): Promise<void> {
    await this.#inFlight?.outcome.catch(() => undefined);
  }

  async #checkRejected(): Promise<void> {
    const { maxRejected, part, plan } = this.#assignment;
    if (maxRejected === null) return;
    // Of a file that arrives nobody knows how much there is to make up for it.
    if (percentageOf(maxRejected) !== null && plan.source.isArriving === true) return;
    const { read, rejected, bytes } = await this.#tools.store.countRecords(part.jobId);
    // A share can be met as long as it would be if nothing more was rejected.
    const bytesLeft = plan.source.bytes - plan.start.byte - bytes;
    const limit = rejectionLimit(maxRejected, read + mostRecordsIn(plan, bytesLeft));
    const consequence = plan.delivery === "direct" ? ROWS_STAY_VISIBLE : undefined;
    if (rejected > limit.allowed) throw tooManyRejected(rejected, limit, consequence);
  }
}
