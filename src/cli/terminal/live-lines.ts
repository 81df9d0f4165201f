/**
 * A few lines at the bottom of the terminal that are redrawn in place. Each drawing goes out in one write inside a
 * synchronized update: the cursor moves up to the first line, each line is overwritten and erased to its end, and
 * what is left below is erased. Nothing is cleared before it is replaced, so nothing flickers. Lines are clipped to
 * the terminal; when it was made narrower since, the old lines have wrapped, and the way up is counted anew.
 */
import { clipText, textWidth } from "./text.ts";

const HIDE_CURSOR = "\u001b[?25l";
const SHOW_CURSOR = "\u001b[?25h";
const BEGIN_UPDATE = "\u001b[?2026h";
const END_UPDATE = "\u001b[?2026l";
const ERASE_LINE_END = "\u001b[K";
const ERASE_BELOW = "\u001b[J";

/** Lines that are redrawn in place. The cursor is hidden between the first drawing and `clear` or `leave`. */
export interface LiveLines {
  /** Replaces what is drawn. Equal lines on an equal terminal write nothing. */
  readonly draw: (lines: readonly string[]) => void;
  /** Erases what is drawn and shows the cursor. */
  readonly clear: () => void;
  /** Leaves what is drawn above and shows the cursor. */
  readonly leave: () => void;
}

/** Builds live lines over a terminal: `control` writes to it, `columns` tells its present width. */
export function createLiveLines(terminal: {
  readonly control: (text: string) => void;
  readonly columns: () => number;
}): LiveLines {
  let drawn: readonly string[] = [];
  let drawnColumns = 0;

  const toTop = (): string => {
    const columns = Math.max(1, terminal.columns());
    const rows = drawn.reduce(
      (sum, line) => sum + Math.max(1, Math.ceil(textWidth(line) / columns)),
      0,
    );
    return rows === 0 ? "" : `\u001b[${rows}A\r`;
  };
  const forget = (): void => {
    drawn = [];
    drawnColumns = 0;
  };

  return {
    draw: (lines) => {
      const columns = terminal.columns();
      // The last column stays free: some terminals wrap as soon as it is filled.
      const clipped = lines.map((line) => clipText(line, columns - 1));
      const isSame = columns === drawnColumns && clipped.join("\n") === drawn.join("\n");
      if (isSame && drawn.length > 0) return;
      const body = clipped.map((line) => `${line}${ERASE_LINE_END}\n`).join("");
      terminal.control(`${BEGIN_UPDATE}${HIDE_CURSOR}${toTop()}${body}${ERASE_BELOW}${END_UPDATE}`);
      drawn = clipped;
      drawnColumns = columns;
    },
    clear: () => {
      if (drawn.length > 0) terminal.control(`${toTop()}${ERASE_BELOW}${SHOW_CURSOR}`);
      forget();
    },
    leave: () => {
      if (drawn.length > 0) terminal.control(SHOW_CURSOR);
      forget();
    },
  };
}
