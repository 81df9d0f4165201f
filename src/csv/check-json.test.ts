import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { checkJson, isJson } from "./check-json.ts";

function isParsed(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

describe("JSON", () => {
  it("is what JSON.parse takes, whole or damaged", () => {
    const damaged = fc
      .tuple(fc.json(), fc.nat(), fc.nat(3), fc.stringMatching(/^[\]}[{:,"\\u0-9a-e.+-]{0,2}$/))
      .map(([text, at, cut, more]) => {
        const from = at % (text.length + 1);
        return text.slice(0, from) + more + text.slice(from + cut);
      });
    const tokens = fc
      .array(
        fc.constantFrom(
          "[",
          "]",
          "{",
          "}",
          ":",
          ",",
          '"a"',
          "1",
          "-",
          "0",
          ".5",
          "e+1",
          "true",
          " ",
        ),
        { maxLength: 9 },
      )
      .map((each) => each.join(""));
    const text = fc.oneof(fc.json(), damaged, tokens, fc.string());
    fc.assert(
      fc.property(text, (value) => {
        expect([value, isJson(value)]).toEqual([value, isParsed(Buffer.from(value).toString())]);
      }),
      { numRuns: 5000 },
    );
  });

  it.each(["", " ", "01", "1.", "-", "1e", "\uFEFF1", "nul", '"\\u12g4"', '"\t"', "[1,]", "{,}"])(
    "is not %j",
    (text) => {
      expect(isJson(text)).toBe(false);
    },
  );

  it("may be nested as deep as it likes", () => {
    const depth = 100_000;

    expect(isJson("[".repeat(depth) + "]".repeat(depth))).toBe(true);
    expect(isJson("[".repeat(depth) + "]".repeat(depth - 1))).toBe(false);
  });

  it("does not look beyond the end of the span", () => {
    const bytes = new TextEncoder().encode("true]");

    expect(checkJson(bytes, 0, 4)).toBe(null);
    expect(checkJson(bytes, 0, 3)).toBe("invalid_json");
  });
});
