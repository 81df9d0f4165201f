/** A service in a process of its own, as users run it: compiled code, HTTP, signals. */
import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { SluiceClient } from "../../src/client/index.ts";
import type { EngineSettings } from "../../src/core/engine-settings.ts";

/** Small chunks and parts, so that a file of some megabytes has many of both. */
export const SMALL_PIECES: Partial<EngineSettings> = {
  minPartBytes: 1_000_000,
  maxPartBytes: 1_000_000,
  minChunkBytes: 64 * 1024,
  maxChunkBytes: 128 * 1024,
};

/** How to start a service. */
export interface ServiceStart {
  readonly dir: string;
  /** Absent: the private PostgreSQL of `dir`. */
  readonly databaseUrl?: string;
  readonly settings?: Partial<EngineSettings>;
  readonly environment?: Readonly<Record<string, string>>;
}

/** A running service. */
export interface ServiceProcess {
  readonly url: string;
  readonly databaseUrl: string;
  readonly client: SluiceClient;
  readonly pid: number;
  /** What it has logged so far. */
  log(): string;
  /** Sends a signal and waits for the end; returns the exit code, null after SIGKILL. */
  end(signal: "SIGTERM" | "SIGKILL"): Promise<number | null>;
  /** Whether the process has not ended. */
  isAlive(): boolean;
  /** Resolves when the process has ended, however. */
  readonly ended: Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

/** Starts a service and waits until it listens. Throws with its log when it ends before. */
export async function startServiceProcess(start: ServiceStart): Promise<ServiceProcess> {
  const script = fileURLToPath(new URL("./service-process.mjs", import.meta.url));
  const child = spawn(process.execPath, [script, JSON.stringify(start.settings ?? {})], {
    env: {
      PATH: process.env["PATH"],
      SLUICE_DIR: start.dir,
      SLUICE_PORT: "0",
      SLUICE_LANES: "2",
      ...(start.databaseUrl === undefined ? {} : { DATABASE_URL: start.databaseUrl }),
      ...start.environment,
    },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let log = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    log += text;
  });
  const ended = once(child, "exit").then(() => undefined);
  const ready = await Promise.race([firstLine(child), ended.then(() => null)]);
  if (ready === null) throw new Error(`The service ended before it listened:\n${log}`);
  const { url, databaseUrl } = JSON.parse(ready) as { url: string; databaseUrl: string }; // written by service-process.mjs
  const end = async (signal: "SIGTERM" | "SIGKILL"): Promise<number | null> => {
    child.kill(signal);
    await ended;
    return child.exitCode;
  };
  const isAlive = (): boolean => child.exitCode === null && child.signalCode === null;
  return {
    url,
    databaseUrl,
    client: new SluiceClient({ url }),
    pid: child.pid ?? 0,
    log: () => log,
    end,
    isAlive,
    ended,
    [Symbol.asyncDispose]: async () => {
      if (isAlive()) await end("SIGTERM");
    },
  };
}

async function firstLine(child: ChildProcess): Promise<string | null> {
  if (child.stdout === null) return null;
  for await (const line of createInterface({ input: child.stdout })) return line;
  return null;
}

/** A folder that is removed in the end. */
export async function temporaryFolder(): Promise<{
  path: string;
  [Symbol.asyncDispose](): Promise<void>;
}> {
  const path = await mkdtemp(join(tmpdir(), "sluice-e2e-"));
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) };
}
