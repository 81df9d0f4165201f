import fc from "fast-check";
import { expect, test } from "vitest";
import { clipText, padText, printable, textWidth, wrapText } from "./text.ts";

test("styles and combining marks take no columns, East Asian characters two", () => {
  expect([textWidth("\u001b[31mabc\u001b[0m"), textWidth("e\u0301"), textWidth("日本")]).toEqual([
    3, 1, 4,
  ]);
});

test("a clipped text ends its styles", () => {
  expect(clipText("\u001b[31mabcdef\u001b[0m", 4)).toBe("\u001b[31mabc…\u001b[0m");
});

test("a clipped text never takes more than its columns", () => {
  const piece = fc.constantFrom("a", "日", "e\u0301", "\u001b[32m", "\u001b[0m", "–");

  fc.assert(
    fc.property(fc.array(piece), fc.integer({ min: 0, max: 20 }), (pieces, columns) => {
      expect(textWidth(clipText(pieces.join(""), columns))).toBeLessThanOrEqual(columns);
    }),
  );
});

test.each([
  [20, ["u undo: discard 3", "rows · Enter keep", "running"]],
  [80, ["u undo: discard 3 rows · Enter keep running"]],
  [4, ["u", "undo:", "discard", "3", "rows", "·", "Enter", "keep", "running"]],
])("in %d columns a text is broken at spaces and nothing of it is lost", (columns, lines) => {
  expect(wrapText("u undo: discard 3 rows · Enter keep running", columns)).toEqual(lines);
});

test("padding fills on the side away from the text", () => {
  expect([padText("日", 4), padText("7", 3, "right")]).toEqual(["日  ", "  7"]);
});

test("content cannot move the cursor, restyle the screen or reorder text", () => {
  expect(printable("a\u001b[31mb\r\nc\u0007\u202ed\te")).toBe("a\ufffd[31mb⏎c\ufffd\ufffdd e");
});
