import { describe, expect, test } from "vitest";
import { batchAt, batchKeyOf, halvesOf, resultHead } from "./process-plan.ts";

const row = (firstRecord: number, lastRecord: number, isSplit = false) => ({
  firstRecord,
  lastRecord,
  isSplit,
});

describe("the batch that comes next", () => {
  test("is any when none was begun", () => {
    expect(batchAt([], 11)).toBeNull();
  });

  test("is the one that was begun, with its records", () => {
    expect(batchAt([row(11, 20)], 11)).toEqual({ firstRecord: 11, lastRecord: 20 });
  });

  test.each([
    [11, 11, 15],
    [16, 16, 20],
  ])("at record %d of a halved one is its half", (record, firstRecord, lastRecord) => {
    expect(batchAt([row(11, 20, true)], record)).toEqual({ firstRecord, lastRecord });
  });

  test("is a half of a half, whether or not that was begun", () => {
    const begun = [row(11, 20, true), row(16, 20, true)];
    expect(batchAt(begun, 16)).toEqual({ firstRecord: 16, lastRecord: 18 });
    expect(batchAt([...begun, row(16, 18, true)], 18)).toEqual({ firstRecord: 18, lastRecord: 18 });
  });
});

test("halves are whole and follow each other, down to one record", () => {
  const leaves = (first: number, last: number): readonly number[] => {
    if (first === last) return [first];
    const [left, right] = halvesOf({ firstRecord: first, lastRecord: last });
    return [
      ...leaves(left.firstRecord, left.lastRecord),
      ...leaves(right.firstRecord, right.lastRecord),
    ];
  };
  expect(leaves(5, 17)).toEqual(Array.from({ length: 13 }, (_, at) => at + 5));
});

test("a key names the job and the records", () => {
  expect(batchKeyOf("job_1", { firstRecord: 1, lastRecord: 5 })).toBe("job_1:1-5");
});

test.each([
  [["b", "a"], "b,a\n"],
  [["a,b", 'say "x"', "two\nlines"], '"a,b","say ""x""","two\nlines"\n'],
  [[""], '""\n'],
  [null, ""],
])("the head of a result with the header %j is %j", (outputHeader, head) => {
  expect(new TextDecoder().decode(resultHead({ outputHeader }))).toBe(head);
});
