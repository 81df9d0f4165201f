/** Colors of the terminal by meaning. State is never told by color alone: an icon and a word always go with it. */

/** What a piece of text means. */
export type Tone = "ok" | "warn" | "bad" | "run" | "pause" | "idle" | "dim" | "strong";

/** Puts a tone on a text. */
export type Style = (tone: Tone, text: string) => string;

const CODES: Readonly<Record<Tone, string>> = {
  ok: "32",
  warn: "33",
  bad: "31",
  run: "36",
  pause: "33",
  idle: "90",
  dim: "2",
  strong: "1",
};

/** A style that colors, or one that returns texts as they are. */
export function createStyle(isColored: boolean): Style {
  if (!isColored) return (_tone, text) => text;
  return (tone, text) => (text === "" ? "" : `\u001b[${CODES[tone]}m${text}\u001b[0m`);
}
