import { expect, test } from "vitest";
import {
  ENGINE_DEFAULTS,
  evenChunkBytes,
  leastPartBytesAt,
  partBytesAt,
} from "./engine-settings.ts";

test("the parts of a file that arrives begin small and grow with what is before them", () => {
  const sizes = [0, 4e6, 64e6, 1e9, 1e12].map((from) => leastPartBytesAt(ENGINE_DEFAULTS, from));

  expect(sizes).toEqual([262_144, 262_144, 2_000_000, 31_250_000, 134_217_728]);
});

test("a file that arrives in drops has some hundred parts", () => {
  let parts = 0;
  for (let at = 0; at < 8e9; at += leastPartBytesAt(ENGINE_DEFAULTS, at)) parts += 1;

  expect(parts).toBeLessThan(300);
});

function partsOf(fileBytes: number, lanes: number): number[] {
  const settings = { ...ENGINE_DEFAULTS, partsAhead: Math.ceil(1.5 * lanes) };
  const sizes: number[] = [];
  for (let at = 0; at < fileBytes;) {
    const size = Math.min(partBytesAt(settings, at, fileBytes), fileBytes - at);
    sizes.push(size);
    at += size;
  }
  return sizes;
}

test("the parts of a file begin small, are few, and end small", () => {
  const sizes = partsOf(150e6, 2);
  const least = ENGINE_DEFAULTS.minPartBytes;

  expect(sizes.slice(0, 3)).toEqual([least, least, 2 * least]);
  expect(sizes.length).toBeLessThan(16);
  expect(Math.max(...sizes)).toBeGreaterThan(20e6);
  expect(sizes.at(-2)).toBe(least);
});

test("a large file has parts for many lanes, and none that is too large", () => {
  const sizes = partsOf(5e9, 24);

  expect(sizes.length).toBeGreaterThan(48);
  expect(Math.max(...sizes)).toBeLessThanOrEqual(ENGINE_DEFAULTS.maxPartBytes);
});

test.each([
  [4, 3, 3],
  [4, 5, 5],
  [4, 6, 3],
  [4, 9, 5],
  [4, 400, 4],
  [4, 0, 4],
])("a chunk of %i where %i is left holds %i", (wanted, left, chunk) => {
  expect(evenChunkBytes(wanted, left)).toBe(chunk);
});
