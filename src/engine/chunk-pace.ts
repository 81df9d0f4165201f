/** The size of chunks that a runner has learned from a job, kept from one of its parts to the next. */
import { nextChunkBytes, type EngineSettings } from "../core/engine-settings.ts";

/** What a chunk that was committed says. */
export interface PacedChunk {
  readonly bytes: number;
  /** From its sending to the answer. */
  readonly ms: number;
}

/** The pace of one runner, which works for one job at a time. */
export class ChunkPace {
  readonly #settings: EngineSettings;
  #jobId = "";
  #bytes = 0;

  constructor(settings: EngineSettings) {
    this.#settings = settings;
  }

  /** Begins or goes on with a job: what was learned from another says nothing of it. */
  begin(jobId: string): void {
    if (jobId === this.#jobId) return;
    const { minChunkBytes, maxChunkBytes } = this.#settings;
    this.#jobId = jobId;
    this.#bytes = Math.min(4 * minChunkBytes, maxChunkBytes);
  }

  /** Bytes of source that the next chunk should hold. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Takes a chunk that was committed. What the end of a part has left over is too short to say anything. */
  learn(chunk: PacedChunk): void {
    if (chunk.bytes * 2 < this.#bytes && chunk.ms < this.#settings.chunkTargetMs) return;
    this.#bytes = nextChunkBytes(this.#settings, chunk);
  }
}
