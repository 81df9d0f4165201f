/** A worker in a process of its own, as users run it beside a service. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import type { EngineSettings } from "../../src/core/engine-settings.ts";

const SCRIPT = fileURLToPath(new URL("./worker-process.mjs", import.meta.url));
const PROGRAM = fileURLToPath(new URL("../../dist/sluice.js", import.meta.url));

/** How to start a worker. */
export interface WorkerStart {
  readonly environment: Readonly<Record<string, string>>;
  /** Overrides of the pace; absent: the program `sluice worker` itself. */
  readonly settings?: Partial<EngineSettings>;
}

/** A worker that was started. */
export interface WorkerProcess {
  readonly pid: number;
  /** Its name, once it works. Rejects with its log when it ends before. */
  readonly id: Promise<string>;
  /** What it has logged so far. */
  log(): string;
  /** Resolves when its log has these words. */
  says(words: string): Promise<void>;
  /** Sends a signal and waits for the end; returns the exit code, null after SIGKILL. */
  end(signal: "SIGTERM" | "SIGKILL"): Promise<number | null>;
  [Symbol.asyncDispose](): Promise<void>;
}

/** Starts a worker. */
export function startWorkerProcess({ environment, settings }: WorkerStart): WorkerProcess {
  const args =
    settings === undefined ? [PROGRAM, "worker", "--json"] : [SCRIPT, JSON.stringify(settings)];
  const child = spawn(process.execPath, args, {
    env: { PATH: process.env["PATH"], SLUICE_LANES: "2", ...environment },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let log = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    log += text;
  });
  const ended = once(child, "close").then(() => undefined);
  const firstLine = once(createInterface({ input: child.stdout }), "line");
  const id = Promise.race([firstLine, ended]).then((line) => {
    if (line === undefined) throw new Error(`The worker ended before it worked:\n${log}`);
    return (JSON.parse(String(line[0])) as { id: string }).id; // written by the two programs above
  });
  // Whoever awaits it hears of it.
  id.catch(() => undefined);
  const end = async (signal: "SIGTERM" | "SIGKILL"): Promise<number | null> => {
    child.kill(signal);
    await ended;
    return child.exitCode;
  };
  return {
    pid: child.pid ?? 0,
    id,
    log: () => log,
    says: async (words) => {
      while (!log.includes(words)) await once(child.stderr, "data");
    },
    end,
    [Symbol.asyncDispose]: async () => {
      if (child.exitCode === null && child.signalCode === null) await end("SIGKILL");
    },
  };
}
