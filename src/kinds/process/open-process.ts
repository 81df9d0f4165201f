/** Starts the operating system process of one file, and asks it the first questions. */
import { SluiceError } from "../../core/errors.ts";
import type { BrokenProcess } from "../../core/process-ports.ts";
import { issuePath } from "./batch-records.ts";
import type { FromChild, ProcessFacts, ToChild } from "./host-protocol.ts";
import type { ProcessFile } from "./process-folder.ts";
import { startUserProcess, type UserProcess, type UserProcessOptions } from "./user-process.ts";

/** How long a file may take to load, or to read params: one that loops there must hold nobody up. */
const LOAD_MS = 10_000;

/** Where and with what user code is run. */
export interface UserCodeSetting {
  /** The folder of processes. */
  readonly folder: string;
  /** The environment that user code sees; without secrets of Sluice. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** The compiled entry. Default: that beside this file's folder. */
  readonly entry?: URL;
  /** How long a file may take to load, in milliseconds. Default 10,000. */
  readonly loadMs?: number;
}

/** A process of user code in which a file is loaded. */
export interface OpenProcess {
  readonly child: UserProcess;
  readonly facts: ProcessFacts;
  /** Names of the columns of its result. Errors: `process_broken`; `invalid_request` with a pointer for each fault. */
  prepare(request: {
    readonly params: Readonly<Record<string, unknown>>;
    readonly fields: readonly string[];
  }): Promise<readonly string[] | null>;
}

/** What is wrong with a file: a `process_broken` that knows the line. */
export class ProcessBroken extends SluiceError {
  readonly line: number | null;

  constructor(message: string, line: number | null) {
    super("process_broken", message, { details: { line } });
    this.line = line;
  }

  /** As the list of broken files has it. */
  of(file: ProcessFile): BrokenProcess {
    return { fileName: file.fileName, name: file.name, message: this.message, line: this.line };
  }
}

/** Loads a file in a process of its own, which the caller ends. Errors: `ProcessBroken`, after which it has ended. */
export async function openProcess(
  file: ProcessFile,
  setting: UserCodeSetting,
  memoryBytes: number,
): Promise<OpenProcess> {
  const options: UserProcessOptions = {
    entry: setting.entry ?? new URL("../../process-main.js", import.meta.url),
    environment: setting.environment,
    memoryBytes,
  };
  const child = startUserProcess(options);
  const ask = (message: ToChild): Promise<FromChild> =>
    question(child, message, { file, limitMs: setting.loadMs ?? LOAD_MS });
  try {
    const answer = await ask({ kind: "load", path: file.path, folder: setting.folder });
    if (answer.kind !== "loaded") throw unexpected(answer);
    return { child, facts: answer.facts, prepare: (request) => prepare(ask, request) };
  } catch (error) {
    child.kill("stopped", "Its file did not load.");
    await child.ended;
    throw error;
  }
}

async function prepare(
  ask: (message: ToChild) => Promise<FromChild>,
  request: Parameters<OpenProcess["prepare"]>[0],
): Promise<readonly string[] | null> {
  const answer = await ask({ kind: "prepare", ...request });
  if (answer.kind === "prepared") return answer.outputColumns;
  if (answer.kind !== "params_refused") throw unexpected(answer);
  const errors = answer.issues.map(({ message, path }) => ({
    pointer: ["/params", ...issuePath({ path }).map(escapePointer)].join("/"),
    code: "invalid_value",
    detail: message,
  }));
  const said = errors.map(
    ({ pointer, detail }) => `${pointer.slice(1).replaceAll("/", ".")}: ${detail}`,
  );
  throw new SluiceError("invalid_request", said.join("; "), { details: { errors } });
}

function escapePointer(key: string): string {
  return key.replaceAll("~", "~0").replaceAll("/", "~1");
}

/** Asks, and waits for the answer, the end of the process or the limit. Errors: `ProcessBroken`. */
async function question(
  child: UserProcess,
  message: ToChild,
  { file, limitMs }: { readonly file: ProcessFile; readonly limitMs: number },
): Promise<FromChild> {
  const timer = setTimeout(() => {
    const seconds = limitMs / 1_000;
    child.kill("out_of_time", `It did not come to an end within ${seconds} s. Is there a loop?`);
  }, limitMs);
  try {
    const answer = await Promise.race([
      new Promise<FromChild>((resolve) => {
        child.onMessage(resolve);
        child.send(message);
      }),
      child.ended.then((end) => {
        const doing = message.kind === "load" ? "being loaded" : "reading the params";
        throw new ProcessBroken(`${file.fileName} ended while ${doing}: ${end.message}`, null);
      }),
    ]);
    if (answer.kind === "broken") throw new ProcessBroken(answer.message, answer.line);
    return answer;
  } finally {
    clearTimeout(timer);
  }
}

function unexpected(answer: FromChild): SluiceError {
  return new SluiceError("internal", `A process of user code answered with "${answer.kind}".`);
}
