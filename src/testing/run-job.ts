/** The one job of a test, from its file to what it leaves. */
import type { ProcessJob } from "../core/job.ts";
import type { DispatchMessage } from "../core/ports.ts";
import type { ReadingOptions } from "../core/reading-options.ts";
import { createProcessService } from "../engine/process-service.ts";
import { runPart, type PartOutcome } from "../engine/run-part.ts";
import { createInProcessCatalog } from "../kinds/process/in-process-hosts.ts";
import { createProcessReading } from "../kinds/process/read-plan.ts";
import type { Process } from "../library/process.ts";
import { openRunnerStore } from "../store/runner-store.ts";
import { cutRunners, readRejections, readUserTables } from "../store/test-database.ts";
import type { CrashPoints } from "./crash-points.ts";
import type { EndState } from "./end-state.ts";
import { JOB_ID, type EngineParts } from "./engine-parts.ts";

const WORKER = "worker_testing";

/** Stores the file and creates the job. Errors: those of `JobService.createProcess`. */
export async function createJob(
  { jobs, files }: EngineParts,
  request: {
    readonly process: Process;
    readonly folder: string;
    readonly csv: string;
    readonly params: Readonly<Record<string, unknown>>;
    readonly reading: ReadingOptions;
  },
): Promise<void> {
  const { process, params, reading } = request;
  const id = jobs.newFileId();
  const stored = await files.put(id, bytesOf(request.csv), { maxBytes: Infinity });
  await jobs.insertFile({ id, name: `${process.name}.csv`, ...stored });
  const catalog = createInProcessCatalog(process, request.folder);
  const processReading = createProcessReading(files);
  const service = createProcessService({ jobs, catalog, processReading, nudge: () => undefined });
  await service.createProcess(
    { kind: "process", process: process.name, file: id, params, reading },
    { by: "testProcess" },
  );
}

/**
 * Runs the job to its end, with a new runner after each crash. Rejects with the job's failure when it does not succeed.
 * Somebody else than a supervisor hands out the part, so that what follows a crash happens at once.
 */
export async function runJob(parts: EngineParts, crashes: CrashPoints): Promise<void> {
  const { supervision, control } = parts;
  for (let lane = 1; ; lane++) {
    const { state, failure } = await jobOf(parts);
    if (state === "succeeded") return;
    if (failure !== null) throw new Error(`The process failed: ${failure.message}`);
    const runner = await supervision.insertRunner(WORKER, lane);
    const [message] = await supervision.findWaitingParts(1, 1);
    if (message === undefined || (await supervision.claim(runner, message, 1)) !== "claimed")
      throw new Error(`The job of the test is ${state}, and there is nothing to do for it.`);
    const outcome = await runToCrash(parts, message, crashes);
    if (outcome !== "crashed" && outcome.kind === "failed")
      await control.fail(JOB_ID, message.epoch, outcome.failure);
    else if (outcome !== "crashed" && outcome.kind !== "done")
      throw new Error(`The runner of the test ended with "${outcome.kind}".`);
    const lost = await supervision.removeRunners({ runner });
    if (outcome === "crashed") for (const work of lost) await control.rescue(work, true);
  }
}

/** One runner, until it crashes or lets go of the part. */
async function runToCrash(
  { url, pool, runner, closeFiles }: EngineParts,
  message: DispatchMessage,
  crashes: CrashPoints,
): Promise<PartOutcome | "crashed"> {
  const { failpoints } = crashes;
  const store = await openRunnerStore(url, failpoints);
  const crash = crashes.next();
  const running = runPart({ ...runner, store, failpoints }, message, new AbortController().signal);
  const outcome = await Promise.race([running, crash]);
  if (outcome === "crashed") {
    // The runner waits for ever at the place of the crash, and is thrown away with all that it knows.
    await cutRunners(pool);
    await closeFiles();
  }
  await store.close();
  return outcome;
}

/** What the job has left; what is outside is for the caller to add. */
export async function readEnd(parts: EngineParts): Promise<Omit<EndState, "outside">> {
  const { pool } = parts;
  const { progress, result } = await jobOf(parts);
  const output = result?.output ?? null;
  return {
    counters: { read: progress.read, written: progress.written, rejected: progress.rejected },
    tables: await readUserTables(pool),
    output: output === null ? null : await textOf(parts, output.file, output.bytes),
    rejections: await readRejections(pool, JOB_ID),
  };
}

async function jobOf({ jobs }: EngineParts): Promise<ProcessJob> {
  const found = await jobs.findJob(JOB_ID);
  if (found?.kind !== "process") throw new Error("The job of the test is gone.");
  return found;
}

async function* bytesOf(text: string): AsyncGenerator<Uint8Array> {
  yield await Promise.resolve(Buffer.from(text));
}

async function textOf({ files }: EngineParts, fileId: string, size: number): Promise<string> {
  const source = await files.open(fileId, { start: 0, end: size });
  try {
    const bytes = Buffer.alloc(size);
    let length = 0;
    while (length < size) length += await source.read(bytes.subarray(length));
    return bytes.toString();
  } finally {
    await source.close();
  }
}
