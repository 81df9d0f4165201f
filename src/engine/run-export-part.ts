/**
 * What a runner does with a part of an export: read a stretch of rows into its segment, make it durable, commit the
 * checkpoint, stretch by stretch. While one is made durable the next is read, so the checkpoint is one behind. What is
 * in a segment behind the checkpoint counts for nothing: whoever takes the part next begins a segment of its own.
 */
import { randomUUID } from "node:crypto";
import type { EngineSettings } from "../core/engine-settings.ts";
import { headOf, type ExportPosition } from "../core/export-plan.ts";
import type {
  ExportAssignment,
  ExportFiles,
  ExportStore,
  SegmentWriter,
} from "../core/export-ports.ts";
import type { Failpoints } from "../core/failpoint.ts";
import type { DispatchMessage } from "../core/ports.ts";
import type { PartSpeed } from "./part-speed.ts";

/** What a runner works with in an export. */
export interface ExportTools {
  readonly store: ExportStore;
  readonly files: ExportFiles;
  readonly settings: EngineSettings;
  readonly failpoints: Failpoints;
  readonly speed: PartSpeed;
  /** Sends messages for parts that were found. */
  readonly announce: (messages: readonly DispatchMessage[]) => void;
}

/** Why a runner let go of a part of an export. */
export type ExportPartOutcome =
  | { readonly kind: "done"; readonly published: boolean }
  | { readonly kind: "left" }
  | { readonly kind: "drained" };

/** The first stretch of a part, in rows of a keyed export and in blocks of a snapshot. */
const FIRST_STEP = { keyed: 20_000, snapshot: 256 } as const;
/** The most rows that a step can have, before one was seen: a block has room for some hundred. */
const FIRST_ROWS_A_STEP = { keyed: 1, snapshot: 300 } as const;
/** Most that a stretch grows by: gaps in a key are passed quickly. */
const MOST_GROWTH = 4;
/** Past this a key that is a whole number would leave what a number counts exactly. */
const LARGEST_STEP = 2 ** 45;

/** Runs a part from its checkpoint, and ends the job when it was the last. Errors: those of the ports. */
export async function runExportPart(
  tools: ExportTools,
  assignment: ExportAssignment,
  drain: AbortSignal,
): Promise<ExportPartOutcome> {
  const outcome = await workOn(tools, assignment, drain);
  if (outcome.kind !== "done") return outcome;
  const publishing = await tools.store.publish(assignment, tools.files);
  return publishing === "left"
    ? { kind: "left" }
    : { kind: "done", published: publishing === "published" };
}

async function workOn(
  tools: ExportTools,
  assignment: ExportAssignment,
  drain: AbortSignal,
): Promise<ExportPartOutcome> {
  const { part } = assignment;
  if (part.isDone) return { kind: "done", published: false };
  if (part.partNo > 0) return new PartExport(tools, assignment).run(drain);
  const outcome = await tools.store.takeSnapshot(assignment, tools.settings.minPartBytes);
  if (outcome.kind === "left") return outcome;
  tools.announce(outcome.messages);
  return { kind: "done", published: false };
}

/** A stretch that was read and is not committed. */
interface Stretch {
  readonly before: ExportPosition;
  readonly after: ExportPosition;
  readonly rows: number;
  readonly isLast: boolean;
  /** Length of the segment, once it is durable. */
  readonly durable: Promise<number>;
}

class PartExport {
  readonly #tools: ExportTools;
  readonly #assignment: ExportAssignment;
  readonly #segment: string;
  /** Bytes of the part that are committed. */
  #bytes: number;
  #inHand: Stretch | null = null;
  /** Whether the ledger may name the segment. */
  #mayCount = false;
  #step: number;
  /** As the stretch before had them, for stretches of as many rows as a limit of speed wants. */
  #rowsAStep: number;

  constructor(tools: ExportTools, assignment: ExportAssignment) {
    this.#tools = tools;
    this.#assignment = assignment;
    this.#segment = `${assignment.part.partNo}-${randomUUID()}`;
    this.#bytes = assignment.part.bytes;
    this.#step = FIRST_STEP[assignment.plan.method];
    this.#rowsAStep = FIRST_ROWS_A_STEP[assignment.plan.method];
  }

  async run(drain: AbortSignal): Promise<ExportPartOutcome> {
    const { files } = this.#tools;
    const { part, plan } = this.#assignment;
    const writer = await files.openSegment(part.jobId, this.#segment, plan.format.compression);
    try {
      return await this.#writeAll(writer, drain);
    } finally {
      await this.#inHand?.durable.catch(() => undefined);
      await writer.close();
      if (!this.#mayCount) await files.removeSegment(part.jobId, this.#segment);
    }
  }

  async #writeAll(writer: SegmentWriter, drain: AbortSignal): Promise<ExportPartOutcome> {
    const { part, plan } = this.#assignment;
    // The checkpoint is null until something is committed, and so for the head it tells whether it is there.
    let checkpoint = part.position;
    let at = part.position ?? part.after;
    if (part.partNo === 1 && part.position === null && part.bytes === 0)
      void writer.write(Buffer.from(headOf(plan)));
    const ready = await this.#tools.speed.paid();
    if (ready !== null) return { kind: ready };
    for (;;) {
      if (drain.aborted) return (await this.#settle()) ?? { kind: "drained" };
      const { end, rows } = await this.#read(writer, at);
      this.#tools.speed.take(rows);
      await this.#tools.failpoints.hit("chunk_encoded");
      const durable = writer.sync();
      // Awaited when it is committed; a failure before that must not count as unhandled.
      durable.catch(() => undefined);
      const left = await this.#settle();
      const isLast = end === null || isSame(end, part.upTo);
      this.#inHand = { before: checkpoint, after: end, rows, isLast, durable };
      if (left !== null) return left;
      if (isLast) return (await this.#settle()) ?? { kind: "done", published: false };
      checkpoint = end;
      at = end;
    }
  }

  /** Reads the next stretch into the segment. Without a last key there is nothing to read. */
  async #read(
    writer: SegmentWriter,
    after: ExportPosition,
  ): Promise<{ readonly end: ExportPosition; readonly rows: number }> {
    const { store, settings } = this.#tools;
    const { part, plan } = this.#assignment;
    if (part.upTo === null) return { end: null, rows: 0 };
    const begun = performance.now();
    const step = this.#nextStep();
    const end = await store.findEnd(plan, { after, upTo: part.upTo }, step);
    const rows = await store.readRows(plan, { after, upTo: end }, (block) => writer.write(block));
    // Reading holds no lock that a pause waits for, so a stretch may take longer than the chunk of an import.
    const wanted = 2 * settings.chunkTargetMs;
    const factor = wanted / Math.max(performance.now() - begun, 1);
    const growth = Math.min(Math.max(factor, 1 / MOST_GROWTH), MOST_GROWTH);
    this.#step = Math.min(Math.max(Math.round(step * growth), 1), LARGEST_STEP);
    this.#rowsAStep = Math.max(rows / step, this.#rowsAStep / MOST_GROWTH);
    return { end, rows };
  }

  #nextStep(): number {
    const most = Math.floor(this.#tools.speed.mostRecords / this.#rowsAStep);
    return Math.max(Math.min(this.#step, most), 1);
  }

  /** Commits the stretch in hand. Returns an outcome when the part must be left. */
  async #settle(): Promise<ExportPartOutcome | null> {
    if (this.#inHand === null) return null;
    const { before, after, rows, isLast, durable } = this.#inHand;
    const toByte = this.#assignment.part.bytes + (await durable);
    const held = await this.#tools.speed.paid();
    if (held !== null) return { kind: held };
    this.#inHand = null;
    const wasCounting = this.#mayCount;
    // Until the answer is there: when it is lost, the segment may be in the ledger.
    this.#mayCount = true;
    const outcome = await this.#tools.store.commit(this.#assignment, {
      fromByte: this.#bytes,
      toByte,
      before,
      after,
      rows,
      segment: this.#segment,
      isLast,
    });
    this.#bytes = toByte;
    if (outcome === "done") return null;
    this.#mayCount = wasCounting;
    return { kind: "left" };
  }
}

function isSame(left: ExportPosition, right: ExportPosition): boolean {
  return left?.length === right?.length && (left ?? []).every((value, at) => value === right?.[at]);
}
