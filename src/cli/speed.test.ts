import { expect, test } from "vitest";
import { aJobView } from "../../test/support/a-job-view.ts";
import { exportRequestOf } from "./export-request.ts";
import { exportCommand } from "./commands/export.ts";
import { importCommand } from "./commands/import.ts";
import { decisionsOf } from "./import-request.ts";
import { parseWords } from "./parse-arguments.ts";
import { fasterThan, slowerThan, speedOf } from "./speed.ts";

function speed(...words: string[]): ReturnType<typeof speedOf> {
  return speedOf(parseWords(["people.csv", ...words], importCommand).flags);
}

test.each([
  ["5000/s", 5_000],
  ["5000", 5_000],
  ["1/s", 1],
  ["10000000", 10_000_000],
])("--speed %s is %d rows a second", (text, maxRecordsPerSecond) => {
  expect(speed("--speed", text)).toEqual({ maxRecordsPerSecond });
});

test("without the flag nothing is asked for", () => {
  expect(speed()).toEqual({});
});

test.each(["0", "10000001", "5000/m", "fast", "1.5/s"])("--speed %s is refused", (text) => {
  expect(() => speed("--speed", text)).toThrow("Expected --speed to be rows a second");
});

test("imports and exports send it", async () => {
  const imported = decisionsOf(parseWords(["a.csv", "--speed", "7/s"], importCommand).flags);
  const flags = parseWords(["people", "--speed", "7/s"], exportCommand).flags;

  expect(imported).toEqual({ maxRecordsPerSecond: 7 });
  expect(await exportRequestOf("people", flags)).toEqual({
    table: "people",
    maxRecordsPerSecond: 7,
  });
});

test.each([
  [5_000, 10_000],
  [3_000, 5_000],
  [1_000_000, null],
  [null, null],
])("faster than %s is %s", (maxRecordsPerSecond, wanted) => {
  expect(fasterThan(aJobView({ maxRecordsPerSecond }))).toBe(wanted);
});

test.each([
  [5_000, 2_000],
  [3_000, 2_000],
  [1, 1],
])("slower than %s is %s", (maxRecordsPerSecond, wanted) => {
  expect(slowerThan(aJobView({ maxRecordsPerSecond }))).toBe(wanted);
});

test("slower than full speed is slower than the rate so far", () => {
  expect(slowerThan(aJobView({ progress: { recordsPerSecond: 21_480 } }))).toBe(20_000);
  expect(slowerThan(aJobView({ progress: { recordsPerSecond: null } }))).toBe(1_000_000);
});
