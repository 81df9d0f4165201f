import { expect, test } from "vitest";
import { aJob } from "../../test/support/a-job.ts";
import { fractionOf } from "./job.ts";

const WHOLE = { bytesRead: 10_000, bytesTotal: 10_000 };

test("what is read whole is done when it has succeeded, and stays so when it is undone", () => {
  expect(fractionOf(aJob({ progress: WHOLE }))).toBeLessThan(1);
  expect(fractionOf(aJob({ state: "failed", progress: WHOLE }))).toBeLessThan(1);
  expect(fractionOf(aJob({ state: "succeeded", progress: WHOLE }))).toBe(1);
  expect(fractionOf(aJob({ state: "undone", progress: WHOLE }))).toBe(1);
  expect(fractionOf(aJob({ state: "undone", progress: { ...WHOLE, bytesRead: 2_500 } }))).toBe(
    0.25,
  );
});
