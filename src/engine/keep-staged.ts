/**
 * Stopping a staged import whose rows are kept: what is committed so far is published.
 *
 * The request moves the job to `stopping`, phase `publishing`, under the barrier: from there no chunk commits. Publishing
 * is work for a runner, because rows that the target refuses are read again from the source. Whichever claims the first
 * part of the job publishes by the same code as at a normal end, and ends the job as `stopped` in that transaction. One
 * that is lost is followed by another, so the request is carried out whoever dies.
 */
import { SluiceError } from "../core/errors.ts";
import type { BarrierTransaction } from "../core/control-ports.ts";
import { isDryRun } from "../core/dry-run.ts";
import type { Job } from "../core/job.ts";
import { isDirect } from "./undo-import.ts";

/** Modes of which a part of the rows is worth something. */
const MODES: readonly string[] = ["create", "append", "upsert"];

/** Whether a stop publishes what it keeps, and a runner is at it or waited for. */
export function isPublishingStop({ kind, state, phase }: Job): boolean {
  return kind === "import" && state === "stopping" && phase === "publishing";
}

/** Begins to publish what is committed, under the barrier. With nothing committed there is nothing to keep. */
export async function keepStaged(tx: BarrierTransaction): Promise<void> {
  await tx.change(["stopping"], { wish: "stop", phase: "publishing", raiseEpoch: true });
  await tx.dispatchFirst();
}

/** Errors: `keep_not_possible` for a job of which a stop cannot keep anything. */
export function refuseKeep(job: Job): void {
  const refusal = refusalOf(job);
  if (refusal === null) return;
  throw new SluiceError("keep_not_possible", refusal.message, {
    details: { reason: refusal.reason, state: job.state },
  });
}

function refusalOf(job: Job): {
  readonly reason: "no_part_of_a_file" | "dry_run" | "all_or_nothing" | "file_arrives";
  readonly message: string;
} | null {
  switch (job.kind) {
    case "process":
      return null;
    case "export":
      return {
        reason: "no_part_of_a_file",
        message: "A file that is not whole is never kept. Resume the export to get it.",
      };
    case "import": {
      if (isDirect(job)) return null;
      if (isDryRun(job))
        return {
          reason: "dry_run",
          message: "A dry run keeps no rows. Stop it, and run it again without `dryRun`.",
        };
      const mode = job.request.mode ?? "create";
      if (!MODES.includes(mode))
        return {
          reason: "all_or_nothing",
          message: `An import of mode ${mode} publishes all of its rows or none.`,
        };
      if (job.upload === null) return null;
      return {
        reason: "file_arrives",
        message:
          "The file of this import still arrives, and is not kept when the job is stopped. Pause the job, and stop it when the file is whole.",
      };
    }
    default:
      return job satisfies never;
  }
}
