/** `sluice worker`: runs the jobs of a database in the foreground, until a signal. */
import { once } from "node:events";
import type { Config } from "../../config/config.ts";
import { VERSION } from "../../version.ts";
import type { Command, Invocation } from "../command.ts";
import { onEnding } from "../ending.ts";
import { EXIT, type ExitCode } from "../exit-codes.ts";
import { formatCount } from "../format.ts";
import { startLocalWorker } from "../local-machine.ts";

type RunningWorker = Awaited<ReturnType<typeof startLocalWorker>>;

/** Runs a worker until SIGINT, SIGTERM or SIGHUP, then lets the chunks in hand finish. A second signal ends at once. */
export const workerCommand: Command = {
  name: "worker",
  usage: "",
  summary: "run jobs of a database without a service of its own; needs DATABASE_URL",
  argumentCount: { least: 0, most: 0 },
  flags: {
    concurrency: { value: "N", description: "jobs at once", setting: "concurrency" },
    lanes: { value: "N", description: "runner threads", setting: "lanes" },
    files: {
      value: "DIR",
      description: "folder of uploads, that of the services",
      setting: "files",
    },
    processes: {
      value: "DIR",
      description: "folder of processes, ./processes",
      setting: "processes",
    },
    "log-level": {
      value: "debug|info|warn|error",
      description: "least serious line of the log",
      setting: "logLevel",
    },
  },
  notes: [
    "Any number of workers may run on one database. Each needs a SLUICE_DIR of its own, and all the",
    "folder of files of the services (SLUICE_FILES). A worker waits for a service to make the schema.",
  ],
  run: runWorker,
};

async function runWorker(invocation: Invocation): Promise<ExitCode> {
  const { output } = invocation;
  const config = await invocation.loadConfig();
  if (!invocation.isJson) output.print(`Sluice ${VERSION}`);

  const ending = new AbortController();
  const { signal } = ending;
  const removeSignals = onEnding(output, () => ending.abort());
  try {
    const worker = await startLocalWorker(config, { log: (line) => output.note(line), signal });
    try {
      printStart(invocation, config, worker);
      if (!signal.aborted) await once(signal, "abort");
      output.note("Stopping: the rows in hand are saved. Again to stop at once.");
    } finally {
      await worker.stop();
    }
  } catch (error) {
    // It waited for a schema, and nothing was begun.
    if (!(signal.aborted && isAbort(error))) throw error;
  } finally {
    removeSignals();
  }
  output.note("Stopped. Other workers and services go on with its jobs.");
  return EXIT.done;
}

function printStart({ output, isJson }: Invocation, config: Config, worker: RunningWorker): void {
  const { id, postgres } = worker;
  const { lanes, files } = config;
  if (isJson) return output.print(JSON.stringify({ id, postgres, lanes, files, pid: process.pid }));
  const ok = output.style("ok", "✓");
  output.print(`${ok} PostgreSQL ${postgres.version}   from ${config.origins.databaseUrl.name}`);
  output.print(`${ok} Files       ${files}`);
  output.print(`${ok} Worker      ${id}   ${formatCount(lanes)} ${lanes === 1 ? "lane" : "lanes"}`);
  output.print("Ctrl-C stops the worker. Its jobs go on elsewhere, or with the next start.");
}

function isAbort(error: unknown): boolean {
  return error instanceof Error && error.name === "AbortError";
}
