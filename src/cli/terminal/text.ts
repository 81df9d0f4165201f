/** Measuring, clipping and cleaning of text for a terminal. */

// SGR sequences are the only escapes that Sluice puts inside a line, and ESC the only control character.
const STYLE_PATTERN = /\p{Cc}\[[\d;]*m/gu;
const WIDE_PATTERN =
  /[\u1100-\u115f\u2e80-\u303e\u3041-\u33ff\u3400-\u4dbf\u4e00-\u9fff\ua000-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6\u{1f300}-\u{1faff}\u{20000}-\u{3fffd}]/u;
const COMBINING_PATTERN = /[\p{Mn}\p{Me}\p{Cf}]/u;

/** Columns that a text takes on a terminal: styles and combining marks none, East Asian characters two. */
export function textWidth(text: string): number {
  let width = 0;
  for (const character of text.replace(STYLE_PATTERN, "")) width += characterWidth(character);
  return width;
}

function characterWidth(character: string): number {
  if (character < "\u0300") return 1;
  if (COMBINING_PATTERN.test(character)) return 0;
  return WIDE_PATTERN.test(character) ? 2 : 1;
}

/**
 * The text cut to at most `columns`, with `…` where something is missing. Styles are kept and end where the text ends.
 */
export function clipText(text: string, columns: number): string {
  if (textWidth(text) <= columns) return text;
  if (columns <= 0) return "";
  let kept = "";
  let width = 0;
  for (const piece of text.split(/(\p{Cc}\[[\d;]*m)/u)) {
    if (piece.startsWith("\u001b[")) {
      kept += piece;
      continue;
    }
    for (const character of piece) {
      const next = characterWidth(character);
      if (width + next > columns - 1)
        return `${kept}…${kept.includes("\u001b[") ? "\u001b[0m" : ""}`;
      kept += character;
      width += next;
    }
  }
  return kept;
}

/** The text in lines of at most `columns`, broken at spaces; a longer word has a line of its own. At least one line. */
export function wrapText(text: string, columns: number): readonly string[] {
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(/(?<=\S)(?= )/)) {
    if (line !== "" && textWidth(line + word) > columns) {
      lines.push(line);
      line = word.trimStart();
    } else line += word;
  }
  return [...lines, line];
}

/** The text filled with spaces to `columns`, on the right, or on the left with `align` "right". */
export function padText(text: string, columns: number, align: "left" | "right" = "left"): string {
  const spaces = " ".repeat(Math.max(0, columns - textWidth(text)));
  return align === "left" ? text + spaces : spaces + text;
}

/**
 * Text from files, headers or servers made harmless: line breaks become `⏎`, other control characters and the marks
 * that reorder text become `�`, so that no content can move the cursor or restyle the screen.
 */
export function printable(text: string): string {
  return text
    .replace(/\r\n|[\r\n\u0085\u2028\u2029]/g, "⏎")
    .replace(/\t/g, " ")
    .replace(/[\p{Cc}\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu, "\ufffd");
}
