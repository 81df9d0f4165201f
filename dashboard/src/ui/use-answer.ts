import { useEffect, useState } from "preact/hooks";
import { toApiError, type ApiError } from "../api/request.ts";

/** The state of a question to the service. While it is asked again the answer before stays. */
export interface Answer<Value> {
  readonly value: Value | null;
  readonly error: ApiError | null;
  readonly isAsking: boolean;
  readonly askAgain: () => void;
}

/** Asks the service, and again whenever something of `of` changes. The last question counts, whichever is answered last. */
export function useAnswer<Value>(
  ask: (signal: AbortSignal) => Promise<Value>,
  of: readonly unknown[],
): Answer<Value> {
  const [round, setRound] = useState(0);
  const [value, setValue] = useState<Value | null>(null);
  const [error, setError] = useState<ApiError | null>(null);
  const [isAsking, setIsAsking] = useState(true);
  useEffect(() => {
    const controller = new AbortController();
    const { signal } = controller;
    setIsAsking(true);
    ask(signal).then(
      (answer) => {
        if (signal.aborted) return;
        setValue(() => answer);
        setError(null);
        setIsAsking(false);
      },
      (thrown: unknown) => {
        if (signal.aborted) return;
        setError(toApiError(thrown));
        setIsAsking(false);
      },
    );
    return () => controller.abort(new Error("Another question has been asked."));
    // The question is made anew with every drawing; `of` says when it is another.
  }, [...of, round]);
  return { value, error, isAsking, askAgain: () => setRound((before) => before + 1) };
}
