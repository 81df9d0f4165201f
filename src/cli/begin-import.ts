/** What `import` and `rerun` share: showing what is about to happen, asking, and following the job to its receipt. */
import type { FileView, JobView, PlanView, SluiceClient } from "../client/index.ts";
import { askKey } from "./ask.ts";
import type { FlagRules, Invocation } from "./command.ts";
import type { ExitCode } from "./exit-codes.ts";
import { followJob } from "./follow-job.ts";
import { reportOutcome } from "./follow-outcome.ts";
import { importLines } from "./import-view.ts";
import { tellDetached } from "./detached.ts";

/** Flags of the commands that start an import and follow it. */
export const FOLLOW_FLAGS: FlagRules = {
  detach: { description: "create the job and leave it to the service" },
  yes: { short: "y", description: "do not ask before a table is created or its rows are replaced" },
  strict: { description: "exit with 3 when rows were rejected" },
};

/** Shows the file, the target with its columns, and the warnings. */
export function showPlan({ output }: Invocation, file: FileView, plan: PlanView): void {
  const lines = importLines(file, plan, {
    columns: output.columns(),
    style: output.noteStyle,
    hasHeader: plan.reading.firstRecordLine > 1,
  });
  for (const line of lines) output.note(line);
}

/** Asks whether to go on. */
export async function isImportWanted(invocation: Invocation): Promise<boolean> {
  const answer = await askKey(invocation, "  Import?  Y yes · n no  ", {
    answers: { y: "yes", n: "no" },
    usual: "yes",
  });
  if (answer !== "yes") invocation.output.note("Nothing was imported.");
  return answer === "yes";
}

/** Follows the job to its receipt, or leaves it to the service when that is asked for. */
export async function finishImport(
  job: JobView,
  service: { readonly client: SluiceClient; readonly isOwn: boolean },
  invocation: Invocation,
): Promise<ExitCode> {
  const { flags, output } = invocation;
  if (flags.has("detach")) return tellDetached(job, invocation);
  const context = { client: service.client, isOwnService: service.isOwn };
  const end = await followJob(job, { ...context, output, input: invocation.input });
  return reportOutcome(end, { ...context, invocation, isStrict: flags.has("strict") });
}
