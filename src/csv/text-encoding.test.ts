import { describe, expect, it } from "vitest";
import { findEncoding } from "./text-encoding.ts";

function find(bytes: Uint8Array | readonly number[], declared?: string, isWhole = true) {
  return findEncoding({ bytes: Uint8Array.from(bytes), isWhole }, declared);
}

/** The encoding and the length of its mark: `utf-8 3`. */
function check(...args: Parameters<typeof find>): string {
  const { encoding, markLength } = find(...args);
  return `${encoding} ${markLength}`;
}

const text = (value: string): Uint8Array => new TextEncoder().encode(value);

describe("findEncoding", () => {
  it("strips exactly one byte order mark", () => {
    expect(check(text("\uFEFFa"))).toBe("utf-8 3");
    expect(check(text("\uFEFF\uFEFFa"))).toBe("utf-8 3");
    expect(check(text("a\uFEFF"))).toBe("utf-8 0");
  });

  it.each([
    ["utf-8", "utf-8"],
    ["UTF-8", "utf-8"],
    ["utf8", "utf-8"],
    ["cp65001", "utf-8"],
    ["UTF-16LE", "utf-16le"],
    ["latin1", "iso-8859-1"],
    ["ISO-8859-15", "iso-8859-15"],
    ["Windows-1252", "windows-1252"],
    ["cp1252", "cp1252"],
    ["Shift_JIS", "shift_jis"],
    ["GBK", "gb18030"],
    ["cp949", "cp949"],
    ["KOI8-R", "koi8-r"],
  ])("takes the declared %s as %s", (name, encoding) => {
    expect(check(text("a"), name)).toBe(`${encoding} 0`);
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
  ])("refuses the byte order mark of %s, also over a declared encoding", (encoding, bytes) => {
    const refusal = expect.objectContaining({
      code: "unsupported_encoding",
      details: { encoding },
    });

    expect(() => check(bytes)).toThrow(refusal);
    expect(() => check(bytes, "utf-8")).toThrow(refusal);
  });

  it("lets a mark win over a declared encoding", () => {
    expect(check(text("\uFEFFa"), "latin1")).toBe("utf-8 3");
    expect(check([0xff, 0xfe, 0x61, 0], "utf-8")).toBe("utf-16le 2");
    expect(check([0xfe, 0xff, 0, 0x61])).toBe("utf-16be 2");
  });

  it.each(["iso-2022-jp", "utf-7", "hz", "utf-32le", "ebcdic", "cp37", "iso-8859-12", "base64"])(
    "refuses the declared encoding %s, which it does not read",
    (name) => {
      expect(() => check(text("a"), name)).toThrow(
        expect.objectContaining({ code: "unsupported_encoding", details: { encoding: name } }),
      );
    },
  );

  it.each([
    ["utf-16le", 0],
    ["utf-16be", 1],
  ])("recognizes %s without a mark by its zero bytes", (proposal, shift) => {
    const bytes = Array.from("name,città\n1,Rome\n").flatMap((character) => {
      const pair = [character.charCodeAt(0), 0];
      return shift === 0 ? pair : pair.toReversed();
    });

    expect(() => check(bytes)).toThrow(
      expect.objectContaining({
        code: "encoding_required",
        details: expect.objectContaining({ proposal }),
      }),
    );
  });

  it("does not take a few zero bytes for UTF-16", () => {
    expect(check(text("a,b\0\n1,2\n3,4\n"))).toBe("utf-8 0");
  });

  it("refuses undeclared bytes that are not UTF-8, with the first one and a proposal", () => {
    expect(() => check([0x61, 0x0d, 0x0a, 0x61, 0x0d, 0xe9, 0x0a])).toThrow(
      expect.objectContaining({
        code: "encoding_required",
        message: expect.stringContaining("byte E9 at offset 5 (line 3)"),
        details: { byte: 5, line: 3, proposal: "windows-1252" },
      }),
    );
  });

  it("refuses ISO-8859 for what is UTF-8 and would become control characters", () => {
    expect(() => check(text("id,name\n1,中国人\n"), "latin1")).toThrow(
      expect.objectContaining({
        code: "encoding_required",
        message: expect.stringContaining("byte 9B at offset 14 (line 2)"),
        details: { byte: 14, line: 2, proposal: "utf-8" },
      }),
    );
  });

  it("reads as ISO-8859 what only might be UTF-8, and what has control characters but is not UTF-8", () => {
    expect(check(text("1,café"), "latin1")).toBe("iso-8859-1 0");
    expect(check([0x61, 0x85, 0xe9, 0x0a], "latin1")).toBe("iso-8859-1 0");
  });

  it("leaves wrong bytes to the records when UTF-8 is declared", () => {
    expect(check([0x61, 0xe9, 0x0a], "utf-8")).toBe("utf-8 0");
  });

  it("forgives a character that the end of the sample cuts, but not the end of the file", () => {
    expect(check([0x61, 0xe2, 0x82], undefined, false)).toBe("utf-8 0");
    expect(() => check([0x61, 0xe2, 0x82])).toThrow(
      expect.objectContaining({ code: "encoding_required" }),
    );
  });

  it.each([
    ["shift_jis", "8393815b83558365"],
    ["gb18030", "81308130d6d0"],
    ["windows-1252", "810a8d8f"],
  ])("proposes %s where the bytes are not windows-1252, or nothing fits", (proposal, hex) => {
    expect(() => check(Buffer.from(hex, "hex"))).toThrow(
      expect.objectContaining({ details: expect.objectContaining({ proposal }) }),
    );
  });

  it("refuses bytes that are no text in any encoding", () => {
    expect(() => check([0x8b, 0xff, 0x01, 0x02, 0x61])).toThrow(
      expect.objectContaining({ code: "unsupported_format" }),
    );
  });
});
