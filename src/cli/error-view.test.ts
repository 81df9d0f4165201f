import { expect, test } from "vitest";
import { SluiceApiError } from "../client/index.ts";
import type { ErrorCode } from "../core/error-table.ts";
import { SluiceError } from "../core/errors.ts";
import { errorView } from "./error-view.ts";

test.each([
  ["/table", "--table"],
  ["/maxRejected", "--max-rejected"],
  ["/columns/Full Name", "--map"],
  ["/types", "--types"],
  ["/reading/skipLines", "--skip-lines"],
  ["/reading/nullValues/0", "--null-values"],
  ["?limit", "--limit"],
  ["/file", "FILE"],
])("the field %s is called %s, told once, and is wrong usage", (pointer, name) => {
  const error = new SluiceApiError("invalid_request", `${pointer}: Expected text, got 7.`, {
    status: 422,
    errors: [{ pointer, detail: "Expected text, got 7." }],
  });

  expect(errorView(error)).toEqual({
    code: "invalid_request",
    message: `${name}: Expected text, got 7.`,
    advice: null,
    exitCode: 2,
  });
});

test("every wrong field has a line", () => {
  const error = new SluiceApiError("invalid_request", "/table: A. (and 1 more)", {
    status: 422,
    errors: [
      { pointer: "/table", detail: "A." },
      { pointer: "", detail: "B." },
    ],
  });

  expect(errorView(error).message).toBe("--table: A.\nB.");
});

test.each<[ErrorCode, string]>([
  ["column_unmapped", '--map "Header="'],
  ["column_not_writable", '--map "Header="'],
  ["table_exists", "--mode append"],
  ["encoding_required", "--encoding NAME"],
])("the advice for %s names %s", (code, flag) => {
  expect(errorView(new SluiceError(code, "What happened.")).advice).toContain(flag);
});

test.each<[ErrorCode, string]>([
  ["usage", "There is no file people.csv."],
  ["usage", "3 jobs begin with job_01."],
  ["transition_not_allowed", "The job has failed: it cannot be paused. Possible: resume, undo."],
  ["not_found", "No job begins with job_zzz. `sluice jobs` lists the jobs."],
])("%s has no advice beyond its message", (code, message) => {
  expect(errorView(new SluiceError(code, message)).advice).toBeNull();
});

test("what is no error of Sluice is told as unexpected", () => {
  expect(errorView(new TypeError("x is undefined"))).toMatchObject({
    code: "internal",
    exitCode: 1,
  });
});
