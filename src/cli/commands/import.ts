/** `sluice import`: upload, look, ask, create, follow, receipt. */
import { SluiceError } from "../../core/errors.ts";
import type { JobView } from "../../client/index.ts";
import { FOLLOW_FLAGS, finishImport, isImportWanted, showPlan } from "../begin-import.ts";
import type { Command, Invocation } from "../command.ts";
import { onEnding } from "../ending.ts";
import { EXIT, type ExitCode } from "../exit-codes.ts";
import { decisionsOf, IMPORT_FLAGS, type ImportDecisions } from "../import-request.ts";
import { findSource, type ImportSource } from "../import-source.ts";
import { openService, type CommandService } from "../command-service.ts";
import { beforeJob, uploadSource } from "../upload-source.ts";

/** Imports a CSV into a table and follows the job to its receipt. */
export const importCommand: Command = {
  name: "import",
  usage: "FILE|-",
  summary: "import a CSV into a table",
  argumentCount: { least: 1, most: 1 },
  flags: {
    ...IMPORT_FLAGS,
    ...FOLLOW_FLAGS,
  },
  notes: [
    "Keys while it runs: p pause or resume · s stop · + - speed · d detach · Ctrl-Z pause and suspend · ? keys",
    "",
    "  sluice import people.csv",
    '  sluice import people.csv --table crm.people --map "Full Name=name" --types zip=text',
    "  sluice import changes.csv --table crm.people --mode upsert --key id",
    "  sluice import changes.csv --table crm.people --mode upsert --key id --dry-run",
    "  zcat people.csv.gz | sluice import - --table people --yes",
  ],
  run: runImport,
};

async function runImport(invocation: Invocation): Promise<ExitCode> {
  const { flags, input } = invocation;
  const decisions = decisionsOf(flags);
  const source = await findSource(invocation.args[0] ?? "", input.stdin);
  const { mode = "create", dryRun = false } = decisions;
  const isQuestion = !dryRun && (mode === "create" || mode === "replace");
  const isAsking = input.isInteractive && !flags.has("yes") && !dryRun;
  if (!isAsking && !flags.has("yes") && isQuestion)
    throw new SluiceError(
      "usage",
      `Expected --yes to ${mode} a table, because nobody can be asked here. ` +
        "Add --yes, or --mode append or upsert with an existing table.",
    );

  const interrupted = new AbortController();
  const removeSignals = onEnding(invocation.output, () => interrupted.abort());
  try {
    const service = await openService(await invocation.loadConfig(), invocation, "import", source);
    try {
      interrupted.signal.throwIfAborted();
      const job = await createJob(invocation, service, {
        source,
        decisions,
        isAsking,
        signal: interrupted.signal,
      });
      removeSignals(); // from here on a signal leaves the job, which followJob does
      if (job === null) return EXIT.interrupted;
      return await finishImport(job, service, invocation);
    } finally {
      await service.stop();
    }
  } catch (error) {
    if (!interrupted.signal.aborted) throw error;
    invocation.output.warn("Interrupted. Nothing was imported.");
    return EXIT.interrupted;
  } finally {
    removeSignals();
  }
}

interface ImportWork {
  readonly source: ImportSource;
  readonly decisions: ImportDecisions;
  readonly isAsking: boolean;
  readonly signal: AbortSignal;
}

/** Uploads, shows, asks and creates; null when the person says no. The upload is removed when no job comes of it. */
async function createJob(
  invocation: Invocation,
  service: CommandService,
  work: ImportWork,
): Promise<JobView | null> {
  const { client } = service;
  const { source, signal } = work;
  const before = <T>(answer: Promise<T>): Promise<T> =>
    beforeJob(answer, source, "Nothing was imported");
  const file = await before(uploadSource(invocation, service, source, signal));
  let job: JobView | null = null;
  try {
    const body = { kind: "import", file: file.id, ...work.decisions } as const;
    const plan = await before(client.validateJob(body));
    showPlan(invocation, file, plan);
    signal.throwIfAborted();
    if (work.isAsking && !(await isImportWanted(invocation))) return null;
    job = await client.createJob(body);
    return job;
  } finally {
    // The upload is of no use without a job. That it cannot be removed must not hide why there is none.
    if (job === null) await client.deleteFile(file.id).catch(() => undefined);
  }
}
