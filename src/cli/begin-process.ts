/** What `run` and `rerun` share: showing what is about to be done, asking, and following the job to its receipt. */
import { SluiceError } from "../core/errors.ts";
import type { FileView, ProcessJobView, ProcessPlanView, SluiceClient } from "../client/index.ts";
import { askKey } from "./ask.ts";
import type { FlagRule, FlagRules, Invocation } from "./command.ts";
import type { ExitCode } from "./exit-codes.ts";
import { followJob } from "./follow-job.ts";
import { reportOutcome } from "./follow-outcome.ts";
import { resultFileOf } from "./job-facts.ts";
import { processLines } from "./process-view.ts";
import { isThere, saveResult } from "./save-result.ts";
import { printable } from "./terminal/text.ts";
import { tellDetached } from "./detached.ts";

/** The rule of `--output` for the file of a process. */
export const RESULT_FLAG: FlagRule = {
  value: "FILE",
  short: "o",
  description: "where the file that it makes goes, - for standard output; its own name unless told",
};

/** Flags of the commands that start a process and follow it. */
export const PROCESS_FLAGS: FlagRules = {
  detach: { description: "create the job and leave it to the service" },
  yes: { short: "y", description: "do not ask, also before a file is replaced" },
  strict: { description: "exit with 3 when rows were rejected" },
};

/** A process that was started. */
export interface BegunProcess {
  readonly job: ProcessJobView;
  /** Where its file goes; null when it makes none. */
  readonly path: string | null;
}

/** Shows the file and what is done with it. Returns where the result goes; null when there is none to be written here. */
export function showProcessPlan(
  { flags, output }: Invocation,
  file: FileView,
  plan: ProcessPlanView,
): string | null {
  const path = flags.has("detach")
    ? null
    : plan.fileName && (flags.text("output") ?? plan.fileName);
  const view = { columns: output.columns(), style: output.noteStyle, path };
  for (const line of processLines(file, plan, view)) output.note(line);
  return path;
}

/** Asks where somebody can answer; where nobody can, only a file in the way needs `--yes`. */
export async function isProcessWanted(
  invocation: Invocation,
  path: string | null,
): Promise<boolean> {
  const { flags, input } = invocation;
  if (flags.has("yes")) return true;
  const isReplaced = path !== null && (await isThere(path));
  if (!input.isInteractive) {
    if (!isReplaced) return true;
    throw new SluiceError(
      "usage",
      `Expected --yes to replace ${path}, because nobody can be asked here. Add --yes, or -o with another name.`,
    );
  }
  const question = isReplaced ? `  Replace ${printable(path)}?` : "  Run?";
  const answer = await askKey(invocation, `${question}  y yes · n no  `, {
    answers: { y: "yes", n: "no" },
    usual: isReplaced ? "no" : "yes",
  });
  if (answer !== "yes") invocation.output.note("Nothing was run.");
  return answer === "yes";
}

/** Follows the job to its receipt and saves its file, or leaves it to the service when that is asked for. */
export async function finishProcess(
  { job, path }: BegunProcess,
  service: { readonly client: SluiceClient; readonly isOwn: boolean },
  invocation: Invocation,
): Promise<ExitCode> {
  const { flags, output } = invocation;
  if (flags.has("detach")) return tellDetached(job, invocation);
  const context = { client: service.client, isOwnService: service.isOwn };
  const end = await followJob(job, { ...context, output, input: invocation.input });
  const last = end.kind === "ended" ? await service.client.getJob(job.id) : end.job;
  const made = resultFileOf(last);
  if (made !== null && path !== null)
    await saveResult(service.client, { jobId: job.id, sha256: made.sha256 }, path, output);
  // What a pipe is to get is the file alone: the receipt goes beside it.
  const reported =
    path === "-" ? { ...invocation, output: { ...output, print: output.note } } : invocation;
  return reportOutcome(end, {
    ...context,
    invocation: reported,
    isStrict: flags.has("strict"),
    ...(path === null ? {} : { savedAs: path }),
  });
}
