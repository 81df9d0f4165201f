/**
 * One batch in the hands of user code: the host it runs in, the transaction that is open meanwhile, the looks at what is
 * asked of the job, and what is left when it ends in any way.
 *
 * The host is an operating system process, and whatever becomes of it this runner goes on: a batch that is not answered
 * with `done` has left nothing in the database.
 */
import type { EngineSettings } from "../core/engine-settings.ts";
import { SluiceError } from "../core/errors.ts";
import type {
  HostAnswer,
  HostBatch,
  HostLogLine,
  ProcessHost,
  ProcessHosts,
  HostRules,
} from "../core/process-ports.ts";
import type { ProcessAssignment, ProcessStore } from "../core/process-store-ports.ts";
import { sleep } from "./sleep.ts";

/** What user code said `done` to; its transaction is open. */
export type HostDone = HostAnswer & { readonly kind: "done" };

/** What became of an attempt. Unless it is done, the transaction has ended without a trace. */
export type Attempt =
  | { readonly kind: "done"; readonly answer: HostDone }
  /** It threw, or its host died. */
  | { readonly kind: "failed"; readonly message: string }
  /** A stop, or another epoch. */
  | { readonly kind: "over" }
  /** The service is stopping, and it took too long. */
  | { readonly kind: "drained" };

/** What a batch is worked on with. */
export interface BatchTools {
  readonly store: ProcessStore;
  readonly hosts: ProcessHosts;
  readonly settings: EngineSettings;
}

/** The server ends the transaction of a runner that has vanished this long after its batch should have ended. */
const IDLE_BEYOND_BATCH_MS = 30_000;
/** Of the time that a stopping service waits, this is left for what follows. */
const DRAIN_REST_MS = 3_000;
const LONGEST_WAIT_MS = 60_000;
/** Lines that are kept in memory until the batch has ended; the store keeps no more of a job. */
const MOST_LINES = 1000;

/** The user code of one part, for as long as a runner has it. One batch at a time. */
export class BatchWork {
  readonly #tools: BatchTools;
  readonly #assignment: ProcessAssignment;
  readonly #drain: AbortSignal;
  #host: ProcessHost | null = null;
  #lines: HostLogLine[] = [];

  constructor(tools: BatchTools, assignment: ProcessAssignment, drain: AbortSignal) {
    this.#tools = tools;
    this.#assignment = assignment;
    this.#drain = drain;
  }

  /** The rules of the process, as its file has them now. Errors: those of `ProcessHosts.start`. */
  async rules(): Promise<HostRules> {
    return (await this.#ready()).rules;
  }

  /** Lets user code work on a batch. Errors: those of `ProcessHosts.start`, `database_unavailable`. */
  async attempt(task: "run" | "undo", batch: HostBatch): Promise<Attempt> {
    const { store } = this.#tools;
    const host = await this.#ready();
    await store.openTransaction(host.rules.batchMs + IDLE_BEYOND_BATCH_MS);
    const watch = new BatchWatch(this.#tools, this.#assignment, host, this.#drain);
    const calls = {
      query: (text: string, values: readonly unknown[]) => store.query(text, values),
      log: (line: HostLogLine) => this.log(line),
    };
    let answer: HostAnswer;
    try {
      answer = await host[task](batch, calls);
    } finally {
      await watch.end();
    }
    if (answer.kind === "done" && watch.asked === null) return { kind: "done", answer };
    if (answer.kind === "died") await this.#endHost();
    await store.rollBack();
    if (watch.asked !== null) return { kind: watch.asked };
    return { kind: "failed", message: messageOf(answer) };
  }

  /** Keeps a line for `flush`. */
  log(line: HostLogLine): void {
    this.#lines.push(line);
    if (this.#lines.length > MOST_LINES) this.#lines.shift();
  }

  /** Keeps a line of Sluice's own among those of user code. */
  note(message: string, fields: HostLogLine["fields"] = null): void {
    this.log({ message, fields, at: new Date() });
  }

  /** Stores what was logged. Called outside the transaction of a batch. */
  async flush(): Promise<void> {
    const lines = this.#lines;
    this.#lines = [];
    if (lines.length > 0) await this.#tools.store.addLog(this.#assignment.jobId, lines);
  }

  /**
   * Waits before the next attempt, the longer the more there were. Returns why to leave instead, when something else was
   * asked for meanwhile.
   */
  async rest(attempts: number): Promise<"left" | "drained" | null> {
    const { settings, store } = this.#tools;
    const waitMs = Math.min(settings.batchRetryMs * 2 ** (attempts - 1), LONGEST_WAIT_MS);
    const until = performance.now() + waitMs;
    for (;;) {
      if (this.#drain.aborted) return "drained";
      if ((await store.watch(this.#assignment)) !== "run") return "left";
      const leftMs = until - performance.now();
      if (leftMs <= 0) return null;
      await sleep(Math.min(leftMs, settings.batchPollMs));
    }
  }

  /** Ends the host, and says that this runner works on nothing of the job any more. Called once, in the end. */
  async end(): Promise<void> {
    await this.#endHost();
    try {
      await this.#tools.store.rollBack();
      await this.flush();
      await this.#tools.store.letGo(this.#assignment);
    } catch (error) {
      // Who was working on what is found out by the lease when it cannot be said, and the first error is the one to tell.
      if (!(error instanceof SluiceError && error.code === "database_unavailable")) throw error;
    }
  }

  async #ready(): Promise<ProcessHost> {
    const { hosts, settings } = this.#tools;
    this.#host ??= await hosts.start(this.#assignment.plan, {
      batchMs: settings.maxBatchMs,
      memoryBytes: settings.hostMemoryBytes,
    });
    return this.#host;
  }

  async #endHost(): Promise<void> {
    const host = this.#host;
    this.#host = null;
    await host?.stop();
  }
}

/** Looks at what is asked of the job while user code works, and tells its host to end when nothing of it will commit. */
class BatchWatch {
  readonly #tools: BatchTools;
  readonly #assignment: ProcessAssignment;
  readonly #host: ProcessHost;
  readonly #drain: AbortSignal;
  readonly #ended = new AbortController();
  readonly #watching: Promise<void>;
  #drainedAt: number | null = null;
  /** Why the batch was told to end; null: it was not. */
  asked: "over" | "drained" | null = null;

  constructor(
    tools: BatchTools,
    assignment: ProcessAssignment,
    host: ProcessHost,
    drain: AbortSignal,
  ) {
    this.#tools = tools;
    this.#assignment = assignment;
    this.#host = host;
    this.#drain = drain;
    this.#watching = this.#watch();
  }

  async end(): Promise<void> {
    this.#ended.abort();
    await this.#watching;
  }

  async #watch(): Promise<void> {
    const { settings } = this.#tools;
    while (this.asked === null) {
      await sleep(settings.batchPollMs, this.#ended.signal);
      if (this.#ended.signal.aborted) return;
      if (this.#isDrained()) this.#ask("drained", Math.min(settings.hostGraceMs, 1_000));
      else if (await this.#isOver()) this.#ask("over", settings.hostGraceMs);
    }
  }

  #ask(what: "over" | "drained", graceMs: number): void {
    if (this.#ended.signal.aborted) return;
    this.asked = what;
    this.#host.abort(graceMs);
  }

  #isDrained(): boolean {
    if (!this.#drain.aborted) return false;
    const now = performance.now();
    this.#drainedAt ??= now;
    const { drainMs } = this.#tools.settings;
    return now - this.#drainedAt >= Math.max(drainMs - DRAIN_REST_MS, drainMs / 2);
  }

  async #isOver(): Promise<boolean> {
    try {
      return (await this.#tools.store.watch(this.#assignment)) === "over";
    } catch {
      return false; // looked at again; the commit asks the database itself
    }
  }
}

function messageOf(answer: HostAnswer): string {
  if (answer.kind === "done") return "";
  if (answer.kind === "died" || answer.place === null) return answer.message;
  return `${answer.message} (${answer.place})`;
}
