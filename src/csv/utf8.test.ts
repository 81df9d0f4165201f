import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { countCharacters, findInvalidUtf8, wholeCharactersEnd } from "./utf8.ts";

const STRICT = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** A span that is checked as one, of whole characters. */
const LONG = new TextEncoder().encode("naïve 日本 🙂 ".repeat(40));

function isValid(bytes: Uint8Array): boolean {
  try {
    STRICT.decode(bytes);
    return true;
  } catch {
    return false;
  }
}

describe("findInvalidUtf8", () => {
  it.each([
    ["a lone continuation byte", [0x61, 0x80], 1],
    ["an overlong slash", [0xc0, 0xaf], 0],
    ["an overlong three-byte form", [0x61, 0xe0, 0x80, 0x80], 1],
    ["an overlong four-byte form", [0xf0, 0x80, 0x80, 0x80], 0],
    ["a lone surrogate", [0xed, 0xa0, 0x80], 0],
    ["a character past U+10FFFF", [0xf4, 0x90, 0x80, 0x80], 0],
    ["a byte that UTF-8 never uses", [0x61, 0x62, 0xff], 2],
    ["a character that is cut at the end", [0xc3, 0xa9, 0xe2, 0x82], 2],
  ])("finds %s", (_, bytes, at) => {
    const long = new Uint8Array([...LONG, ...bytes]);

    expect(findInvalidUtf8(new Uint8Array(bytes), 0, bytes.length)).toBe(at);
    expect(findInvalidUtf8(long, 0, long.length)).toBe(LONG.length + at);
    expect(findInvalidUtf8(long, 0, LONG.length)).toBe(-1);
  });

  it("looks at nothing outside the span", () => {
    expect(findInvalidUtf8(new Uint8Array([0xff, 0x61, 0xc3, 0xa9, 0xff]), 1, 4)).toBe(-1);
  });

  it("agrees with the platform's decoder on any bytes", () => {
    const lead = fc.constantFrom(
      0x7f,
      0x80,
      0x9f,
      0xa0,
      0xbf,
      0xc1,
      0xc2,
      0xdf,
      0xe0,
      0xed,
      0xef,
      0xf0,
      0xf4,
      0xf5,
    );
    fc.assert(
      fc.property(
        fc.array(fc.oneof(lead, fc.integer({ min: 0, max: 255 })), { maxLength: 6 }),
        (list) => {
          const bytes = new Uint8Array(list);
          const at = findInvalidUtf8(bytes, 0, bytes.length);

          expect(at < 0).toBe(isValid(bytes));
          if (at >= 0) expect(isValid(bytes.subarray(0, at))).toBe(true);
        },
      ),
      { numRuns: 3000 },
    );
  });
});

describe("wholeCharactersEnd", () => {
  it("takes back only a character that a cut left unfinished", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary", maxLength: 10 }), fc.nat(40), (text, cut) => {
        const bytes = new TextEncoder().encode(text);
        const end = Math.min(cut, bytes.length);
        const whole = wholeCharactersEnd(bytes, end);

        expect(isValid(bytes.subarray(0, whole))).toBe(true);
        expect(end - whole).toBeLessThan(4);
        if (isValid(bytes.subarray(0, end))) expect(whole).toBe(end);
      }),
    );
  });
});

describe("countCharacters", () => {
  it("counts code points", () => {
    const bytes = new TextEncoder().encode("aé日👍");

    expect(countCharacters(bytes, 0, bytes.length)).toBe(4);
  });
});
