import { expect, test } from "vitest";
import type { Inspection } from "../../api/types.ts";
import { checkedText } from "./check-summary.tsx";

function checked(isWhole: boolean, recordsRejected: number): Inspection {
  return {
    survey: { isWhole, recordsRead: 1200, recordsRejected },
    warnings: [
      { code: "header_renamed", message: "Two columns have one header." },
      { code: "words_for_null", message: "NULL may mean no value." },
    ],
  } as unknown as Inspection; // the fields that are told
}

test("those who do not see the page hear once what came of the check and what looks wrong", () => {
  expect(checkedText(checked(false, 3))).toBeNull();
  expect(checkedText(checked(true, 3))).toBe(
    "The check is done: 3 of 1,200 rows would be rejected. NULL may mean no value.",
  );
  expect(checkedText(checked(true, 0))).toMatch(/^The check is done: none of 1,200 rows would/);
});
