/** A source whose consumer gets its turn at intervals although nothing comes. */

/** The pieces of `source`, and null whenever none has come for `everyMs`. Leaving the loop ends the source. */
export async function* ticking(
  source: AsyncIterable<Uint8Array>,
  everyMs: number,
): AsyncGenerator<Uint8Array | null> {
  const pieces = source[Symbol.asyncIterator]();
  let isOver = false;
  try {
    let next = pieces.next();
    // Waited for below; a failure while the consumer is at work must not count as unhandled.
    next.catch(() => undefined);
    for (;;) {
      const step = await within(next, everyMs).catch((error: unknown) => {
        isOver = true;
        throw error;
      });
      isOver = step?.done === true;
      if (step?.done === true) return;
      yield step === null ? null : step.value;
      if (step === null) continue;
      next = pieces.next();
      next.catch(() => undefined);
    }
  } finally {
    // Not waited for: a generator that waits for a silent sender would answer only when that one speaks.
    if (!isOver) pieces.return?.().catch(() => undefined);
  }
}

/** What `promise` gives, or null when that takes longer than `ms`. */
function within<T>(promise: Promise<T>, ms: number): Promise<T | null> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => resolve(null), ms);
    promise.then(resolve, reject).finally(() => clearTimeout(timer));
  });
}
