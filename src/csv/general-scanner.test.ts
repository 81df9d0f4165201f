import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Dialect } from "../core/import-plan.ts";
import { recordTexts } from "./field-text.ts";
import { GeneralScanner } from "./general-scanner.ts";
import { RecordScanner } from "./record-scanner.ts";
import { SCAN_OUTCOMES, type Scanner, type ScannerOptions } from "./scanned-record.ts";

const COMMA = { delimiter: 0x2c, quote: 0x22, escape: 0x22 };
const BACKSLASH = { ...COMMA, escape: 0x5c };
const TWO_PIPES = { ...COMMA, delimiter: 0x7c, delimiterRest: [0x7c] };
const COMMA_SPACE = { ...COMMA, delimiterRest: [0x20] };
const COMMENT = { ...COMMA, comment: 0x23 };
const TRIM = { ...COMMA, trim: true } as const;
const OUTCOMES = Object.entries(SCAN_OUTCOMES);

function optionsOf(dialect: Dialect, rest: Partial<ScannerOptions> = {}): ScannerOptions {
  return { dialect, maxFieldBytes: 1000, maxRecordBytes: 10_000, maxFields: 1000, ...rest };
}

/** Everything that is found, in windows that grow by `windowBytes` whenever the scanner asks for more. */
function readAll(scanner: Scanner, text: string, escape: number, windowBytes = 1e9): unknown[] {
  const bytes = new TextEncoder().encode(text);
  const { found } = scanner;
  const steps: unknown[] = [];
  let byte = 0;
  let to = Math.min(windowBytes, bytes.length);
  for (;;) {
    const window = bytes.slice(byte, to);
    const outcome = scanner.scan(window, 0, window.length, to === bytes.length);
    if (outcome === SCAN_OUTCOMES.end) return steps;
    if (outcome === SCAN_OUTCOMES.more) {
      expect(to).toBeLessThan(bytes.length);
      to = Math.min(to + windowBytes, bytes.length);
      continue;
    }
    const name = OUTCOMES.find(([, value]) => value === outcome)?.[0];
    const isFailure = outcome === SCAN_OUTCOMES.unclosed || outcome === SCAN_OUTCOMES.tooLarge;
    if (isFailure) return [...steps, { name, byte, quote: [found.quoteAt, found.quoteLine] }];
    steps.push({
      name,
      byte,
      fields: recordTexts(window, found, escape),
      ends: [found.end, found.next, found.lineBreaks],
      flags: name === "record" && [
        found.hasHighBytes,
        found.hasBareQuote,
        found.largeField,
        found.fieldCount,
      ],
    });
    byte += found.next;
    to = Math.max(to, byte);
  }
}

function fieldsOf(text: string, dialect: Dialect): unknown[] {
  const steps = readAll(new GeneralScanner(optionsOf(dialect)), text, dialect.escape);
  return steps.map((step) => {
    const { name, fields } = step as { name: string; fields: string[] }; // as readAll makes them
    return name === "record" ? fields : name;
  });
}

describe("a delimiter of several characters", () => {
  it.each([
    [
      "a||b\n||\n",
      [
        ["a", "b"],
        ["", ""],
      ],
    ],
    ["a|b||c|\n", [["a|b", "c|"]]],
    ["a|||b\n", [["a", "|b"]]],
    ['"a||b"||"c"\n', [["a||b", "c"]]],
    ['"a"|b\n', ["broken"]],
    ["a|", [["a|"]]],
  ])("separates %j", (text, records) => {
    expect(fieldsOf(text, TWO_PIPES)).toEqual(records);
  });
});

describe("comments", () => {
  it("are lines that begin with the character where a record would start", () => {
    expect(fieldsOf('#a,"b\na,#b\n"x\n#y",z\r\n#\r\n#end', COMMENT)).toEqual([
      "comment",
      ["a", "#b"],
      ["x\n#y", "z"],
      "comment",
      "comment",
    ]);
  });
});

describe("trimmed fields", () => {
  it.each([
    ["  a b ,\tc\t\n", [["a b", "c"]]],
    ['  "a " , " b"\t\n', [["a ", " b"]]],
    ["  \n", [[""]]],
    [' "a" x,b\n', ["broken"]],
    [' x "a"\n', [['x "a"']]],
    [" , \n", [["", ""]]],
  ])("lose spaces and tabs around them: %j", (text, records) => {
    expect(fieldsOf(text, TRIM)).toEqual(records);
  });

  it("keep a delimiter that is a tab", () => {
    expect(fieldsOf(" a\t\tb \n", { ...TRIM, delimiter: 0x09 })).toEqual([["a", "", "b"]]);
  });
});

describe("limits", () => {
  it("keeps the spans of as many fields as it is told, and counts all", () => {
    const scanner = new GeneralScanner(optionsOf(TWO_PIPES, { maxFields: 5000 }));
    const bytes = new TextEncoder().encode(`${"x||".repeat(5999)}x`);

    expect(scanner.scan(bytes, 0, bytes.length, true)).toBe(SCAN_OUTCOMES.tooLarge);
    const roomy = new GeneralScanner(
      optionsOf(TWO_PIPES, { maxFields: 5000, maxRecordBytes: 100_000 }),
    );
    expect(roomy.scan(bytes, 0, bytes.length, true)).toBe(SCAN_OUTCOMES.record);
    expect([roomy.found.fieldCount, roomy.found.fieldStart.length]).toEqual([6000, 5000]);
  });
});

describe("properties", () => {
  const pieces = [
    "a",
    "é",
    ",",
    ",",
    "|",
    "||",
    '"',
    '"',
    '""',
    "\n",
    "\r",
    "\r\n",
    "\\",
    " ",
    "#",
  ];
  const wild = fc
    .array(fc.constantFrom(...pieces, "\t"), { maxLength: 40 })
    .map((list) => list.join(""));

  it("finds what the fast scanner finds", () => {
    fc.assert(
      fc.property(wild, fc.constantFrom(COMMA, BACKSLASH), (text, dialect) => {
        const options = optionsOf(dialect, { maxFieldBytes: 8, maxRecordBytes: 25 });
        expect(readAll(new GeneralScanner(options), text, dialect.escape)).toEqual(
          readAll(new RecordScanner(options), text, dialect.escape),
        );
      }),
      { numRuns: 2000 },
    );
  });

  it("finds the same in windows of any size", () => {
    const dialects = fc.constantFrom<Dialect>(
      TWO_PIPES,
      COMMA_SPACE,
      COMMENT,
      TRIM,
      { ...COMMA_SPACE, ...TRIM },
      { ...BACKSLASH, trim: true },
    );
    fc.assert(
      fc.property(wild, dialects, (text, dialect) => {
        const options = optionsOf(dialect, { maxFieldBytes: 8, maxRecordBytes: 25 });
        const whole = readAll(new GeneralScanner(options), text, dialect.escape);
        for (const windowBytes of [1, 2, 5])
          expect(readAll(new GeneralScanner(options), text, dialect.escape, windowBytes)).toEqual(
            whole,
          );
      }),
      { numRuns: 1000 },
    );
  });
});
