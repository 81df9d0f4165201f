/**
 * Part 0: finds where the parts of a large file end and hands each out as soon as it is known. In a file that still
 * arrives it goes as far as that has come, and then lets go of everything: no lane, no lock and no transaction waits for
 * a sender. How much has to be there before it goes on is in its row.
 */
import { leastPartBytesAt, partBytesAt } from "../core/engine-settings.ts";
import type { PartBoundary } from "../core/ports.ts";
import type { PartAssignment } from "../core/runner-ports.ts";
import type { FollowedUpload } from "../core/upload-ports.ts";
import type { PartOutcome, RunnerTools } from "./run-part.ts";

/** Runs the search from its checkpoint. */
export async function searchParts(
  tools: RunnerTools,
  assignment: PartAssignment,
  drain: AbortSignal,
): Promise<PartOutcome> {
  const { plan, part } = assignment;
  if (part.nextByte >= part.endByte) return { kind: "done", published: false };
  const from = { byte: part.nextByte, record: part.nextRecord, line: part.nextLine };
  const isOpen = plan.source.isArriving === true;
  const upload = new SeenUpload(tools, part.jobId);
  const boundaries = isOpen
    ? tools.work.followParts(plan, from, upload)
    : tools.work.findParts(plan, from, (at) => partBytesAt(tools.settings, at, plan.source.bytes));
  const finding = new PartFinding(tools, assignment);
  let isEnd = !isOpen;
  for await (const boundary of boundaries) {
    if (drain.aborted) return { kind: "drained" };
    if (!(await finding.take(boundary))) return { kind: "left" };
    isEnd ||= boundary.isLast;
  }
  if (!(await finding.handOut())) return { kind: "left" };
  const { at } = finding;
  if (isEnd) return { kind: "done", published: false };
  await tools.store.waitForByte(at, upload.nextLook(part.nextByte, at.part.nextByte));
  return { kind: "waiting" };
}

/** As many parts are found before they are handed out together. */
const MOST_AT_ONCE = 8;

/**
 * The parts that were found. The first is handed out at once, so that somebody begins; the later ones in growing
 * numbers, because each handing out is a transaction that the search waits for.
 */
class PartFinding {
  readonly #tools: RunnerTools;
  #found: PartBoundary[] = [];
  #atOnce = 1;
  /** The assignment with the search's own checkpoint. */
  at: PartAssignment;

  constructor(tools: RunnerTools, assignment: PartAssignment) {
    this.#tools = tools;
    this.at = assignment;
  }

  /** False when somebody else has a say now. */
  async take(boundary: PartBoundary): Promise<boolean> {
    this.#found.push(boundary);
    if (this.#found.length < this.#atOnce) return true;
    this.#atOnce = Math.min(2 * this.#atOnce, MOST_AT_ONCE);
    return this.handOut();
  }

  /** Hands out what was found. False as for `take`. */
  async handOut(): Promise<boolean> {
    const found = this.#found;
    const last = found.at(-1);
    if (last === undefined) return true;
    this.#found = [];
    const outcome = await this.#tools.store.addParts(this.at, found);
    if (outcome.kind === "left") return false;
    this.#tools.announce(outcome.messages);
    this.at = { ...this.at, part: { ...this.at.part, ...positionAfter(last) } };
    return true;
  }
}

/** The upload that a search follows, and what was seen of it last. */
class SeenUpload implements FollowedUpload {
  readonly #tools: RunnerTools;
  readonly #jobId: string;
  #bytes = 0;

  constructor(tools: RunnerTools, jobId: string) {
    this.#tools = tools;
    this.#jobId = jobId;
  }

  async look() {
    const arrived = await this.#tools.store.findArrived(this.#jobId);
    this.#bytes = arrived.bytes;
    return arrived;
  }

  leastPartBytes(from: number): number {
    return leastPartBytesAt(this.#tools.settings, from);
  }

  partBytes(from: number, arrivedBytes: number): number {
    return partBytesAt(this.#tools.settings, from, arrivedBytes);
  }

  /**
   * How much has to be there before another search may find a part, which always is more than was seen. After one that
   * found none, because a record is so long, as much again as it scanned.
   */
  nextLook(from: number, cutAt: number): number {
    const scannedAgain = cutAt > from ? 1 : this.#bytes - from;
    return Math.max(cutAt + this.leastPartBytes(cutAt), this.#bytes + Math.max(scannedAgain, 1));
  }
}

function positionAfter({ endByte, nextRecord, nextLine }: PartBoundary): {
  nextByte: number;
  nextRecord: number;
  nextLine: number;
} {
  return { nextByte: endByte, nextRecord, nextLine };
}
