/** What a command says when it leaves its job to the service (`--detach`). */
import type { JobView } from "../client/index.ts";
import type { Invocation } from "./command.ts";
import { EXIT, type ExitCode } from "./exit-codes.ts";
import { shortId } from "./format.ts";

/** Names the job, and says how to come back to it. */
export function tellDetached(
  job: JobView,
  { output, isJson }: Pick<Invocation, "output" | "isJson">,
): ExitCode {
  const short = shortId(job.id);
  // On a terminal as every command names it; a script gets the id itself.
  const name = output.resultColumns() === null ? job.id : short;
  output.print(isJson ? JSON.stringify(job) : name);
  const then = makesFile(job) ? `, then sluice result ${short}` : "";
  output.note(`The job runs. sluice watch ${short}${then}`);
  return EXIT.done;
}

function makesFile(job: JobView): boolean {
  return job.kind === "export" || (job.kind === "process" && job.fileName !== null);
}
