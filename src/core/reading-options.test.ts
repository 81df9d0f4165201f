import { expect, it } from "vitest";
import { decideReading } from "./reading-options.ts";

it("fills in the defaults and leaves out what is detected", () => {
  expect(decideReading({ delimiter: ";", encoding: "cp932" })).toEqual({
    header: true,
    skipLines: 0,
    trim: false,
    nullValues: [],
    blankLines: "skip",
    shortRecords: "reject",
    longRecords: "reject",
    nul: "reject",
    brokenQuotes: "reject",
    maxFieldBytes: 1_048_576,
    maxRecordBytes: 16_777_216,
    maxInflatedBytes: 68_719_476_736,
    maxInflateRatio: 250,
  });
});

it("keeps what is given", () => {
  const given = { header: false, nullValues: ["-"], blankLines: "null", maxFieldBytes: 5 } as const;

  expect(decideReading(given)).toMatchObject(given);
});
