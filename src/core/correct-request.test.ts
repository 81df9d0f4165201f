import { expect, test } from "vitest";
import { correctRequest } from "./correct-request.ts";
import type { ImportRequest } from "./job.ts";

const REQUEST: ImportRequest = {
  kind: "import",
  file: "file_1",
  table: "people",
  types: { age: "integer", zip: "text" },
  columns: { Notes: null },
  maxRejected: null,
  pauseAfter: 10,
};

test.each([
  ["nothing", {}, { ...REQUEST, maxRejected: undefined }],
  ["a field, whole", { types: { age: "text" } }, { ...REQUEST, types: { age: "text" } }],
  [
    "a field by null",
    { types: null, pauseAfter: null },
    { ...REQUEST, types: undefined, pauseAfter: undefined },
  ],
  ["a field that was absent", { mode: "append" }, { ...REQUEST, mode: "append" }],
] as const)("corrections of %s leave the rest as it was asked for", (_, corrections, expected) => {
  const { maxRejected: _maxRejected, ...present } = expected;

  expect(correctRequest({ request: REQUEST, maxRecordsPerSecond: null }, corrections)).toEqual(
    present,
  );
});

test.each([
  ["the one set last", {}, 7],
  ["the one of the corrections", { maxRecordsPerSecond: 9 }, 9],
  ["full when they say so", { maxRecordsPerSecond: null }, undefined],
])("the speed is %s", (_, corrections, speed) => {
  const job = { request: { ...REQUEST, maxRecordsPerSecond: 5 }, maxRecordsPerSecond: 7 };

  expect(correctRequest(job, corrections).maxRecordsPerSecond).toBe(speed);
});
