import fc from "fast-check";
import { expect, test } from "vitest";
import { createEventParser, type ServerEvent } from "./server-events.ts";

const encoder = new TextEncoder();

function parse(text: string, cut = text.length): readonly ServerEvent[] {
  const parser = createEventParser();
  const bytes = encoder.encode(text);
  return [...parser.push(bytes.subarray(0, cut)), ...parser.push(bytes.subarray(cut))];
}

test("a message has the id, type and data that its lines give", () => {
  expect(parse('id: 7\nevent: job.progress\ndata: {"a":1}\n\n')).toEqual([
    { id: "7", type: "job.progress", data: '{"a":1}' },
  ]);
});

test("several data lines are joined by line feeds, and one leading space is dropped", () => {
  expect(parse("data: a\ndata:b\ndata:  c\n\n")).toEqual([
    { id: "", type: "message", data: "a\nb\n c" },
  ]);
});

test("comments and messages without data are not events", () => {
  expect(parse(": keep alive\n\nevent: x\n\nid: 3\n\ndata: y\n\n")).toEqual([
    { id: "3", type: "message", data: "y" },
  ]);
});

test("the id holds for later messages, and the type does not", () => {
  expect(parse("id: 1\nevent: a\ndata: x\n\ndata: y\n\n")).toEqual([
    { id: "1", type: "a", data: "x" },
    { id: "1", type: "message", data: "y" },
  ]);
});

test("a message that is not ended is dropped", () => {
  expect(parse("data: a\n\ndata: b\n")).toHaveLength(1);
});

test("the pause before a new connection is read from the stream", () => {
  const parser = createEventParser();

  parser.push(encoder.encode("retry: 2500\nretry: soon\n"));

  expect(parser.retryMs()).toBe(2500);
});

test("every cut of the bytes gives the same messages, with every kind of line end", () => {
  const line = fc.constantFrom("id: 4", "event: ä", "data: 💧x", "data", ": c", "", "retry: 5");
  const end = fc.constantFrom("\n", "\r\n", "\r");
  const lines = fc.array(fc.tuple(line, end).map(([text, mark]) => text + mark));

  fc.assert(
    fc.property(lines, fc.nat(), (texts, position) => {
      const text = `${texts.join("")}data: end\n\n`;
      const length = encoder.encode(text).length;

      expect(parse(text, position % (length + 1))).toEqual(parse(text));
    }),
  );
});
