import { expect, test } from "vitest";
import { createLiveLines } from "./live-lines.ts";

function aTerminal(columns = 20): { written: string[]; columns: number } {
  return { written: [], columns };
}

function linesOn(terminal: ReturnType<typeof aTerminal>): ReturnType<typeof createLiveLines> {
  return createLiveLines({
    control: (text) => terminal.written.push(text),
    columns: () => terminal.columns,
  });
}

test("each drawing is one write that goes up over the last and erases what is left", () => {
  const terminal = aTerminal();
  const lines = linesOn(terminal);

  lines.draw(["one", "two"]);
  lines.draw(["three"]);

  expect(terminal.written).toEqual([
    "\u001b[?2026h\u001b[?25lone\u001b[K\ntwo\u001b[K\n\u001b[J\u001b[?2026l",
    "\u001b[?2026h\u001b[?25l\u001b[2A\rthree\u001b[K\n\u001b[J\u001b[?2026l",
  ]);
});

test("drawing the same again writes nothing", () => {
  const terminal = aTerminal();
  const lines = linesOn(terminal);

  lines.draw(["one"]);
  lines.draw(["one"]);

  expect(terminal.written).toHaveLength(1);
});

test("lines are clipped, so that none wraps", () => {
  const terminal = aTerminal(6);
  const lines = linesOn(terminal);

  lines.draw(["abcdefgh"]);

  expect(terminal.written[0]).toContain("abcd…\u001b[K");
});

test("after the terminal became narrower the way up counts the lines that wrapped", () => {
  const terminal = aTerminal(20);
  const lines = linesOn(terminal);

  lines.draw(["0123456789", "ab"]);
  terminal.columns = 5;
  lines.draw(["x"]);

  expect(terminal.written[1]).toContain("\u001b[3A\rx");
});

test("clearing erases the lines, shows the cursor and forgets them", () => {
  const terminal = aTerminal();
  const lines = linesOn(terminal);

  lines.draw(["one"]);
  lines.clear();
  lines.clear();

  expect(terminal.written.slice(1)).toEqual(["\u001b[1A\r\u001b[J\u001b[?25h"]);
});
