import { expect, test } from "vitest";
import { readingWarnings } from "./reading-notes.ts";

const ONE_KIND = { lf: 5, crlf: 0, cr: 0 };

test("one kind of line end and nothing else is nothing to say", () => {
  expect(readingWarnings({ bareQuotes: 0, blankLines: 0, lineEnds: ONE_KIND })).toEqual([]);
});

test("each note is one warning, with its count", () => {
  const notes = { bareQuotes: 1, blankLines: 1200, lineEnds: { lf: 3, crlf: 1, cr: 0 } };

  expect(readingWarnings(notes, " in what was read")).toEqual([
    {
      code: "mixed_line_ends",
      message: "Line ends are mixed in what was read: LF 3 times, CRLF once. Each ends a record.",
    },
    { code: "blank_lines", message: "1,200 blank lines are left out in what was read." },
    {
      code: "bare_quote",
      message: "Quotes inside unquoted fields are data, in 1 record in what was read.",
    },
  ]);
});
