/**
 * The service's side of one operating system process of user code: starts it, speaks to it, and ends it with everything that
 * it has started. What user code cannot harm is here: limits, and the news of its end.
 *
 * The child gets one environment, no input and a pipe that tells it of the end of this process, or of the thread that
 * started it. It is the leader of a group, so that it ends with its own children, and an interrupt of the terminal is for
 * the service alone.
 */
import { fork, type ChildProcess } from "node:child_process";
import type { Readable } from "node:stream";
import type { HostAnswer } from "../../core/process-ports.ts";
import { WATCHDOG_PIPE, type FromChild, type ToChild } from "./host-protocol.ts";

const MIB = 1024 * 1024;
/** Of the memory that a child may have, what is not for its heap: buffers, code, the watchdog. */
const HEAP_SHARE = 0.8;
/** Of what it writes to standard error, what is kept to tell how it ended. */
const LAST_WORDS_CHARACTERS = 16_384;
/** How long the pipes of a process that has ended may stay open in the hands of others. */
const PIPES_MS = 1_000;

/** Why and how a process of user code ended. */
export type UserProcessEnd = Omit<HostAnswer & { readonly kind: "died" }, "kind">;

/** What a process of user code is started with. */
export interface UserProcessOptions {
  /** The compiled `process-main.js`. */
  readonly entry: URL;
  /** Its whole environment. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Resident memory that it may have, in bytes. */
  readonly memoryBytes: number;
}

/** A process of user code. */
export interface UserProcess {
  /** No effect when it has ended. */
  send(message: ToChild): void;
  /** One listener at a time. */
  onMessage(listener: (message: FromChild) => void): void;
  /** Ends it at once. The first reason counts. */
  kill(why: UserProcessEnd["why"], message: string): void;
  /** Settles when it has ended, with the reason. Never rejects. */
  readonly ended: Promise<UserProcessEnd>;
}

/** Starts a process of user code. */
export function startUserProcess(options: UserProcessOptions): UserProcess {
  const heapMib = Math.max(16, Math.floor((options.memoryBytes * HEAP_SHARE) / MIB));
  const isGroup = process.platform !== "win32";
  const child = fork(options.entry, [String(options.memoryBytes)], {
    execArgv: [`--max-old-space-size=${heapMib}`],
    env: options.environment,
    serialization: "advanced",
    detached: isGroup,
    stdio: ["ignore", "ignore", "pipe", "ipc", "pipe"],
  });
  let listener: ((message: FromChild) => void) | null = null;
  let told: UserProcessEnd | null = null;
  const lastWords = collect(child.stderr);
  const overMemory = collect(child.stdio[WATCHDOG_PIPE] as Readable); // a pipe, as asked for above

  child.on("message", (message) => {
    const heard = message as FromChild; // the protocol of our own entry
    if (heard.kind === "fault") told ??= { why: "exited", message: heard.message };
    else listener?.(heard);
  });

  const ended = new Promise<UserProcessEnd>((resolve) => {
    // It could not be started at all.
    child.on("error", (error) => {
      if (child.pid === undefined) resolve({ why: "exited", message: error.message });
    });
    child.on("exit", () => {
      if (isGroup) endGroup(child);
      const timer = setTimeout(
        () => child.emit("close", child.exitCode, child.signalCode),
        PIPES_MS,
      );
      child.once("close", () => clearTimeout(timer));
    });
    child.once("close", (code, signal) => {
      resolve(
        told ??
          endOf({ code, signal, memory: overMemory(), lastWords: lastWords(), heapMib, options }),
      );
    });
  });

  return {
    send(message) {
      // Its end is told by `ended`; a message that no longer reaches it needs no word of its own.
      if (child.connected) child.send(message, () => undefined);
    },
    onMessage(next) {
      listener = next;
    },
    kill(why, message) {
      told ??= { why, message };
      if (isGroup) endGroup(child);
      child.kill("SIGKILL");
    },
    ended,
  };
}

/** Ends the child and what it has started. */
function endGroup(child: ChildProcess): void {
  if (child.pid === undefined) return;
  try {
    process.kill(-child.pid, "SIGKILL");
  } catch {
    // The group is empty: nothing is left to end.
  }
}

function collect(stream: Readable | null): () => string {
  let text = "";
  stream?.setEncoding("utf8");
  stream?.on("data", (chunk: string) => {
    text = (text + chunk).slice(-LAST_WORDS_CHARACTERS);
  });
  // A pipe to a process that was killed may break; the end of the process is what counts.
  stream?.on("error", () => undefined);
  return () => text;
}

function endOf(facts: {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  /** What the watchdog wrote. */
  readonly memory: string;
  readonly lastWords: string;
  readonly heapMib: number;
  readonly options: UserProcessOptions;
}): UserProcessEnd {
  const allowed = `${Math.floor(facts.options.memoryBytes / MIB)} MB`;
  if (facts.memory !== "") {
    const resident = Math.round(Number(facts.memory.trim()) / MIB);
    return {
      why: "out_of_memory",
      message: `It had ${resident} MB of memory; ${allowed} are allowed.`,
    };
  }
  if (facts.lastWords.includes("heap out of memory"))
    return {
      why: "out_of_memory",
      message: `Its JavaScript heap grew over ${facts.heapMib} MB; ${allowed} of memory are allowed in all.`,
    };
  const how =
    facts.signal === null
      ? `left with exit code ${facts.code ?? "unknown"}`
      : `was ended by ${facts.signal}`;
  return { why: "exited", message: `Its operating system process ${how}.` };
}
