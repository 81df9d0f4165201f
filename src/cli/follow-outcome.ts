/** What a person reads, and a script gets, when the following of a job is over. */
import type { SluiceClient } from "../client/index.ts";
import type { Invocation } from "./command.ts";
import { EXIT, type ExitCode } from "./exit-codes.ts";
import type { FollowEnd } from "./follow-job.ts";
import { leftLines, loadReceipt, receiptLines } from "./receipt-view.ts";
import { shortId } from "./format.ts";
import { tableOf } from "./job-facts.ts";

/** Beside the end: where the job is, and how it was called. */
export interface OutcomeContext {
  readonly invocation: Invocation;
  readonly client: SluiceClient;
  /** Whether the service ends with this command. */
  readonly isOwnService: boolean;
  /** Whether rejected rows are a failure of their own. */
  readonly isStrict: boolean;
  /** Where the command has written the result, so that nobody is told how to get it. */
  readonly savedAs?: string;
}

/** Prints the receipt of an ended job, or how a job that was left goes on, and returns the exit code. */
export async function reportOutcome(end: FollowEnd, context: OutcomeContext): Promise<ExitCode> {
  const { invocation, client, isOwnService } = context;
  const { output } = invocation;
  if (invocation.isJson) {
    // The last message may lack what the end itself wrote; scripts get the whole.
    output.print(JSON.stringify(end.kind === "ended" ? await client.getJob(end.job.id) : end.job));
    return exitCodeOfEnd(end, context.isStrict);
  }
  const saved = context.savedAs === undefined ? {} : { savedAs: context.savedAs };
  const view = { style: output.style, now: Date.now(), needsStart: isOwnService, ...saved };
  if (end.kind === "ended") {
    const facts = await loadReceipt(client, await client.getJob(end.job.id));
    for (const line of receiptLines(facts, view)) output.print(line);
    return exitCodeOfEnd(end, context.isStrict);
  }
  if (end.job.state === "paused" && isOwnService)
    output.print("❚❚ Paused and saved. Start sluice, then: sluice resume last");
  else if (end.job.state === "paused")
    for (const line of leftLines(end.job, view)) output.print(line);
  else if (isOwnService)
    output.print(
      end.job.kind === "import"
        ? `Left before the end. It goes on into ${tableOf(end.job)} when sluice is started.`
        : "Left before the end. It goes on when sluice is started.",
    );
  else output.print(`The job goes on. sluice watch ${shortId(end.job.id)}`);
  return EXIT.left;
}

/** The exit code that the end of a followed job gives. */
export function exitCodeOfEnd(end: FollowEnd, isStrict: boolean): ExitCode {
  if (end.kind === "left") return EXIT.left;
  if (end.job.state === "failed") return EXIT.failed;
  if (end.job.state === "stopped" || end.job.state === "undone") return EXIT.stopped;
  return isStrict && end.job.progress.recordsRejected > 0 ? EXIT.rejected : EXIT.done;
}
