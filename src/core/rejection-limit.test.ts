import { describe, expect, it } from "vitest";
import { decideReading } from "./reading-options.ts";
import { mostRecordsIn, PERCENTAGE, rejectionLimit } from "./rejection-limit.ts";

describe("the limit of rejections", () => {
  it.each([
    [10, 1_000_000, 10],
    [0, 5, 0],
    ["5%", 100, 5],
    ["5%", 119, 5],
    ["5%", 120, 6],
    ["0%", 100, 0],
    ["100%", 7, 7],
    ["0.1%", 1000, 1],
    ["0.3%", 1000, 3],
    ["29%", 100, 29],
    ["5%", 0, 0],
  ])("of %s among %i records is %i", (max, records, allowed) => {
    expect(rejectionLimit(max, records)).toEqual({ allowed, said: max });
  });

  it.each(["5", "101%", "-1%", "5 %", "%", "5%%", "1e1%"])("is no percentage: %j", (text) => {
    expect(PERCENTAGE.test(text)).toBe(false);
  });
});

describe("the most records that bytes can hold", () => {
  const dialect = { delimiter: 0x2c, quote: 0x22, escape: 0x22 };

  it.each([
    [3, {}, 9, 4], // ,,⏎,,⏎,,⏎ and one more that the count rounds up to
    [1, {}, 9, 5],
    [1, { blankLines: "null" as const }, 9, 10],
    [3, { shortRecords: "pad" as const }, 9, 5],
  ])("of width %i with %j", (width, reading, bytes, most) => {
    expect(mostRecordsIn({ width, dialect, reading: decideReading(reading) }, bytes)).toBe(most);
  });
});
