import { expect, test } from "vitest";
import {
  formatAgo,
  formatBytes,
  formatCount,
  formatCounted,
  formatDuration,
  formatHash,
  formatPercent,
  formatTimeLeft,
  shortId,
} from "./format.ts";

test.each([
  [0, "0"],
  [999, "999"],
  [1000, "1,000"],
  [1_234_567, "1,234,567"],
  [21_480.7, "21,480"],
])("%d is written %s", (count, text) => {
  expect(formatCount(count)).toBe(text);
});

test("one is told apart from many", () => {
  expect([
    formatCounted(1, "row"),
    formatCounted(0, "row"),
    formatCounted(2, "entry", "entries"),
  ]).toEqual(["1 row", "0 rows", "2 entries"]);
});

test.each([
  [1, "1 byte"],
  [999, "999 bytes"],
  [1000, "1 kB"],
  [89_548_392, "89.5 MB"],
  [120_783_734, "121 MB"],
  [999_960, "1 MB"],
  [100_000_000_000, "100 GB"],
])("%d bytes are %s", (bytes, text) => {
  expect(formatBytes(bytes)).toBe(text);
});

test.each([
  [0.84, "0.8 s"],
  [46.2, "46 s"],
  [125, "2 min 5 s"],
  [3600, "1 h"],
  [11_040, "3 h 4 min"],
  [183_600, "2 d 3 h"],
])("%d seconds are %s", (seconds, text) => {
  expect(formatDuration(seconds)).toBe(text);
});

test.each([
  [0, "1 s ago"],
  [24, "24 s ago"],
  [190, "3 min ago"],
  [7200, "2 h ago"],
  [90_000, "yesterday"],
  [260_000, "3 days ago"],
])("%d seconds back is %s", (seconds, text) => {
  expect(formatAgo(1_000_000_000, 1_000_000_000 + seconds * 1000)).toBe(text);
});

test.each([
  [0.4, "about 1 s"],
  [7, "about 7 s"],
  [23, "about 25 s"],
  [58, "about 1 min"],
  [3599, "about 1 h"],
  [12_000, "about 3 h 20 min"],
])("%d seconds left are told as %s", (seconds, text) => {
  expect(formatTimeLeft(seconds)).toBe(text);
});

test("a percentage is rounded down, so that 100% is said only of a whole", () => {
  expect([formatPercent(0.9999), formatPercent(1), formatPercent(0.482)]).toEqual([
    "99%",
    "100%",
    "48%",
  ]);
});

test("a hash is shown by its ends", () => {
  expect(formatHash(`9f2c${"0".repeat(58)}e1`)).toBe("9f2c…e1");
});

test("a short id holds the millisecond of the creation, and is longer where another job shares it", () => {
  const id = "job_01m84qvwcgffer2s6r76fqcz25";

  expect(shortId(id, [id])).toBe("job_01m84qvwcgff");
  expect(shortId(id, [id, "job_01m84qvwch0000000000000000"])).toBe("job_01m84qvwcgff");
  expect(shortId(id, [id, "job_01m84qvwcgff00000000000000"])).toBe("job_01m84qvwcgffe");
});
