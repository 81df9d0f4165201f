import { describe, expect, test } from "vitest";
import { ERRORS, type ErrorCode } from "../core/error-table.ts";
import { SluiceError } from "../core/errors.ts";
import { errorHeaders, problemOf, toSluiceError } from "./problem-details.ts";
import { problemSchema } from "./schemas/problem.ts";

const CODES = Object.keys(ERRORS) as ErrorCode[]; // keys of a const object
const SECRET = "/srv/sluice/files: password=hunter2";

describe("an error as problem details", () => {
  test.each(CODES)("%s has the declared shape", (code) => {
    const problem = problemOf(new SluiceError(code, "Why."), "/v1/jobs", "req_1");

    expect(problemSchema.safeParse(problem).error).toBeUndefined();
    expect(problem.type).toBe(`/docs/errors/${code}`);
  });

  test.each(CODES.filter((code) => ERRORS[code].status >= 500 && !("isSaid" in ERRORS[code])))(
    "%s says nothing of the inside",
    (code) => {
      const error = new SluiceError(code, SECRET, {
        details: { path: SECRET },
        cause: new Error(SECRET),
      });

      expect(JSON.stringify(problemOf(error, "/v1/jobs", "req_1"))).not.toContain("hunter2");
    },
  );

  test("names the session that holds a lock, because the reader has to end it", () => {
    const error = new SluiceError("lock_timeout", "Waited 10 s for a lock held by 4711 (psql).");

    expect(problemOf(error, "/v1/jobs", "req_1").detail).toContain("4711 (psql)");
  });

  test("carries the facts of a client's mistake, which cannot replace its own fields", () => {
    const error = new SluiceError("transition_not_allowed", "It succeeded.", {
      details: { state: "succeeded", actions: [], status: 200, code: "fine" },
    });

    expect(problemOf(error, "/v1/jobs/x/pause", "req_1")).toMatchObject({
      status: 409,
      code: "transition_not_allowed",
      state: "succeeded",
      actions: [],
    });
  });

  test("lets a client try again after a passing error only", () => {
    const codes = ["database_unavailable", "shutting_down", "internal", "not_found"] as const;

    const headers = codes.map((code) => errorHeaders(new SluiceError(code, "")));

    expect(headers).toEqual([{ "Retry-After": "2" }, { "Retry-After": "2" }, {}, {}]);
  });
});

test("a value that is no error of Sluice is internal, with itself as cause", () => {
  const thrown = new TypeError(SECRET);

  expect(toSluiceError(thrown)).toMatchObject({ code: "internal", cause: thrown });
});
