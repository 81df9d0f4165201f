import { expect, test } from "vitest";
import { z } from "@hono/zod-openapi";
import { createJobBodySchema } from "./schemas/create-job.ts";
import { jobListQuerySchema } from "./schemas/job-request.ts";
import { JOB_STATE_NAMES } from "../core/job-state.ts";
import { fieldErrorsOf, type RequestPart } from "./field-errors.ts";

const FILE = "file_01m84qvm34fc7rq4ee6xdwhyxw";

function detailsOf(part: RequestPart, schema: z.ZodType, data: unknown): string[] {
  const { error } = schema.safeParse(data);
  if (!error) throw new Error("Expected a value that does not fit.");
  return fieldErrorsOf(part, error, data).map(({ pointer, detail }) => `${pointer} ${detail}`);
}

test.each([
  [{ table: "" }, '/table Expected text of at least 1 character, got "".'],
  [{ table: 7 }, "/table Expected text, got 7."],
  [{ mode: "merge" }, '/mode Expected one of create, append, upsert, replace, got "merge".'],
  [{ kind: "upsert" }, '/kind Expected one of import, export, process, got "upsert".'],
  [{ file: undefined }, "/file Expected text, got nothing."],
  [{ file: "x" }, "/file Expected file_ and 26 characters."],
  [{ maxRejected: -1 }, "/maxRejected Expected a number of at least 0, got -1."],
  [{ maxRejected: 1.5 }, "/maxRejected Expected a whole number, or a percentage like 5%."],
  [{ startPaused: "yes" }, '/startPaused Expected true or false, got "yes".'],
  [{ columns: [] }, "/columns Expected an object, got a list."],
  [
    { columns: { "": "a" } },
    '/columns/ Expected a name that is text of at least 1 character, got "".',
  ],
  [
    { reading: { quote: "''" } },
    "/reading/quote Expected text of exactly 1 character, got \"''\".",
  ],
])("a body with %j is told in a sentence", (extra, detail) => {
  const body = { kind: "import", file: FILE, ...extra };

  expect(detailsOf("json", createJobBodySchema, body)[0]).toBe(detail);
});

test.each([
  [{ limit: "many" }, '?limit Expected a number, got "many".'],
  [{ limit: "0" }, '?limit Expected a number of at least 1, got "0".'],
  [{ limit: "999" }, '?limit Expected a number of at most 200, got "999".'],
  [{ state: "queued,gone" }, `?state Expected one of ${JOB_STATE_NAMES.join(", ")}, got "gone".`],
])("a query with %j is told in a sentence", (query, detail) => {
  expect(detailsOf("query", jobListQuerySchema, query)).toEqual([detail]);
});

test("a long value is cut", () => {
  const [detail] = detailsOf("json", z.strictObject({ a: z.int() }), { a: "x".repeat(5000) });

  expect(detail?.length).toBeLessThan(150);
});
