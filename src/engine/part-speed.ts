/**
 * Holds a runner to the speed of its job.
 *
 * The rule: every record costs `1 / maxRecordsPerSecond` seconds, from when the runner has taken the part, and time that
 * went by unused counts for a second at the most. An import and an export commit what is paid for, a process begins a
 * batch when those before it are. The parts of a job with a limit are read one after the other, so that this holds for
 * the job as well. A limit that changes begins anew: what was read before it costs nothing.
 *
 * Nothing is held during a wait but the file: no transaction, no lock. The thread answers pings, so it is no hung runner.
 */
import type { PartLook } from "../core/runner-ports.ts";
import { sleep } from "./sleep.ts";

const SECOND_MS = 1000;
/** How often a runner that does not wait looks at what is asked of the job. */
const LOOK_MS = SECOND_MS;
/** The same while it waits, where a look costs nobody anything: a pause waits for it. */
const LOOK_WAITING_MS = 100;
/** Time that went by unused and may be made up for. */
const MOST_SAVED_MS = SECOND_MS;
/** With a limit a chunk is this share of a second, so that the figures move smoothly. */
const CHUNKS_A_SECOND = 4;

/** Why a runner has to let go of a part instead of going on. */
export type SpeedStop = "left" | "drained";

/** The speed of one part in the hands of one runner. */
export class PartSpeed {
  readonly #look: () => Promise<PartLook>;
  readonly #drain: AbortSignal;
  #limit: number | null = null;
  #lookedAt = Number.NEGATIVE_INFINITY;
  /** When the records that were taken are paid for. */
  #paidAt = 0;

  /** `look` asks the database; it is called between two statements of the runner. */
  constructor(look: () => Promise<PartLook>, drain: AbortSignal) {
    this.#look = look;
    this.#drain = drain;
  }

  /** How many records the next chunk may have; infinite without a limit. */
  get mostRecords(): number {
    return this.#limit === null ? Infinity : Math.max(Math.ceil(this.#limit / CHUNKS_A_SECOND), 1);
  }

  /** Takes records into account. */
  take(records: number): void {
    if (this.#limit === null) return;
    const from = Math.max(this.#paidAt, performance.now() - MOST_SAVED_MS);
    this.#paidAt = from + (records * SECOND_MS) / this.#limit;
  }

  /**
   * Waits until what was taken is paid for. Looks at what is asked of the job when that is due, and always at first.
   * Returns why the part must be left instead. Errors: those of the look.
   */
  async paid(): Promise<SpeedStop | null> {
    for (;;) {
      const waitMs = this.#paidAt - performance.now();
      const sinceMs = performance.now() - this.#lookedAt;
      if (sinceMs >= (waitMs > 0 ? LOOK_WAITING_MS : LOOK_MS)) {
        if (!(await this.#mayGoOn())) return "left";
        continue;
      }
      if (waitMs <= 0) return null;
      if (this.#drain.aborted) return "drained";
      await sleep(Math.min(waitMs, LOOK_WAITING_MS), this.#drain);
    }
  }

  async #mayGoOn(): Promise<boolean> {
    const { mayGoOn, maxRecordsPerSecond } = await this.#look();
    this.#lookedAt = performance.now();
    if (maxRecordsPerSecond !== this.#limit) {
      this.#limit = maxRecordsPerSecond;
      this.#paidAt = this.#lookedAt;
    }
    return mayGoOn;
  }
}
