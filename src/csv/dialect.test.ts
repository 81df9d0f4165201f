import { describe, expect, it } from "vitest";
import type { ReadingOptions } from "../core/reading-options.ts";
import { findDialect } from "./dialect.ts";

function find(text: string, reading: ReadingOptions = {}, isWhole = true) {
  const bytes = new TextEncoder().encode(text);
  const { dialect, start } = findDialect({ bytes, isWhole }, 0, reading);
  const shown = [dialect.delimiter, dialect.quote, dialect.escape].map((byte) =>
    String.fromCharCode(byte),
  );
  return { shown: shown.join(" "), start };
}

const delimiterOf = (text: string, isWhole = true): string =>
  find(text, {}, isWhole).shown.charAt(0);

describe("the delimiter", () => {
  it.each([
    ["comma", "a,b\n1,2\n", ","],
    ["semicolon", "a;b;c\n1,5;2;3\n2,5;3;4\n", ";"],
    ["tab", "a\tb\n1\t2\n", "\t"],
    ["pipe", "a|b\n1|2\n", "|"],
    ["comma in a file of one column", "name\nAnn\nBob\n", ","],
    ["comma on a tie", "a,b;c\n1,2;3\n", ","],
    ["semicolon where commas stand inside quotes", 'a;b\n"1,2";"3,4"\n"5,6,7";8\n', ";"],
    ["the steadier one", "a,b,c;x\n1,2;y\n1,2,3,4;z\n", ";"],
    ["comma in an empty file", "", ","],
  ])("is found to be %s", (_, text, delimiter) => {
    expect(delimiterOf(text)).toBe(delimiter);
  });

  it("is judged by whole records only when the sample is cut", () => {
    expect(delimiterOf("a;b\n1;2\n3,4,5", false)).toBe(";");
  });

  it("is judged by the first 100 records", () => {
    expect(delimiterOf("a;b\n".repeat(100) + "a,b,c\n".repeat(500))).toBe(";");
  });

  it("is what is declared, whatever the records show", () => {
    expect(find("a,b\n1,2\n", { delimiter: ";" }).shown).toBe('; " "');
  });
});

describe("a first line sep=", () => {
  it.each([
    ["sep=;\na,b;c\n", 6],
    ["sep=;\r\na,b;c\n", 7],
    ["sep=;\ra,b;c\n", 6],
  ])("sets the delimiter and is no record: %j", (text, byte) => {
    expect(find(text)).toEqual({ shown: '; " "', start: { byte, record: 1, line: 2 } });
  });

  it("is a record when a delimiter is declared", () => {
    expect(find("sep=;\na,b\n", { delimiter: "," }).start).toEqual({ byte: 0, record: 1, line: 1 });
  });

  it.each(["sep=;;\na,b\n", "sep=\na,b\n", "Sep=;\na,b\n", "x\nsep=;\n"])(
    "is nothing special in %j",
    (text) => {
      expect(find(text).start).toEqual({ byte: 0, record: 1, line: 1 });
    },
  );
});

describe("declared quote and escape", () => {
  it("take their place in the dialect", () => {
    expect(find("a,b", { quote: "'" }).shown).toBe(", ' '");
    expect(find("a,b", { escape: "\\" }).shown).toBe(', " \\');
  });

  it.each([
    [{ delimiter: "" }, "reading/delimiter"],
    [{ delimiter: "a\n" }, "reading/delimiter"],
    [{ delimiter: '|"' }, "reading/delimiter"],
    [{ delimiter: "#", comment: "#" }, "reading/delimiter"],
    [{ comment: '"' }, "reading/comment"],
    [{ skipLines: 1 }, "reading/skipLines"],
    [{ quote: "\n" }, "reading/quote"],
    [{ escape: "\0" }, "reading/escape"],
    [{ delimiter: '"' }, "reading/delimiter"],
    [{ delimiter: "\\", escape: "\\" }, "reading/delimiter"],
  ])("are refused in %j", (reading, field) => {
    expect(() => find("a,b", reading)).toThrow(
      expect.objectContaining({
        code: "invalid_request",
        details: { errors: [expect.objectContaining({ pointer: `/${field}` })] },
      }),
    );
  });
});

function dialectOf(delimiter: string) {
  const bytes = new TextEncoder().encode("a");
  return findDialect({ bytes, isWhole: true }, 0, { delimiter }).dialect;
}

describe("a declared delimiter", () => {
  it("may have several characters, or one of several bytes", () => {
    expect(dialectOf("||")).toMatchObject({ delimiter: 0x7c, delimiterRest: [0x7c] });
    expect(dialectOf("§")).toMatchObject({ delimiter: 0xc2, delimiterRest: [0xa7] });
    expect(dialectOf("|")).not.toHaveProperty("delimiterRest");
  });
});

describe("comment and trim", () => {
  it("take their place in the dialect", () => {
    const sample = { bytes: new TextEncoder().encode("#;;\n#;;\na,b\n"), isWhole: true };

    expect(findDialect(sample, 0, { comment: "#", trim: true }).dialect).toEqual({
      delimiter: 0x2c,
      quote: 0x22,
      escape: 0x22,
      comment: 0x23,
      trim: true,
    });
  });
});

describe("lines to skip", () => {
  it.each([
    ['"x\ny\r\na;b', 2, 6],
    ["x\ry\n\na;b", 3, 5],
  ])("are lines of text whatever quotes they have: %j", (text, skipLines, byte) => {
    expect(find(text, { skipLines })).toEqual({
      shown: '; " "',
      start: { byte, record: 1, line: skipLines + 1 },
    });
  });

  it("may end before a line sep=", () => {
    expect(find("x\nsep=;\na;b", { skipLines: 1 }).start).toEqual({ byte: 8, record: 1, line: 3 });
  });

  it("must be in the sample", () => {
    expect(() => find("a\nb", { skipLines: 2 }, false)).toThrow("in its first 3 bytes");
  });
});
