import { describe, expect, it } from "vitest";
import { checkEncoding } from "./text-encoding.ts";

function check(bytes: Uint8Array | readonly number[], declared?: string, isWhole = true): number {
  return checkEncoding({ bytes: Uint8Array.from(bytes), isWhole }, declared);
}

const text = (value: string): Uint8Array => new TextEncoder().encode(value);

describe("checkEncoding", () => {
  it("strips exactly one byte order mark", () => {
    expect(check(text("\uFEFFa"))).toBe(3);
    expect(check(text("\uFEFF\uFEFFa"))).toBe(3);
    expect(check(text("a\uFEFF"))).toBe(0);
  });

  it("takes UTF-8 by any of its names", () => {
    for (const name of ["utf-8", "UTF-8", "utf8"]) expect(check(text("é"), name)).toBe(0);
  });

  it.each([
    ["no bytes", []],
    ["a byte order mark alone", [0xef, 0xbb, 0xbf]],
  ])("refuses %s as empty", (_, bytes) => {
    expect(() => check(bytes)).toThrow(expect.objectContaining({ code: "empty_file" }));
  });

  it.each([
    ["utf-32le", [0xff, 0xfe, 0, 0, 0x61, 0, 0, 0]],
    ["utf-32be", [0, 0, 0xfe, 0xff, 0, 0, 0, 0x61]],
    ["utf-16le", [0xff, 0xfe, 0x61, 0]],
    ["utf-16be", [0xfe, 0xff, 0, 0x61]],
  ])("refuses the byte order mark of %s, also over a declared encoding", (encoding, bytes) => {
    const refusal = expect.objectContaining({
      code: "unsupported_encoding",
      details: { encoding },
    });

    expect(() => check(bytes)).toThrow(refusal);
    expect(() => check(bytes, "utf-8")).toThrow(refusal);
  });

  it("lets the mark of UTF-8 win over a declared encoding", () => {
    expect(check(text("\uFEFFa"), "latin1")).toBe(3);
  });

  it("refuses a declared encoding that it does not read", () => {
    expect(() => check(text("a"), "windows-1252")).toThrow(
      "The request declares windows-1252, which is not read. Save the file as UTF-8.",
    );
  });

  it.each([
    ["utf-16le", 0],
    ["utf-16be", 1],
  ])("recognizes %s without a mark by its zero bytes", (proposal, shift) => {
    const bytes = Array.from("name,città\n1,Rome\n").flatMap((character) => {
      const pair = [character.charCodeAt(0), 0];
      return shift === 0 ? pair : pair.toReversed();
    });

    expect(() => check(bytes)).toThrow(
      expect.objectContaining({ code: "encoding_required", details: { proposal } }),
    );
  });

  it("does not take a few zero bytes for UTF-16", () => {
    expect(check(text("a,b\0\n1,2\n3,4\n"))).toBe(0);
  });

  it("refuses undeclared bytes that are not UTF-8, with the first one and a proposal", () => {
    expect(() => check([0x61, 0x2c, 0xe9, 0x0a])).toThrow(
      expect.objectContaining({
        code: "encoding_required",
        message: expect.stringContaining("byte E9 at offset 2"),
        details: { byte: 2, proposal: "windows-1252" },
      }),
    );
  });

  it("leaves wrong bytes to the records when UTF-8 is declared", () => {
    expect(check([0x61, 0xe9, 0x0a], "utf-8")).toBe(0);
  });

  it("forgives a character that the end of the sample cuts, but not the end of the file", () => {
    expect(check([0x61, 0xe2, 0x82], undefined, false)).toBe(0);
    expect(() => check([0x61, 0xe2, 0x82])).toThrow(
      expect.objectContaining({ code: "encoding_required" }),
    );
  });
});
