import { expect, it } from "vitest";
import { refuseTooMuch } from "./inflate-limits.ts";

const MIB = 1024 * 1024;
const LIMITS = { maxInflatedBytes: 100 * MIB, maxInflateRatio: 10 };

it.each([
  ["a short file of any ratio", 16 * MIB - 1, 1],
  ["exactly the ratio", 20 * MIB, 2 * MIB],
  ["exactly the size", 100 * MIB, 50 * MIB],
])("lets %s pass", (_, inflated, packed) => {
  expect(() => refuseTooMuch(inflated, packed, LIMITS)).not.toThrow();
});

it.each([
  ["a ratio above the limit", 16 * MIB, MIB, "10 times its own size"],
  ["a size above the limit", 100 * MIB + 1, 50 * MIB, "104,857,600 bytes"],
])("refuses %s", (_, inflated, packed, limit) => {
  expect(() => refuseTooMuch(inflated, packed, LIMITS)).toThrow(
    expect.objectContaining({
      code: "inflate_limit",
      message: expect.stringContaining(limit),
      details: { inflatedBytes: inflated, packedBytes: packed },
    }),
  );
});
