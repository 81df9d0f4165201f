/** Work of which only so much is done at a time. */

/** Lets so many pieces of work run at a time; others wait in the order in which they came. */
export class Turns {
  readonly #waiting: (() => void)[] = [];
  #free: number;

  constructor(atOnce: number) {
    this.#free = atOnce;
  }

  /** Does a piece of work when its turn comes. Errors: its own. */
  async run<Result>(work: () => Promise<Result>): Promise<Result> {
    if (this.#free > 0) this.#free--;
    else await new Promise<void>((resolve) => this.#waiting.push(resolve));
    try {
      return await work();
    } finally {
      const next = this.#waiting.shift();
      if (next === undefined) this.#free++;
      else next();
    }
  }
}

/**
 * The parts, each made in a turn of its own: whoever is slow to take one keeps nobody waiting. Errors: what the parts end
 * with, and the reason of the signal instead of a turn that nobody waits for any more.
 */
export async function* inTurns<Part>(
  parts: AsyncIterable<Part>,
  turns: Turns,
  signal: AbortSignal | undefined,
): AsyncGenerator<Part, void> {
  const iterator = parts[Symbol.asyncIterator]();
  try {
    for (;;) {
      const next = await turns.run(() => {
        signal?.throwIfAborted();
        return iterator.next();
      });
      if (next.done === true) return;
      yield next.value;
    }
  } finally {
    await iterator.return?.();
  }
}
