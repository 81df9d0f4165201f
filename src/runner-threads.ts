/**
 * Threads for runners, which may be started before anybody knows what they will work with: loading what a runner needs takes
 * as long as starting a service does, and on another core it takes none of that time.
 */
import { Worker } from "node:worker_threads";
import type { RunnerData } from "./runner-main.ts";

/** Starts runner threads; those that were started ahead are given out first. */
export class RunnerThreads {
  readonly #waiting: Worker[] = [];

  /** Starts `count` threads that wait for their data. */
  constructor(count = 0) {
    for (let number = 0; number < count; number += 1) {
      const thread = newThread();
      // Its owner hears of its end; one that ends before it has an owner is given to nobody.
      thread.once("error", () => undefined);
      thread.once("exit", () => this.#forget(thread));
      this.#waiting.push(thread);
    }
  }

  /** A thread that works with `data`. It belongs to the caller from here on. */
  take(data: RunnerData): Worker {
    const thread = this.#waiting.shift() ?? newThread();
    thread.postMessage(data);
    return thread;
  }

  /** Ends the threads that nobody took. */
  async stop(): Promise<void> {
    const waiting = this.#waiting.splice(0);
    await Promise.all(waiting.map((thread) => thread.terminate()));
  }

  #forget(thread: Worker): void {
    const index = this.#waiting.indexOf(thread);
    if (index >= 0) this.#waiting.splice(index, 1);
  }
}

function newThread(): Worker {
  return new Worker(new URL("./runner-main.js", import.meta.url), { name: "sluice runner" });
}
