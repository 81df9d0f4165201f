/** The engine's constants, in one place so that tests can make chunks small and leases short. */

const SECOND_MS = 1_000;
const DAY_MS = 24 * 60 * 60 * SECOND_MS;
const KIB = 1024;
const MIB = 1024 * KIB;

/** For how many days after its end a job can be undone, unless a setting says otherwise. */
export const UNDO_DAYS = 7;

/** How the engine paces itself. Sizes in bytes, times in milliseconds. */
export interface EngineSettings {
  /** Smallest and largest part of a file that is split. A file under twice the smallest is one part. */
  readonly minPartBytes: number;
  readonly maxPartBytes: number;
  /** How many more parts of its size a part should leave to be read, at least 1: half as many again as there are lanes keep all busy to the end. */
  readonly partsAhead: number;
  /** Smallest and largest chunk, in bytes of source; the size in between follows `chunkTargetMs`. */
  readonly minChunkBytes: number;
  readonly maxChunkBytes: number;
  /** How long a chunk's transaction should take: a pause waits for one. */
  readonly chunkTargetMs: number;
  /** How often a supervisor looks for messages when nothing wakes it. */
  readonly pollMs: number;
  /** How often it looks for parts without a message, unfinished requests and lost runners. */
  readonly sweepMs: number;
  /** How often a runner's lease is renewed. */
  readonly heartbeatMs: number;
  /**
   * How long a runner that was not seen keeps its parts. Longer means slower recovery after a crash; shorter risks
   * taking work from a live runner while the database stalls, which costs time and no rows. At least three heartbeats.
   */
  readonly leaseMs: number;
  /** A runner thread that does not answer for this long is terminated; its chunk rolls back. */
  readonly hangMs: number;
  /** How long an action is waited for before it is answered with "on the way". */
  readonly actionWaitMs: number;
  /** How long a stopping service waits for chunks in flight before it terminates its runners. */
  readonly drainMs: number;
  /** A job that loses its runner this often without progress in between fails. */
  readonly maxRescues: number;
  /**
   * How often an upload that is imported while it arrives is made durable and told to runners. Shorter begins parts
   * sooner and syncs more often.
   */
  readonly uploadNoteMs: number;
  /** Of a process: the pause before a batch is tried again, doubled with each attempt. */
  readonly batchRetryMs: number;
  /** How often a request to stop is looked for while user code works. */
  readonly batchPollMs: number;
  /** How long user code that was told to stop may take before its host is ended. */
  readonly hostGraceMs: number;
  /** Resident memory that user code may use; more ends its host. */
  readonly hostMemoryBytes: number;
  /** The longest that a batch may take, whatever its process says. */
  readonly maxBatchMs: number;
  /** How long the unfinished part of a resumable upload is kept after its last byte, in milliseconds. */
  readonly uploadExpiryMs: number;
}

/** What the service runs with. */
export const ENGINE_DEFAULTS: EngineSettings = Object.freeze({
  minPartBytes: 4 * MIB,
  maxPartBytes: 128 * MIB,
  partsAhead: 3,
  minChunkBytes: 256 * KIB,
  maxChunkBytes: 4 * MIB,
  chunkTargetMs: 120,
  pollMs: 500,
  sweepMs: 2 * SECOND_MS,
  heartbeatMs: 1 * SECOND_MS,
  leaseMs: 12 * SECOND_MS,
  hangMs: 10 * SECOND_MS,
  actionWaitMs: 10 * SECOND_MS,
  drainMs: 8 * SECOND_MS,
  maxRescues: 5,
  uploadNoteMs: 250,
  batchRetryMs: 500,
  batchPollMs: 250,
  hostGraceMs: 2 * SECOND_MS,
  hostMemoryBytes: 1024 * MIB,
  maxBatchMs: 24 * 3600 * SECOND_MS,
  uploadExpiryMs: 3 * DAY_MS,
});

/**
 * The size of the part that is cut at the offset `from` of a file of which `end` bytes are there. It doubles at first, so
 * that all lanes begin at once, and is then a share of the rest, so that they end at once: few parts, since each costs a
 * claim, and small ones at the end. Guided self-scheduling, Polychronopoulos and Kuck 1987.
 */
export function partBytesAt(settings: EngineSettings, from: number, end: number): number {
  const { minPartBytes, maxPartBytes, partsAhead } = settings;
  const wanted = Math.min(Math.ceil((end - from) / partsAhead), from);
  return Math.min(Math.max(wanted, minPartBytes), maxPartBytes);
}

/**
 * The smallest part that is cut at the offset `from` of a file that still arrives: a thirty-second of what is before it,
 * so that reading begins early and the number of parts grows with the logarithm of the file.
 */
export function leastPartBytesAt(settings: EngineSettings, from: number): number {
  const wanted = Math.ceil(from / 32);
  return Math.min(Math.max(wanted, settings.minChunkBytes), settings.maxPartBytes);
}

/** The size of the next chunk, from the size and the time of the last one: at most doubled or halved. */
export function nextChunkBytes(
  settings: EngineSettings,
  last: { readonly bytes: number; readonly ms: number },
): number {
  const factor = Math.min(Math.max(settings.chunkTargetMs / Math.max(last.ms, 1), 0.5), 2);
  return Math.round(
    Math.min(Math.max(last.bytes * factor, settings.minChunkBytes), settings.maxChunkBytes),
  );
}

/**
 * The size of the next chunk of a part that has `left` bytes: what is wanted, stretched or shrunk by a half at most so
 * that no crumb is left for a transaction of its own.
 */
export function evenChunkBytes(wanted: number, left: number): number {
  const count = Math.max(Math.round(left / wanted), 1);
  return left > 0 ? Math.ceil(left / count) : wanted;
}
