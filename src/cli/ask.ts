/** Questions that one key answers, or a line. */
import { createInterface } from "node:readline/promises";
import type { Input } from "./command.ts";
import { readKeys, type Key } from "./terminal/keys.ts";
import type { Output } from "./terminal/output.ts";

/**
 * Shows `question` and waits for a key of `answers`; what the key stands for is written after the question and
 * returned. Enter takes `usual`. Ctrl-C and Ctrl-D answer null. Only where input is interactive.
 */
export function askKey<Answer extends string>(
  io: { readonly input: Input; readonly output: Output },
  question: string,
  choice: { readonly answers: Readonly<Record<string, Answer>>; readonly usual: Answer },
): Promise<Answer | null> {
  io.output.control(`${question} `);
  return new Promise((resolve) => {
    const settle = (answer: Answer | null): void => {
      reader.stop();
      io.output.control(`${answer ?? ""}\n`);
      resolve(answer);
    };
    const onKey = (key: Key): void => {
      if (key === "ctrl-c" || key === "ctrl-d") return settle(null);
      if (key === "enter") return settle(choice.usual);
      const answer = Object.hasOwn(choice.answers, key) ? choice.answers[key] : undefined;
      if (answer !== undefined) settle(answer);
    };
    const reader = readKeys(io.input.stdin, onKey);
  });
}

/** Shows `question` and waits for a line; null at the end of the input or at Ctrl-C. Only where input is interactive. */
export async function askText(
  io: { readonly input: Input; readonly output: Output },
  question: string,
): Promise<string | null> {
  io.output.control(question);
  const reader = createInterface({ input: io.input.stdin, terminal: false });
  try {
    for await (const line of reader) return line.trim();
    return null;
  } finally {
    reader.close();
  }
}
