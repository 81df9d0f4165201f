/** A fake of the port of hosts: user code is a function of the test, in this process. */
import type {
  HostAnswer,
  HostBatch,
  HostCalls,
  HostKept,
  HostRejection,
  HostRules,
  ProcessHost,
} from "../../src/core/process-ports.ts";

/** What user code of a test may do. */
export interface TestContext {
  readonly query: HostCalls["query"];
  readonly log: HostCalls["log"];
  /** Aborted when the batch is told to end. */
  readonly signal: AbortSignal;
  /** Refuses a record of the batch. */
  readonly reject: (index: number, message: string) => void;
  /** Leaves a record as it is, in `undo`. */
  readonly keep: (index: number, reason: string) => void;
  /** Adds a line to the result. */
  readonly emit: (line: string) => void;
  /** Ends the host as a crash does. */
  readonly die: () => void;
}

/** What `run` returns is kept for `undo`. */
type UserCode = (batch: HostBatch, context: TestContext) => unknown;

/** A process of a test. */
export interface TestProcess {
  readonly run: UserCode;
  readonly undo?: UserCode;
  readonly batchSize?: number;
  readonly rules?: Partial<HostRules>;
  readonly output?: readonly string[];
}

/** What the fake has seen: each call of user code, in order. */
export interface UserCall {
  readonly what: "run" | "undo";
  readonly key: string;
  readonly attempt: number;
  readonly isCommitted: boolean;
  readonly records: readonly number[];
}

/** One host of a process. It notes each call in `seen`. */
export class FakeHost implements ProcessHost {
  readonly rules: HostRules;
  readonly #process: TestProcess;
  readonly #seen: UserCall[];
  #inHand: { readonly abort: AbortController; end(answer: HostAnswer): void } | null = null;
  #ended = false;

  constructor(process: TestProcess, seen: UserCall[]) {
    this.#process = process;
    this.#seen = seen;
    this.rules = {
      retries: 2,
      isolate: false,
      batchMs: 60_000,
      hasUndo: process.undo !== undefined,
      ...process.rules,
    };
  }

  run(batch: HostBatch, calls: HostCalls): Promise<HostAnswer> {
    return this.#work("run", batch, calls, this.#process.run);
  }

  undo(batch: HostBatch, calls: HostCalls): Promise<HostAnswer> {
    const { undo } = this.#process;
    if (undo === undefined) throw new Error("The process has no undo.");
    return this.#work("undo", batch, calls, undo);
  }

  abort(graceMs: number): void {
    const inHand = this.#inHand;
    if (inHand === null) return;
    inHand.abort.abort();
    const stopped = { kind: "died", why: "stopped", message: "It was stopped." } as const;
    setTimeout(() => inHand.end(stopped), graceMs).unref();
  }

  stop(): Promise<void> {
    this.#ended = true;
    this.#inHand?.end({ kind: "died", why: "stopped", message: "It was stopped." });
    return Promise.resolve();
  }

  async #work(
    what: "run" | "undo",
    batch: HostBatch,
    calls: HostCalls,
    code: UserCode,
  ): Promise<HostAnswer> {
    if (this.#ended) throw new Error("The host has ended.");
    const { key, attempt, isCommitted, records } = batch;
    this.#seen.push({
      what,
      key,
      attempt,
      isCommitted,
      records: records.map(({ record }) => record),
    });
    const abort = new AbortController();
    const rejections: HostRejection[] = [];
    const kept: HostKept[] = [];
    const lines: string[] = [];
    return new Promise((resolve) => {
      const end = (answer: HostAnswer): void => {
        this.#inHand = null;
        resolve(answer);
      };
      this.#inHand = { abort, end };
      const context: TestContext = {
        query: (text, values) => calls.query(text, values),
        log: (line) => calls.log(line),
        signal: abort.signal,
        reject: (index, message) =>
          void rejections.push({ index, column: null, code: "refused_by_process", message }),
        keep: (index, reason) => void kept.push({ index, reason }),
        emit: (line) => void lines.push(line),
        die: () => end({ kind: "died", why: "exited", message: "exit code 1" }),
      };
      void (async () => {
        try {
          const returned = await code(batch, context);
          const result = returned === undefined ? null : JSON.stringify(returned);
          const output = Buffer.from(lines.map((line) => `${line}\n`).join(""));
          end({ kind: "done", rejections, kept, result, output, outputRows: lines.length });
        } catch (error) {
          const message = error instanceof Error ? error.message : String(error);
          end({ kind: "threw", message, place: null });
        }
      })();
    });
  }
}
