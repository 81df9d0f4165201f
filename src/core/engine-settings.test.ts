import { expect, test } from "vitest";
import { ENGINE_DEFAULTS, leastPartBytesAt } from "./engine-settings.ts";

test("the parts of a file that arrives begin small and grow with what is before them", () => {
  const sizes = [0, 4e6, 64e6, 1e9, 1e12].map((from) => leastPartBytesAt(ENGINE_DEFAULTS, from));

  expect(sizes).toEqual([262_144, 262_144, 2_000_000, 31_250_000, 134_217_728]);
});

test("a file that arrives in drops has some hundred parts", () => {
  let parts = 0;
  for (let at = 0; at < 8e9; at += leastPartBytesAt(ENGINE_DEFAULTS, at)) parts += 1;

  expect(parts).toBeLessThan(300);
});
