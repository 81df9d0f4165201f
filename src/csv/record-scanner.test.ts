import { parse } from "csv-parse/sync";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { recordTexts } from "./field-text.ts";
import { RecordScanner } from "./record-scanner.ts";
import { SCAN_OUTCOMES, type ScannerOptions } from "./scanned-record.ts";

const COMMA_DIALECT = { delimiter: 0x2c, quote: 0x22, escape: 0x22 };
const BACKSLASH_DIALECT = { delimiter: 0x2c, quote: 0x22, escape: 0x5c };
const OPTIONS: ScannerOptions = {
  dialect: COMMA_DIALECT,
  maxFieldBytes: 1000,
  maxRecordBytes: 10_000,
  maxFields: 1000,
};
const OUTCOME_NAMES = Object.fromEntries(
  Object.entries(SCAN_OUTCOMES).map(([name, outcome]) => [outcome, name]),
);

interface Step {
  readonly outcome: string;
  readonly fields: readonly string[];
  readonly byte: number;
  readonly length: number;
  readonly line: number;
  readonly largeField: number;
  readonly quote: readonly [number, number];
}

/** Reads a whole text through windows that grow by `windowBytes` whenever the scanner asks for more. */
function readAll(text: string | Uint8Array, options = OPTIONS, windowBytes = 1e9): Step[] {
  const bytes = typeof text === "string" ? new TextEncoder().encode(text) : text;
  const scanner = new RecordScanner(options);
  const { found } = scanner;
  const steps: Step[] = [];
  let byte = 0;
  let line = 1;
  let to = Math.min(windowBytes, bytes.length);
  for (;;) {
    // The window is a copy that ends where it ends: looking past it would read undefined.
    const window = bytes.slice(byte, to);
    const outcome = scanner.scan(window, 0, window.length, to === bytes.length);
    if (outcome === SCAN_OUTCOMES.end) return steps;
    if (outcome === SCAN_OUTCOMES.more) {
      expect(to).toBeLessThan(bytes.length);
      to = Math.min(to + windowBytes, bytes.length);
      continue;
    }
    const isFailure = outcome === SCAN_OUTCOMES.unclosed || outcome === SCAN_OUTCOMES.tooLarge;
    steps.push({
      outcome: OUTCOME_NAMES[outcome] ?? "",
      fields: isFailure ? [] : recordTexts(window, found, options.dialect.escape),
      byte,
      length: isFailure ? 0 : found.end,
      line,
      largeField: found.largeField,
      quote:
        isFailure && found.quoteAt >= 0 ? [byte + found.quoteAt, line + found.quoteLine] : [-1, -1],
    });
    if (isFailure) return steps;
    byte += found.next;
    line += found.lineBreaks;
    to = Math.max(to, byte);
  }
}

function fieldsOf(text: string, options = OPTIONS): (readonly string[])[] {
  return readAll(text, options).flatMap((step) => (step.outcome === "record" ? [step.fields] : []));
}

describe("records", () => {
  it.each([
    [
      "a,b\nc,d\n",
      [
        ["a", "b"],
        ["c", "d"],
      ],
    ],
    [
      "a,b\r\nc,d\re,f",
      [
        ["a", "b"],
        ["c", "d"],
        ["e", "f"],
      ],
    ],
    ["a,", [["a", ""]]],
    [",\n", [["", ""]]],
    ['"a","b"\r\n"c"', [["a", "b"], ["c"]]],
    ['"a,b","c\r\nd"\n', [["a,b", "c\r\nd"]]],
    ['"say ""hi""",2', [['say "hi"', "2"]]],
    ['""\n', [[""]]],
    ['"a",\n', [["a", ""]]],
    ['"a",""\n', [["a", ""]]],
    ['1, "x"\n', [["1", ' "x"']]],
    ['6 ft 2",x\n', [['6 ft 2"', "x"]]],
    ["a\\.\n\\.\n", [["a\\."], ["\\."]]],
    ["#x\n\u2028,\u0085\v\f\u001a\n  \n", [["#x"], ["\u2028", "\u0085\v\f\u001a"], ["  "]]],
    ["\uFEFFa,b", [["\uFEFFa", "b"]]],
    ["a\0b", [["a\0b"]]],
  ])("reads %j", (text, records) => {
    expect(fieldsOf(text)).toEqual(records);
  });

  it("skips blank lines and keeps a quoted empty field that is alone", () => {
    const outcomes = readAll('\n\r\na\n\n""\n\r').map(({ outcome }) => outcome);

    expect(outcomes).toEqual(["blank", "blank", "record", "blank", "record", "blank"]);
  });

  it("counts LF, CR and CRLF as one line each, also inside quotes", () => {
    const steps = readAll('a\r\n"b\nc\rd\r\ne"\rf\n\ng');

    expect(steps.map(({ line }) => line)).toEqual([1, 2, 6, 7, 8]);
  });

  it("says where each record starts and how long it is without its line end", () => {
    const steps = readAll('ab,c\r\n"d"\ne');

    expect(steps.map(({ byte, length }) => [byte, length])).toEqual([
      [0, 4],
      [6, 3],
      [10, 1],
    ]);
  });

  it("takes any ASCII character as delimiter and quote", () => {
    const dialect = { delimiter: 0x7c, quote: 0x27, escape: 0x27 };

    expect(fieldsOf("a|'b|''c'\n\"d|e\n", { ...OPTIONS, dialect })).toEqual([
      ["a", "b|'c"],
      ['"d', "e"],
    ]);
  });
});

describe("another escape than the quote", () => {
  const options = { ...OPTIONS, dialect: BACKSLASH_DIALECT };

  it.each([
    ['"a\\"b","c\\\\"\n', [['a"b', "c\\"]]],
    ['"a\\\nb"\n', [["a\nb"]]],
    ["a\\,b\n", [["a\\", "b"]]],
  ])("reads %j", (text, records) => {
    expect(fieldsOf(text, options)).toEqual(records);
  });

  it("gives a doubled quote no meaning", () => {
    expect(readAll('"a""b"\n', options)[0]?.outcome).toBe("broken");
  });

  it("counts an escaped CRLF as one line", () => {
    expect(readAll('"a\\\r\nb"\nc', options).map(({ line }) => line)).toEqual([1, 3]);
  });
});

describe("text after a closing quote", () => {
  it("ends the record at the next line break, quotes not looked at", () => {
    const steps = readAll('1,"a"b,"c\nd"\n2,x\n');

    expect(steps.map(({ outcome, line }) => [outcome, line])).toEqual([
      ["broken", 1],
      ["record", 2],
      ["record", 3],
    ]);
    expect(steps[1]?.fields).toEqual(['d"']);
  });

  it.each(['"a" ,b', '"a"x', '"a""b"c'])("breaks %j", (text) => {
    expect(readAll(text).map(({ outcome }) => outcome)).toEqual(["broken"]);
  });
});

describe("failures", () => {
  it("tells line and byte of the quote that is never closed", () => {
    const [first, second] = readAll('a,b\n"c\nd",x,"e\n\n');

    expect(first?.outcome).toBe("record");
    expect(second).toMatchObject({ outcome: "unclosed", line: 2, quote: [12, 3] });
  });

  it.each([
    ["a record of exactly the limit", "x".repeat(20) + "\ny", ["record", "record"]],
    ["one byte more", "x".repeat(21) + "\ny", ["tooLarge"]],
    ["one byte more at the end", "x".repeat(21), ["tooLarge"]],
    ["the limit before CRLF", "x".repeat(20) + "\r\ny", ["record", "record"]],
    ["an unclosed quote within the limit", '"' + "x".repeat(19), ["unclosed"]],
    ["an unclosed quote past the limit", '"' + "x".repeat(20), ["tooLarge"]],
  ])("treats %s the same in every window", (_, text, outcomes) => {
    const options = { ...OPTIONS, maxRecordBytes: 20 };

    for (const windowBytes of [1, 2, 3, 20, 21, 22, 23, 1000])
      expect(readAll(text, options, windowBytes).map(({ outcome }) => outcome)).toEqual(outcomes);
  });

  it("names the quote that is open where a record grows too large", () => {
    const steps = readAll('a\nb\n"c","d\ne' + "x".repeat(30), { ...OPTIONS, maxRecordBytes: 20 });

    expect(steps.at(-1)).toMatchObject({ outcome: "tooLarge", line: 3, quote: [8, 3] });
  });
});

describe("limits", () => {
  it("notes the first field that is too long", () => {
    const [step] = readAll(`a,${"b".repeat(11)},${"c".repeat(12)}\n`, {
      ...OPTIONS,
      maxFieldBytes: 10,
    });

    expect(step?.largeField).toBe(1);
  });

  it("counts fields past the kept ones, and keeps spans of a wide record", () => {
    const scanner = new RecordScanner({ ...OPTIONS, maxFields: 300 });
    const bytes = new TextEncoder().encode("x,".repeat(499) + "x\n");

    expect(scanner.scan(bytes, 0, bytes.length, true)).toBe(SCAN_OUTCOMES.record);
    expect(scanner.found.fieldCount).toBe(500);
    expect(recordTexts(bytes, scanner.found, 0x22)).toEqual(Array.from({ length: 300 }, () => "x"));
  });

  it("notices bytes above 7F in every kind of field", () => {
    const scanner = new RecordScanner(OPTIONS);
    const hasHighBytes = (text: string): boolean => {
      const bytes = new TextEncoder().encode(text);
      scanner.scan(bytes, 0, bytes.length, true);
      return scanner.found.hasHighBytes;
    };

    expect(["é", 'a,"é"', '"a""é"', 'a,"b",é\nc'].map(hasHighBytes)).toEqual([
      true,
      true,
      true,
      true,
    ]);
    expect(["e", 'a,"e"\né'].map(hasHighBytes)).toEqual([false, false]);
  });

  it("notices quotes inside unquoted fields, and no others", () => {
    const scanner = new RecordScanner(OPTIONS);
    const hasBareQuote = (text: string): boolean => {
      const bytes = new TextEncoder().encode(text);
      scanner.scan(bytes, 0, bytes.length, true);
      return scanner.found.hasBareQuote;
    };

    expect(['6 ft 2"', '"a",b"c"', '1, "x"'].map(hasBareQuote)).toEqual([true, true, true]);
    expect(['"a""b"', '"a",""', 'a\nb"'].map(hasBareQuote)).toEqual([false, false, false]);
  });
});

describe("properties", () => {
  const wild = fc
    .array(fc.constantFrom("a", "é", ",", ",", '"', '"', '""', "\n", "\r", "\r\n", "\\", " "), {
      maxLength: 40,
    })
    .map((pieces) => pieces.join(""));

  it("finds the same in windows of any size", () => {
    fc.assert(
      fc.property(wild, fc.constantFrom(COMMA_DIALECT, BACKSLASH_DIALECT), (text, dialect) => {
        const options = { ...OPTIONS, dialect, maxRecordBytes: 25, maxFieldBytes: 8 };
        const whole = readAll(text, options);
        for (const windowBytes of [1, 2, 5])
          expect(readAll(text, options, windowBytes)).toEqual(whole);
      }),
      { numRuns: 500 },
    );
  });

  it("reads like csv-parse whatever both can read", () => {
    let compared = 0;
    fc.assert(
      fc.property(wild, (text) => {
        const steps = readAll(text);
        if (steps.some(({ outcome }) => outcome === "broken" || outcome === "unclosed")) return;
        compared++;
        const expected: unknown = parse(text, {
          relax_column_count: true,
          relax_quotes: true,
          record_delimiter: ["\r\n", "\n", "\r"],
          skip_empty_lines: true,
        });
        expect(
          steps.filter(({ outcome }) => outcome === "record").map(({ fields }) => fields),
        ).toEqual(expected);
      }),
      { numRuns: 2000 },
    );
    expect(compared).toBeGreaterThan(300);
  });

  it("never fails on random bytes, and its records follow each other without a gap", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        const steps = readAll(bytes);
        for (const [index, step] of steps.entries()) {
          const next = steps[index + 1]?.byte ?? bytes.length;
          expect(next - step.byte).toBeGreaterThanOrEqual(step.length);
        }
      }),
    );
  });
});
