import { expect, test } from "vitest";
import { createOutputLines } from "./output-lines.ts";

test("records become lines of CSV in the order of the columns", () => {
  const lines = createOutputLines(["a", "b"]);

  lines.add({ b: 'say "x", y', a: 1 });
  lines.add({ a: "two\nlines", b: null });
  lines.add({ a: true });
  lines.add({ a: 10n, b: new Date(0) });

  expect(Buffer.from(lines.bytes()).toString()).toBe(
    '1,"say ""x"", y"\n"two\nlines",\ntrue,\n10,1970-01-01T00:00:00.000Z\n',
  );
  expect(lines.rows).toBe(4);
});

test("a line of one empty cell is no empty line", () => {
  const lines = createOutputLines(["a"]);

  lines.add({ a: "" });

  expect(Buffer.from(lines.bytes()).toString()).toBe('""\n');
});

test("names that objects inherit are no values", () => {
  const lines = createOutputLines(["toString", "b"]);

  lines.add({ b: "x" });

  expect(Buffer.from(lines.bytes()).toString()).toBe(",x\n");
});

test.each([
  [{ c: 1 }, "Expected ctx.emit to be given the columns a, b, got `c`."],
  [{ a: {} }, "in `a`, got a value of type object."],
  [{ a: [1] }, "in `a`, got a list."],
  [{ b: () => 1 }, "in `b`, got a value of type function."],
  [null, "Expected ctx.emit to be given an object by column name."],
])("what has no place in the result is an error: %#", (record, message) => {
  const lines = createOutputLines(["a", "b"]);

  expect(() => lines.add(record)).toThrow(message);
  expect(lines.rows).toBe(0);
});
