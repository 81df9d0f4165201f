import { expect, test } from "vitest";
import { keptReasonsOf } from "./kept-reasons.ts";

test("records are counted by their reason, the most frequent first", () => {
  const kept = [
    { record: 9, reason: "gone" },
    { record: 7, reason: "has members" },
    { record: 8, reason: "gone" },
    { record: 3, reason: "locked" },
  ];

  expect(keptReasonsOf(kept)).toEqual([
    { reason: "gone", records: 2, firstRecord: 8 },
    { reason: "locked", records: 1, firstRecord: 3 },
    { reason: "has members", records: 1, firstRecord: 7 },
  ]);
  expect(keptReasonsOf([])).toEqual([]);
});

test("of more than twenty reasons the first twenty are told", () => {
  const kept = Array.from({ length: 30 }, (_, at) => ({ record: at + 1, reason: `no. ${at + 1}` }));

  const reasons = keptReasonsOf(kept);

  expect(reasons.map(({ firstRecord }) => firstRecord)).toEqual(
    Array.from({ length: 20 }, (_, at) => at + 1),
  );
});
