import { useEffect, useState } from "preact/hooks";

const TYPING_PAUSE_MS = 350;

/** A value once it has not changed for a moment: the last letter of a name, not each of them. */
export function useSettled<Value>(value: Value): Value {
  const [settled, setSettled] = useState(value);
  useEffect(() => {
    const timer = setTimeout(() => setSettled(value), TYPING_PAUSE_MS);
    return () => clearTimeout(timer);
  }, [value]);
  return settled;
}
