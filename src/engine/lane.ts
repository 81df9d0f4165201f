/**
 * A lane: a slot of the supervisor with a runner thread in it.
 *
 * The thread answers pings between two pieces of work. One that does not, because it loops in code that never
 * yields, must look dead although its process lives: the supervisor renews the lease only of lanes that answered,
 * and terminates a lane that is silent for too long. Its connection closes with it, so its chunk rolls back.
 */
import type { Worker } from "node:worker_threads";
import type { DispatchMessage } from "../core/ports.ts";
import type { PartOutcome } from "./run-part.ts";
import type { FromRunner, ToRunner } from "./runner-protocol.ts";

/** Starts a runner thread. `build-engine.ts` knows its entry and its data. */
export type StartThread = () => Worker;

/** A thread that is gone, whatever the reason. */
export type LaneEnd = { readonly kind: "died"; readonly cause: string };

export class Lane {
  /** Lanes count from 1. */
  readonly number: number;
  readonly runnerId: string;
  /** When the thread last answered, by `performance.now()`. */
  answeredAt = performance.now();
  /** What it works on; null when it is free. */
  working: DispatchMessage | null = null;
  readonly #thread: Worker;
  #settle: ((outcome: PartOutcome | LaneEnd) => void) | null = null;
  #end: LaneEnd | null = null;

  readonly #onFound: (messages: readonly DispatchMessage[]) => void;

  /** `onFound` is told of parts that a search has found. */
  constructor(
    number: number,
    runnerId: string,
    startThread: StartThread,
    onFound: (messages: readonly DispatchMessage[]) => void,
  ) {
    this.#onFound = onFound;
    this.number = number;
    this.runnerId = runnerId;
    this.#thread = startThread();
    this.#thread.on("message", (message: FromRunner) => this.#receive(message));
    this.#thread.on("error", (error) =>
      this.#die(error instanceof Error ? (error.stack ?? error.message) : String(error)),
    );
    this.#thread.on("exit", (code) => this.#die(`the thread ended with code ${code}`));
  }

  /** Whether the thread is there. */
  get isAlive(): boolean {
    return this.#end === null;
  }

  /** Runs a part. Resolves with its outcome, or with the end of the thread. One call at a time. */
  run(message: DispatchMessage): Promise<PartOutcome | LaneEnd> {
    if (this.#end !== null) return Promise.resolve(this.#end);
    this.working = message;
    return new Promise((resolve) => {
      this.#settle = (outcome) => {
        this.working = null;
        this.#settle = null;
        resolve(outcome);
      };
      this.#send({ type: "run", message });
    });
  }

  /** Asks for an answer; `answeredAt` moves when it comes. */
  ping(): void {
    this.#send({ type: "ping" });
  }

  /** Asks the runner to give its part back after the chunk in hand. */
  drain(): void {
    this.#send({ type: "drain" });
  }

  /** Ends the thread at once; what it had in flight rolls back. */
  async terminate(): Promise<void> {
    this.#die("terminated by the supervisor");
    await this.#thread.terminate();
  }

  #send(message: ToRunner): void {
    if (this.#end === null) this.#thread.postMessage(message);
  }

  #receive(message: FromRunner): void {
    this.answeredAt = performance.now();
    if (message.type === "outcome") this.#settle?.(message.outcome);
    else if (message.type === "found") this.#onFound(message.messages);
  }

  #die(cause: string): void {
    this.#end ??= { kind: "died", cause };
    this.#settle?.(this.#end);
  }
}
