/** `sluice run`: upload, look, ask, start, follow, receipt, and the file on this machine where there is one. */
import { SluiceError } from "../../core/errors.ts";
import type { CreateProcessBody, ProcessJobView, ProcessView } from "../../client/index.ts";
import {
  finishProcess,
  isProcessWanted,
  PROCESS_FLAGS,
  RESULT_FLAG,
  showProcessPlan,
  type BegunProcess,
} from "../begin-process.ts";
import type { Command, Flags, Invocation } from "../command.ts";
import { openService, type CommandService } from "../command-service.ts";
import { onEnding } from "../ending.ts";
import { EXIT, type ExitCode } from "../exit-codes.ts";
import { findSource, type ImportSource } from "../import-source.ts";
import { MAX_REJECTED_FLAG, maxRejectedOf } from "../max-rejected.ts";
import { openCatalog, type CommandCatalog } from "../process-catalog.ts";
import { PARAM_FLAG, paramsOf } from "../process-params.ts";
import { processListLines } from "../process-view.ts";
import { READING_FLAGS, readingOf } from "../reading-flags.ts";
import { SPEED_FLAG, speedOf } from "../speed.ts";
import { printable } from "../terminal/text.ts";
import { beforeJob, uploadSource } from "../upload-source.ts";

/** Runs a process over a file and follows the job to its receipt. */
export const runCommand: Command = {
  name: "run",
  usage: "[PROCESS FILE]",
  summary: "run a process over a file; alone it lists the processes",
  argumentCount: { least: 0, most: 2 },
  flags: {
    param: PARAM_FLAG,
    output: RESULT_FLAG,
    "max-rejected": MAX_REJECTED_FLAG,
    "pause-after": { value: "N", description: "pause after N rows, to look at what was done" },
    speed: SPEED_FLAG,
    ...READING_FLAGS,
    "dry-run": {
      description: "check the params and the file, show what would be done, and do nothing",
    },
    ...PROCESS_FLAGS,
  },
  notes: [
    "Keys while it runs: p pause or resume · s stop · + - speed · d detach · Ctrl-Z pause and suspend · ? keys",
    "",
    "  sluice run",
    "  sluice run swap-columns people.csv -o swapped.csv",
    "  sluice run create-teams teams.csv --param baseUrl=https://teams.example.com/api",
  ],
  run: runProcess,
};

/** What is asked of the process, without the file. */
type Decisions = Omit<CreateProcessBody, "kind" | "file" | "validateOnly">;

async function runProcess(invocation: Invocation): Promise<ExitCode> {
  const { args, flags, input, output } = invocation;
  const [name, path] = args;
  const config = await invocation.loadConfig();
  const catalog = await openCatalog(config);
  if (name === undefined) return listThem(invocation, catalog);
  const process = await catalog.get(name);
  if (path === undefined)
    throw new SluiceError("usage", `Expected a file: sluice run ${name} FILE.`);
  if (!process.hasOutput && flags.has("output"))
    throw new SluiceError("usage", `The process ${name} makes no file. Leave out --output.`);
  const decisions = decisionsOf(process, flags);
  const source = await findSource(path, input.stdin);

  const interrupted = new AbortController();
  const removeSignals = onEnding(output, () => interrupted.abort());
  try {
    const service = await openService(config, invocation, "process", source);
    try {
      interrupted.signal.throwIfAborted();
      const work = { source, decisions, signal: interrupted.signal };
      const begun = await begin(invocation, service, work);
      interrupted.signal.throwIfAborted();
      removeSignals(); // from here on a signal leaves the job, which followJob does
      return typeof begun === "number" ? begun : await finishProcess(begun, service, invocation);
    } finally {
      await service.stop();
    }
  } catch (error) {
    if (!interrupted.signal.aborted) throw error;
    output.warn("Interrupted. Nothing was run.");
    return EXIT.interrupted;
  } finally {
    removeSignals();
  }
}

async function listThem(invocation: Invocation, catalog: CommandCatalog): Promise<ExitCode> {
  const { output, isJson } = invocation;
  const list = await catalog.list();
  if (isJson) {
    output.print(JSON.stringify(list));
    return EXIT.done;
  }
  for (const line of processListLines(list, { style: output.style })) output.print(line);
  output.note(
    list.items.length + list.broken.length === 0
      ? `There is no process in ${printable(catalog.place)}. \`sluice init process\` writes one.`
      : "Run one: sluice run PROCESS FILE",
  );
  return EXIT.done;
}

function decisionsOf(process: ProcessView, flags: Flags): Decisions {
  const params = paramsOf(flags.list("param"), process);
  const maxRejected = maxRejectedOf(flags);
  const pauseAfter = flags.wholeNumber("pause-after", 1);
  const reading = readingOf(flags);
  return {
    process: process.name,
    ...(Object.keys(params).length === 0 ? {} : { params: { ...params } }),
    ...(maxRejected === undefined ? {} : { maxRejected }),
    ...(pauseAfter === undefined ? {} : { pauseAfter }),
    ...speedOf(flags),
    ...(Object.keys(reading).length === 0 ? {} : { reading }),
  };
}

interface Work {
  readonly source: ImportSource;
  readonly decisions: Decisions;
  readonly signal: AbortSignal;
}

/** Uploads, shows, asks and starts; an exit code when there is no job, which then leaves no upload behind. */
async function begin(
  invocation: Invocation,
  service: CommandService,
  { source, decisions, signal }: Work,
): Promise<BegunProcess | ExitCode> {
  const { flags, output, isJson } = invocation;
  const { client } = service;
  const before = <T>(answer: Promise<T>): Promise<T> =>
    beforeJob(answer, source, "Nothing was run");
  const file = await before(uploadSource(invocation, service, source, signal));
  let job: ProcessJobView | null = null;
  try {
    const body = { ...decisions, file: file.id };
    const plan = await before(client.validateProcess(body));
    const path = showProcessPlan(invocation, file, plan);
    signal.throwIfAborted();
    if (flags.has("dry-run")) {
      if (isJson) output.print(JSON.stringify(plan));
      return EXIT.done;
    }
    if (!(await isProcessWanted(invocation, path))) return EXIT.interrupted;
    job = await client.createProcess(body);
    return { job, path };
  } finally {
    // The upload is of no use without a job. That it cannot be removed must not hide why there is none.
    if (job === null) await client.deleteFile(file.id).catch(() => undefined);
  }
}
