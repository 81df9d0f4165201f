import { expect, test } from "vitest";
import { aJobView } from "../../test/support/a-job-view.ts";
import { EXIT, exitCodeOf } from "./exit-codes.ts";
import { exitCodeOfEnd } from "./follow-outcome.ts";

test("exit codes are those of the contract", () => {
  expect(EXIT).toEqual({
    done: 0,
    failed: 1,
    usage: 2,
    rejected: 3,
    denied: 4,
    stopped: 5,
    left: 6,
    unreachable: 75,
    interrupted: 130,
  });
});

test.each([
  ["usage", 2],
  ["invalid_config", 2],
  ["mapping_ambiguous", 2],
  ["unauthenticated", 4],
  ["forbidden", 4],
  ["service_unreachable", 75],
  ["database_unavailable", 75],
  ["table_exists", 1],
  ["a_code_of_a_newer_service", 1],
])("the error %s ends with %d", (code, exit) => {
  expect(exitCodeOf(code)).toBe(exit);
});

test.each([
  ["ended", "succeeded", false, 0],
  ["ended", "succeeded", true, 3],
  ["ended", "failed", true, 1],
  ["ended", "stopped", false, 5],
  ["ended", "undone", false, 5],
  ["left", "paused", false, 6],
  ["left", "running", true, 6],
] as const)("a job that %s %s (strict: %s) ends with %d", (kind, state, isStrict, exit) => {
  expect(exitCodeOfEnd({ kind, job: aJobView({ state }) }, isStrict)).toBe(exit);
});
