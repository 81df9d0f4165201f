/**
 * Part 0: finds where the parts of a large file end and hands each out as soon as it is known. In a file that still
 * arrives it goes as far as that has come, and then lets go of everything: no lane, no lock and no transaction waits for
 * a sender. How much has to be there before it goes on is in its row.
 */
import { leastPartBytesAt, partBytesOf } from "../core/engine-settings.ts";
import type { PartBoundary } from "../core/ports.ts";
import type { PartAssignment } from "../core/store-ports.ts";
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
    : tools.work.findParts(plan, from, partBytesOf(tools.settings, plan.source.bytes));
  let at = assignment;
  let isEnd = !isOpen;
  for await (const boundary of boundaries) {
    if (drain.aborted) return { kind: "drained" };
    const outcome = await tools.store.addParts(at, [boundary]);
    if (outcome.kind === "left") return { kind: "left" };
    tools.announce(outcome.messages);
    at = { ...at, part: { ...at.part, ...positionAfter(boundary) } };
    isEnd ||= boundary.isLast;
  }
  if (isEnd) return { kind: "done", published: false };
  await tools.store.waitForByte(at, upload.nextLook(part.nextByte, at.part.nextByte));
  return { kind: "waiting" };
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

  partBytes(arrivedBytes: number): number {
    return partBytesOf(this.#tools.settings, arrivedBytes);
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
