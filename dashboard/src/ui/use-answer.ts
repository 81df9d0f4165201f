import { useEffect, useState } from "preact/hooks";
import { toApiError, type ApiError } from "../api/request.ts";
import { returns } from "../live/returns.ts";

/** The state of a question to the service. While it is asked again the answer before stays. */
export interface Answer<Value> {
  readonly value: Value | null;
  readonly error: ApiError | null;
  readonly isAsking: boolean;
  readonly askAgain: () => void;
}

/**
 * Asks the service, and again whenever something of `of` changes or the connection is back. The last question counts,
 * whichever is answered last. An answer that comes in parts tells each by `onPart`.
 */
export function useAnswer<Value>(
  ask: (signal: AbortSignal, onPart: (value: Value) => void) => Promise<Value>,
  of: readonly unknown[],
): Answer<Value> {
  const [round, setRound] = useState(0);
  const [value, setValue] = useState<Value | null>(null);
  const [error, setError] = useState<ApiError | null>(null);
  const asked = [...of, round, returns.value];
  // Told by what was asked, and not by a state that is set later: between the two a button would be enabled for a moment.
  const [answered, setAnswered] = useState<readonly unknown[] | null>(null);
  useEffect(() => {
    const controller = new AbortController();
    const { signal } = controller;
    const take = (answer: Value): void => {
      if (signal.aborted) return;
      setValue(() => answer);
      setError(null);
      setAnswered(asked);
    };
    const settle = async (): Promise<void> => {
      try {
        take(await ask(signal, take));
      } catch (thrown) {
        if (signal.aborted) return;
        setError(toApiError(thrown));
        setAnswered(asked);
      }
    };
    void settle();
    return () => controller.abort(new Error("Another question has been asked."));
    // The question is made anew with every drawing; `of` says when it is another.
  }, asked);
  const isAsking = answered?.every((part, index) => Object.is(part, asked[index])) !== true;
  return { value, error, isAsking, askAgain: () => setRound((before) => before + 1) };
}
