/** Bodies of answers that are made while they are sent. */
/**
 * The pieces as the body of an answer: the next is asked for when the last is sent. When the client goes away the making
 * ends, maybe before the first piece was asked for: a generator that did not begin closes nothing then, so what is open
 * already wants a `return` of its own. When it breaks off, which `onBroken` hears, the connection is cut, so that a part is never taken for the whole.
 */
export function streamOf(
  pieces: AsyncIterable<Uint8Array>,
  { signal, onBroken }: { signal: AbortSignal; onBroken: (error: unknown) => void },
): ReadableStream<Uint8Array> {
  const iterator = pieces[Symbol.asyncIterator]();
  return new ReadableStream<Uint8Array>(
    {
      pull: async (controller) => {
        try {
          signal.throwIfAborted();
          const { done, value } = await iterator.next();
          if (done === true) controller.close();
          else controller.enqueue(value);
        } catch (error) {
          await iterator.return?.();
          // Nobody is told when the client is gone; otherwise the cut connection tells it.
          if (!signal.aborted) onBroken(error);
          controller.error(error);
        }
      },
      cancel: async () => {
        await iterator.return?.();
      },
    },
    { highWaterMark: 0 },
  );
}
