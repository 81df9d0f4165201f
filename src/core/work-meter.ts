/**
 * What the runners of this process have done since it began, counted in memory that all of its threads share: a runner
 * adds after each commit, and whoever asks reads. Nothing is decided by these counters, and a process that ends loses them.
 */
import type { JobKind } from "./job.ts";

const KINDS = ["import", "export", "process"] as const satisfies readonly JobKind[];

/** Upper bounds of the buckets of a duration, in seconds. What takes longer is in none of them. */
export const DURATION_BUCKETS_SECONDS = [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10] as const;

/** A commit of a runner. */
export interface MeteredChunk {
  readonly seconds: number;
  readonly recordsRead: number;
  readonly recordsWritten: number;
  readonly recordsRejected: number;
  /** Of the source that was read; of the result that was written for exports. */
  readonly bytes: number;
}

/** How long things took. */
export interface Durations {
  readonly count: number;
  readonly seconds: number;
  /** How many took at most as long as the bound of the same place says: each includes those before. */
  readonly buckets: readonly number[];
}

/** What was done for the jobs of a kind. */
export interface WorkOfKind extends Omit<MeteredChunk, "seconds"> {
  readonly kind: JobKind;
  readonly chunks: Durations;
}

/** What was counted so far. */
export interface WorkDone {
  readonly kinds: readonly WorkOfKind[];
  readonly pauses: Durations;
}

/** count, microseconds, buckets */
const DURATION_SLOTS = 2 + DURATION_BUCKETS_SECONDS.length;
/** read, written, rejected, bytes */
const SUM_SLOTS = 4;
const KIND_SLOTS = SUM_SLOTS + DURATION_SLOTS;
const PAUSE_AT = KINDS.length * KIND_SLOTS;

/** The counters. Two over the same memory count together, in whatever threads. */
export class WorkMeter {
  readonly memory: SharedArrayBuffer;
  readonly #slots: BigInt64Array;

  /** Over the memory of another one; without it over its own, at nothing. */
  constructor(memory?: SharedArrayBuffer) {
    this.memory =
      memory ??
      new SharedArrayBuffer((PAUSE_AT + DURATION_SLOTS) * BigInt64Array.BYTES_PER_ELEMENT);
    this.#slots = new BigInt64Array(this.memory);
  }

  /** Counts a commit of a job of this kind. */
  chunk(kind: JobKind, chunk: MeteredChunk): void {
    const at = KINDS.indexOf(kind) * KIND_SLOTS;
    this.#add(at, chunk.recordsRead);
    this.#add(at + 1, chunk.recordsWritten);
    this.#add(at + 2, chunk.recordsRejected);
    this.#add(at + 3, chunk.bytes);
    this.#time(at + SUM_SLOTS, chunk.seconds);
  }

  /** Counts a pause that was answered. */
  pause(seconds: number): void {
    this.#time(PAUSE_AT, seconds);
  }

  /** Reads the counters. Others may add meanwhile: one may be further than another. */
  read(): WorkDone {
    return {
      kinds: KINDS.map((kind, index) => {
        const at = index * KIND_SLOTS;
        return {
          kind,
          recordsRead: this.#get(at),
          recordsWritten: this.#get(at + 1),
          recordsRejected: this.#get(at + 2),
          bytes: this.#get(at + 3),
          chunks: this.#durations(at + SUM_SLOTS),
        };
      }),
      pauses: this.#durations(PAUSE_AT),
    };
  }

  #time(at: number, seconds: number): void {
    this.#add(at, 1);
    this.#add(at + 1, Math.round(seconds * 1_000_000));
    const bucket = DURATION_BUCKETS_SECONDS.findIndex((bound) => seconds <= bound);
    if (bucket !== -1) this.#add(at + 2 + bucket, 1);
  }

  #durations(at: number): Durations {
    let sum = 0;
    return {
      buckets: DURATION_BUCKETS_SECONDS.map((_, bucket) => (sum += this.#get(at + 2 + bucket))),
      seconds: this.#get(at + 1) / 1_000_000,
      // Read last: whoever adds begins with it, so that no bucket is larger.
      count: this.#get(at),
    };
  }

  #add(slot: number, value: number): void {
    Atomics.add(this.#slots, slot, BigInt(value));
  }

  #get(slot: number): number {
    return Number(Atomics.load(this.#slots, slot));
  }
}
