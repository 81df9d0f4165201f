/**
 * Single keys from the terminal. While keys are read the terminal is in raw mode: Ctrl-C and Ctrl-Z arrive as keys,
 * and nothing is echoed. `stop` always gives the terminal back as it was; so does the end of the process.
 */
import type { ReadStream } from "node:tty";

/** A key by its character, or by name: `enter`, `escape`, `ctrl-c`, `ctrl-d`, `ctrl-z`. */
export type Key = string;

/** A running reader of keys. */
export interface KeyReader {
  /** Gives the terminal back. May be called twice. */
  readonly stop: () => void;
}

/**
 * Reads keys from `input` until stopped. `onKey` gets each key in the order in which they arrive; letters arrive in
 * lower case. Sequences of cursor and function keys are dropped.
 */
export function readKeys(
  input: Pick<ReadStream, "setRawMode" | "on" | "off" | "resume" | "pause">,
  onKey: (key: Key) => void,
): KeyReader {
  let isReading = true;
  const onData = (data: Buffer | string): void => {
    for (const key of keysOf(data.toString())) if (isReading) onKey(key);
  };
  const restore = (): void => void input.setRawMode(false);
  input.setRawMode(true);
  input.on("data", onData);
  input.resume();
  process.on("exit", restore);

  return {
    stop: () => {
      if (!isReading) return;
      isReading = false;
      process.off("exit", restore);
      input.off("data", onData);
      restore();
      input.pause();
    },
  };
}

const NAMED_KEYS: Readonly<Record<string, Key>> = {
  "\r": "enter",
  "\n": "enter",
  "\u001b": "escape",
  "\u0003": "ctrl-c",
  "\u0004": "ctrl-d",
  "\u001a": "ctrl-z",
};

/** The keys in what a terminal sent at once. */
export function keysOf(text: string): readonly Key[] {
  if (text.length > 1 && text.startsWith("\u001b")) return [];
  return Array.from(text, (character) => NAMED_KEYS[character] ?? character.toLowerCase());
}
