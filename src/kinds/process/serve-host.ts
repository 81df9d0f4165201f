/**
 * The child's side: loads the file, and runs its code as the service asks. User code can do here what it likes with this
 * process; its watchdog runs in a thread of its own, and what it holds is an answer to the batch in hand and nothing more.
 */
import { Console } from "node:console";
import { Writable } from "node:stream";
import type { HostBatch, HostCalls } from "../../core/process-ports.ts";
import type { Process } from "../../library/process.ts";
import { DatabaseError } from "../../library/database-error.ts";
import type { FromChild, ProcessFacts, ToChild } from "./host-protocol.ts";
import { issuePath } from "./batch-records.ts";
import { BrokenFile, loadProcess, type LoadedProcess } from "./load-process.ts";
import { safeText } from "./safe-text.ts";
import { placeText, thrownMessage, thrownPlace } from "./thrown.ts";
import { createUserCode, ParamsRefused, type BatchWork, type UserCode } from "./user-code.ts";

/** Lines that a batch may print to the console; the rest is lost. */
const PRINTED_LINES = 1_000;

/** The channel to the service. */
export interface HostChannel {
  send(message: FromChild): void;
  onMessage(listener: (message: ToChild) => void): void;
  /** Sends a last message, and ends this process when it has gone. */
  leave(message: FromChild): void;
}

/** Serves one file; `library` is what it gets for `sluice`. */
export function serveHost(channel: HostChannel, library: object): void {
  const desk = openDesk(channel, library);
  const { queries } = desk;

  channel.onMessage((message) => {
    switch (message.kind) {
      case "load":
        desk.load(message).catch(desk.refuse);
        return;
      case "prepare":
        desk.prepare(message).catch(desk.refuse);
        return;
      case "work":
        desk.work(message.what, message.batch).catch(desk.refuse);
        return;
      case "abort":
        desk.abort();
        return;
      case "rows":
      case "refused":
        queries.answer(message);
        return;
    }
    message satisfies never;
  });

  // What is thrown where nobody awaits it says nothing good about the rest: this process ends with the reason.
  process.on("uncaughtException", (error) =>
    channel.leave({ kind: "fault", message: desk.tell(error).message }),
  );
  globalThis.console = consoleOf(desk.print);
}

/** What is loaded, and the batch in hand. */
function openDesk(channel: HostChannel, library: object) {
  let folder = "";
  let loaded: LoadedProcess | null = null;
  let code: UserCode | null = null;
  let inHand: AbortController | null = null;
  let printed = 0;
  const queries = openQueries(channel);
  const log: HostCalls["log"] = (line) => channel.send({ kind: "log", line });

  /** A thrown value with its place, for people. */
  function tell(error: unknown): { readonly message: string; readonly line: number | null } {
    if (error instanceof BrokenFile) return error;
    const place = thrownPlace(error, folder);
    const text = placeText(place);
    const message = `${text === null ? "" : `${text}: `}${thrownMessage(error)}`;
    return { message, line: place?.line ?? null };
  }

  return {
    queries,
    tell,
    async load(message: ToChild & { readonly kind: "load" }): Promise<void> {
      folder = message.folder;
      loaded = await loadProcess(message.path, library);
      channel.send({ kind: "loaded", facts: factsOf(loaded.process, loaded.files) });
    },
    async prepare(message: ToChild & { readonly kind: "prepare" }): Promise<void> {
      if (loaded === null) throw new Error("Nothing is loaded.");
      code = await createUserCode(loaded.process, { ...message, folder });
      channel.send({ kind: "prepared", outputColumns: code.outputColumns });
    },
    async work(what: BatchWork, batch: HostBatch): Promise<void> {
      if (code === null) throw new Error("Nothing is prepared.");
      inHand = new AbortController();
      printed = 0;
      const answer = await code.work(what, batch, { query: queries.ask, log }, inHand.signal);
      inHand = null;
      channel.send({ kind: "answer", answer });
    },
    refuse: (error: unknown): void => {
      if (error instanceof ParamsRefused) {
        const issues = error.issues.map((issue) => ({
          message: safeText(issue.message),
          path: issuePath(issue),
        }));
        channel.send({ kind: "params_refused", issues });
        return;
      }
      const { message, line } = tell(error);
      channel.send({ kind: "broken", message, line });
    },
    abort: () => inHand?.abort(new Error("The batch was ended: the job is no longer to run it.")),
    print: (text: string, stream: "stdout" | "stderr"): void => {
      if (inHand === null || ++printed > PRINTED_LINES) return;
      log({ message: safeText(text), fields: { stream }, at: new Date() });
    },
  };
}

function factsOf(process: Process, files: readonly string[]): ProcessFacts {
  return {
    name: process.name,
    title: process.title,
    description: process.description,
    params: jsonSchema(process),
    batchSize: process.batchSize,
    retries: process.retries,
    isolate: process.isolate,
    timeoutSeconds: process.timeoutSeconds,
    hasUndo: process.undo !== null,
    hasOutput: process.output !== null,
    files,
  };
}

function jsonSchema(process: Process): ProcessFacts["params"] {
  try {
    const schema = process.params?.["~standard"].jsonSchema?.input({ target: "draft-2020-12" });
    return schema === undefined
      ? null
      : (JSON.parse(JSON.stringify(schema)) as ProcessFacts["params"]); // an object in, an object out
  } catch {
    // A schema with transformations may have none. The params are checked all the same.
    return null;
  }
}

/** Statements on their way to the service and back. */
function openQueries(channel: HostChannel): {
  ask: HostCalls["query"];
  answer: (message: ToChild & { readonly kind: "rows" | "refused" }) => void;
} {
  type Answer = Awaited<ReturnType<HostCalls["query"]>>;
  const waiting = new Map<
    number,
    { readonly resolve: (answer: Answer) => void; readonly reject: (error: Error) => void }
  >();
  let count = 0;
  return {
    ask: (text, values) =>
      new Promise((resolve, reject) => {
        const query = ++count;
        try {
          channel.send({ kind: "query", query, text, values });
        } catch (error) {
          reject(new TypeError(`A value of ctx.tx.query cannot be sent: ${String(error)}`));
          return;
        }
        waiting.set(query, { resolve, reject });
      }),
    answer(message) {
      const asked = waiting.get(message.query);
      waiting.delete(message.query);
      if (message.kind === "rows")
        asked?.resolve({ rows: message.rows, rowCount: message.rowCount });
      else asked?.reject(new DatabaseError(message.refusal.message, message.refusal.facts));
    },
  };
}

/** A console whose lines go to the job's log: what this process prints is seen by nobody. */
function consoleOf(say: (line: string, stream: "stdout" | "stderr") => void): Console {
  const to = (stream: "stdout" | "stderr"): Writable =>
    new Writable({
      decodeStrings: false,
      write(chunk: string, _encoding, done) {
        say(chunk.trimEnd(), stream);
        done();
      },
    });
  return new Console({ stdout: to("stdout"), stderr: to("stderr"), colorMode: false });
}
