import { expect, test } from "vitest";
import { tooManyRejected } from "./errors.ts";

test.each([
  [1, "1 row was rejected, the limit is 0."],
  [13, "13 rows were rejected, the limit is 0."],
])("%d rejected rows over the limit are told in a sentence", (rejected, sentence) => {
  expect(tooManyRejected(rejected, { allowed: 0, said: 0 }).message).toContain(sentence);
});
