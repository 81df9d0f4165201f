/** `sluice retry`. */
import { SluiceError } from "../../core/errors.ts";
import type { FileView, JobView } from "../../client/index.ts";
import { FOLLOW_FLAGS, finishImport } from "../begin-import.ts";
import { finishProcess, RESULT_FLAG } from "../begin-process.ts";
import type { Command, Invocation } from "../command.ts";
import { runningService, type CommandService } from "../command-service.ts";
import { onEnding } from "../ending.ts";
import { EXIT, type ExitCode } from "../exit-codes.ts";
import { formatCounted } from "../format.ts";
import { findSource, type ImportSource } from "../import-source.ts";
import { findJob } from "../job-reference.ts";
import { printable } from "../terminal/text.ts";
import { beforeJob, uploadSource } from "../upload-source.ts";

const { detach, strict } = FOLLOW_FLAGS;

/** Imports the rejected rows of a job, corrected, and follows that job to its receipt. */
export const retryCommand: Command = {
  name: "retry",
  usage: "JOB",
  summary: "import the rejected rows of a job, corrected",
  argumentCount: { least: 1, most: 1 },
  flags: {
    file: {
      value: "FILE",
      description: "the rejected rows, corrected; without it those that were corrected on the page",
    },
    output: RESULT_FLAG,
    ...(detach === undefined ? {} : { detach }),
    ...(strict === undefined ? {} : { strict }),
  },
  notes: [
    "The file is what `sluice rejected JOB --reasons -o FILE` wrote, edited: rows that are taken out of it stay rejected. With",
    "--csv there are no reasons, and the file stands for all rejected rows. No row is imported by two retries.",
    "",
    "  sluice rejected last --reasons -o fixed.csv",
    "  sluice retry last --file fixed.csv",
  ],
  run: runRetry,
};

async function runRetry(invocation: Invocation): Promise<ExitCode> {
  const { args, flags, input, output } = invocation;
  const service = await runningService(await invocation.loadConfig());
  const parent = await findJob(service.client, args[0] ?? "");
  const path = flags.text("file");
  const source = path === undefined ? null : await findSource(path, input.stdin);
  const interrupted = new AbortController();
  const removeSignals = onEnding(output, () => interrupted.abort());
  try {
    const job =
      source === null
        ? await service.client.retryJob(parent.id)
        : await retryFile(invocation, service, { parent, source, signal: interrupted.signal });
    removeSignals(); // from here on a signal leaves the job, which followJob does
    output.note(toldOf(job));
    if (job.kind !== "process") return await finishImport(job, service, invocation);
    return await finishProcess({ job, path: flags.text("output") ?? null }, service, invocation);
  } catch (error) {
    if (!interrupted.signal.aborted) throw error;
    output.warn("Interrupted. Nothing was retried.");
    return EXIT.interrupted;
  } finally {
    removeSignals();
  }
}

interface Work {
  readonly parent: JobView;
  readonly source: ImportSource;
  readonly signal: AbortSignal;
}

/** Uploads the file and creates the job. The upload goes again unless the job reads it. */
async function retryFile(
  invocation: Invocation,
  service: CommandService,
  { parent, source, signal }: Work,
): Promise<JobView> {
  const { client } = service;
  const before = <T>(answer: Promise<T>): Promise<T> =>
    beforeJob(answer, source, "Nothing was retried");
  const file: FileView = await before(uploadSource(invocation, service, source, signal));
  let job: JobView | null = null;
  try {
    signal.throwIfAborted();
    job = await client.retryJob(parent.id, { file: file.id });
    return job;
  } finally {
    // That it cannot be removed must not hide why there is no job.
    if (job === null || fileOf(job) !== file.id)
      await client.deleteFile(file.id).catch(() => undefined);
  }
}

/** Errors: `internal`, for a job that no retry makes. */
function fileOf(job: JobView): string {
  if (job.kind !== "export") return job.file;
  throw new SluiceError("internal", "A retry reads a file.");
}

function toldOf(job: JobView): string {
  const { bytesTotal } = job.progress;
  const size = bytesTotal === null ? "" : `, ${formatCounted(bytesTotal, "byte")}`;
  const to = job.kind === "import" ? job.table : job.name;
  return `→ ${printable(to)}   corrected rows${size}`;
}
