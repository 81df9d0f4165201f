/** `sluice export`: look, ask, create, follow, receipt, and the file on this machine. */
import { SluiceError } from "../../core/errors.ts";
import type { ExportJobView, ExportPlanView } from "../../client/index.ts";
import { askKey } from "../ask.ts";
import type { Command, Invocation } from "../command.ts";
import { openService, type CommandService } from "../command-service.ts";
import { onEnding } from "../ending.ts";
import { EXIT, type ExitCode } from "../exit-codes.ts";
import { EXPORT_FLAGS, exportRequestOf, type ExportDecisions } from "../export-request.ts";
import { exportLines } from "../export-view.ts";
import { followJob } from "../follow-job.ts";
import { reportOutcome } from "../follow-outcome.ts";
import { resultFileOf } from "../job-facts.ts";
import { isThere, saveResult } from "../save-result.ts";
import { printable } from "../terminal/text.ts";
import { tellDetached } from "../detached.ts";

/** Exports a table or a query to a file and follows the job to its receipt. */
export const exportCommand: Command = {
  name: "export",
  usage: "[TABLE]",
  summary: "export a table or a query to a file",
  argumentCount: { least: 0, most: 1 },
  flags: {
    output: {
      value: "FILE",
      short: "o",
      description: "where to, - for standard output; named after the table unless told",
    },
    ...EXPORT_FLAGS,
    detach: { description: "create the job and leave it to the service" },
    "dry-run": { description: "show what would be exported, and about how much, and do nothing" },
    yes: { short: "y", description: "do not ask, also before a file is replaced" },
  },
  notes: [
    "Keys while it runs: p pause or resume · s stop · + - speed · d detach · Ctrl-Z pause and suspend · ? keys",
    "",
    "  sluice export flights -o flights.csv",
    "  sluice export flights --from date=2001-01-01 --to date=2001-02-01 --gzip",
    "  sluice export --sql 'select origin, count(*) from flights group by 1' -o -",
  ],
  run: runExport,
};

async function runExport(invocation: Invocation): Promise<ExitCode> {
  const { flags, output } = invocation;
  const request = await exportRequestOf(invocation.args[0], flags);
  const interrupted = new AbortController();
  const removeSignals = onEnding(output, () => interrupted.abort());
  try {
    const service = await openService(await invocation.loadConfig(), invocation, "export");
    try {
      interrupted.signal.throwIfAborted();
      const begun = await begin(invocation, service, request);
      interrupted.signal.throwIfAborted();
      removeSignals(); // from here on a signal leaves the job, which followJob does
      return typeof begun === "number" ? begun : await finish(invocation, service, begun);
    } finally {
      await service.stop();
    }
  } catch (error) {
    if (!interrupted.signal.aborted) throw error;
    output.warn("Interrupted. Nothing was exported.");
    return EXIT.interrupted;
  } finally {
    removeSignals();
  }
}

interface Begun {
  readonly job: ExportJobView;
  readonly path: string;
}

/** Shows the plan, asks, and creates the job; an exit code when there is none. */
async function begin(
  invocation: Invocation,
  { client }: CommandService,
  request: ExportDecisions,
): Promise<Begun | ExitCode> {
  const { flags, output, isJson } = invocation;
  const plan = await client.validateExport(request);
  const path = flags.text("output") ?? plan.fileName;
  const view = { columns: output.columns(), style: output.noteStyle };
  for (const line of exportLines(plan, path, view)) output.note(line);
  if (flags.has("dry-run")) {
    if (isJson) output.print(JSON.stringify(plan));
    return EXIT.done;
  }
  if (!(await isWanted(invocation, path, plan))) {
    output.note("Nothing was exported.");
    return EXIT.interrupted;
  }
  return { job: await client.createExport(request), path };
}

/** Asks where somebody can answer; where nobody can, only a file in the way needs `--yes`. */
async function isWanted(
  invocation: Invocation,
  path: string,
  plan: ExportPlanView,
): Promise<boolean> {
  const { flags, input } = invocation;
  if (flags.has("yes")) return true;
  const isReplaced = !flags.has("detach") && (await isThere(path));
  if (!input.isInteractive) {
    if (!isReplaced) return true;
    throw new SluiceError(
      "usage",
      `Expected --yes to replace ${path}, because nobody can be asked here. Add --yes, or -o with another name.`,
    );
  }
  const usual = isReplaced || plan.warnings.some(({ code }) => code === "more_than_last_time");
  const question = isReplaced ? `  Replace ${printable(path)}?` : "  Export?";
  const answer = await askKey(invocation, `${question}  y yes · n no  `, {
    answers: { y: "yes", n: "no" },
    usual: usual ? "no" : "yes",
  });
  return answer === "yes";
}

async function finish(
  invocation: Invocation,
  service: CommandService,
  { job, path }: Begun,
): Promise<ExitCode> {
  const { flags, output } = invocation;
  if (flags.has("detach")) return tellDetached(job, invocation);
  const context = { client: service.client, isOwnService: service.isOwn };
  const end = await followJob(job, { ...context, output, input: invocation.input });
  const last = end.kind === "ended" ? await service.client.getJob(job.id) : end.job;
  const file = resultFileOf(last);
  if (file !== null)
    await saveResult(service.client, { jobId: job.id, sha256: file.sha256 }, path, output);
  // What a pipe is to get is the file alone: the receipt goes beside it.
  const isPiped = path === "-";
  const reported = isPiped
    ? { ...invocation, output: { ...output, print: output.note } }
    : invocation;
  return reportOutcome(end, { ...context, invocation: reported, isStrict: false, savedAs: path });
}
