/** Starts the worker of a sample job: a process of its own, which ends with this one. */
import { fork } from "node:child_process";
import { once } from "node:events";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { Config } from "./config/config.ts";
import type { EngineSettings } from "./core/engine-settings.ts";
import type { LineLog } from "./core/line-log.ts";
import type { SampleWorker } from "./core/sample-ports.ts";

/** Longer than such a worker drains. */
const STOP_WITHIN_MS = 5_000;

/** What the process gets, as its first message: neither its command line nor its environment holds the database's URL. */
export interface SampleWorkerStart {
  readonly jobId: string;
  readonly config: Config;
  readonly settings: EngineSettings;
}

/** Where the workers of a job have their identity. */
export function sampleFolder(dir: string, jobId: string): string {
  return join(dir, "samples", jobId);
}

/** Removes that identity. */
export async function forgetSample(dir: string, jobId: string): Promise<void> {
  await rm(sampleFolder(dir, jobId), { recursive: true, force: true });
}

/** Starts it. What it logs goes to `log`. */
export function startSampleWorker(start: SampleWorkerStart, log: LineLog): SampleWorker {
  const child = fork(new URL("./sample-worker-main.js", import.meta.url), {
    stdio: ["ignore", "ignore", "pipe", "ipc"],
    execArgv: [],
  });
  let hasStarted = false;
  child.once("message", () => {
    hasStarted = true;
  });
  const ended = new Promise<void>((resolve) => {
    child.once("exit", () => resolve());
    // It could not be started at all.
    child.once("error", () => {
      if (child.pid === undefined) resolve();
    });
  });
  if (child.stderr !== null)
    createInterface({ input: child.stderr }).on("line", (line) => log(`sample worker: ${line}`));
  // A process that is gone already says so by its end.
  child.send(start, () => undefined);
  return {
    pid: child.pid ?? 0,
    hasStarted: () => hasStarted,
    ended,
    kill: () => void child.kill("SIGKILL"),
    stop: async () => {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const limit = setTimeout(() => child.kill("SIGKILL"), STOP_WITHIN_MS);
      if (child.connected) child.send("stop", () => undefined);
      await Promise.race([ended, once(child, "exit")]);
      clearTimeout(limit);
    },
  };
}
