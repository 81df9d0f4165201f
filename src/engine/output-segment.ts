/** What the batches of a runner emit, on its way into the result. */
import { randomUUID } from "node:crypto";
import type { ExportFiles, SegmentWriter } from "../core/export-ports.ts";
import type { ProcessAssignment, RunBatch } from "../core/process-store-ports.ts";
import type { HostDone } from "./batch-work.ts";

/** The file of what this runner's batches emit. Which bytes of it count is decided by the ledger. */
export class OutputSegment {
  readonly #files: ExportFiles;
  readonly #assignment: ProcessAssignment;
  readonly #name: string;
  #writer: SegmentWriter | null = null;
  /** Whether the ledger may name the segment. */
  #mayCount = false;

  constructor(files: ExportFiles, assignment: ProcessAssignment) {
    this.#files = files;
    this.#assignment = assignment;
    this.#name = `${assignment.partNo}-${randomUUID()}`;
  }

  /** Makes the lines of a batch durable. Null when there are none. */
  async add({ output, outputRows }: HostDone): Promise<RunBatch["output"]> {
    if (output.length === 0 || this.#assignment.plan.outputHeader === null) return null;
    const { jobId } = this.#assignment;
    this.#writer ??= await this.#files.openSegment(jobId, this.#name, "none");
    const fromByte = this.#writer.bytes;
    await this.#writer.write(output);
    const toByte = await this.#writer.sync();
    return { segment: this.#name, fromByte, toByte, rows: outputRows };
  }

  /** Runs a commit that may name the segment. */
  async counting<T>(commit: () => Promise<T>): Promise<T> {
    const wasCounting = this.#mayCount;
    // Until the answer is there: when it is lost, the segment may be in the ledger.
    this.#mayCount ||= this.#writer !== null;
    const outcome = await commit();
    if (outcome !== "done") this.#mayCount = wasCounting;
    return outcome;
  }

  async close(): Promise<void> {
    if (this.#writer === null) return;
    await this.#writer.close();
    if (!this.#mayCount) await this.#files.removeSegment(this.#assignment.jobId, this.#name);
  }
}
