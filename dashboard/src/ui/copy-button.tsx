import { useState } from "preact/hooks";
import { announce } from "../announce.ts";

/** Copies a text. Where the browser does not allow it the text is there to be marked. */
export function CopyButton({ text, label }: { text: string; label: string }) {
  const [state, setState] = useState<"ready" | "copied" | "refused">("ready");
  const copy = async (): Promise<void> => {
    try {
      await navigator.clipboard.writeText(text);
      setState("copied");
      announce("Copied.");
    } catch {
      setState("refused");
    }
  };
  return (
    <button type="button" onClick={() => void copy()}>
      {state === "ready" ? label : state === "copied" ? "Copied" : "Mark the text to copy it"}
    </button>
  );
}
