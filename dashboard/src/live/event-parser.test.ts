import { expect, test } from "vitest";
import { createEventParser } from "./event-parser.ts";

const STREAM =
  'retry: 2000\n\n: alive\n\nid: 7\nevent: job.paused\ndata: {"a":1}\r\n\r\ndata: one\ndata: two\n\n';
const EVENTS = [
  { id: "7", type: "job.paused", data: '{"a":1}' },
  { id: "7", type: "message", data: "one\ntwo" },
];

test("messages are the same for every cut of the text", () => {
  for (let cut = 0; cut <= STREAM.length; cut += 1) {
    const parse = createEventParser("");

    const events = [...parse(STREAM.slice(0, cut)), ...parse(STREAM.slice(cut))];

    expect(events).toEqual(EVENTS);
  }
});

test("a message that has not ended is not told", () => {
  expect(createEventParser("3")("data: half\n")).toEqual([]);
});
