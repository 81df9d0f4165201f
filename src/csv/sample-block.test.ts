import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { decideReading } from "../core/reading-options.ts";
import { recordTexts } from "./field-text.ts";
import { makeTranscoder } from "./make-transcoder.ts";
import { blockRecords } from "./sample-block.ts";

function recordsOf(
  bytes: Uint8Array,
  width: number,
  { encoding = "utf-8", isEnd = false } = {},
): string[][] {
  const rules = {
    dialect: { delimiter: 0x2c, quote: 0x22, escape: 0x22 },
    width,
    reading: decideReading({}),
    encoding,
    transcoder: makeTranscoder({ encoding, replacesNul: false }),
  };
  return Array.from(blockRecords({ bytes, isEnd }, rules), (record) =>
    recordTexts(record.bytes, record.found, 0x22),
  );
}

const utf8 = (text: string) => new TextEncoder().encode(text);

describe("records of a block", () => {
  it("begin behind the one that the block cuts, and end before the next that it cuts", () => {
    expect(recordsOf(utf8("b,c\n1,2\n3,4\n5,"), 2)).toEqual([
      ["1", "2"],
      ["3", "4"],
    ]);
  });

  it("are found where the block begins inside quotes", () => {
    const text = 'lines\nof, text",1\n"more\nlines, too",2\n"a\nb",3\n"c\nd",4\n"x';

    expect(recordsOf(utf8(text), 2).map(([, number]) => number)).toEqual(["2", "3", "4"]);
  });

  it("include the last of the file, which needs no line end", () => {
    expect(recordsOf(utf8("b,c\n1,2\n3,4"), 2, { isEnd: true })).toHaveLength(2);
  });

  it("are none where no reading has records of the file's width", () => {
    expect(recordsOf(utf8("a,b,c\n1,2,3\n1,2,3\n"), 2)).toEqual([]);
  });

  it("are read in other encodings from a whole character on", () => {
    // In Shift_JIS the second byte of 表 is a backslash, and the block begins with it.
    const bytes = Uint8Array.from([0x5c, 0x2c, 0x31, 0x0a, 0x95, 0x5c, 0x2c, 0x32, 0x0a, 0x61]);
    const more = Uint8Array.from([...bytes, 0x2c, 0x33, 0x0a, 0x62, 0x2c, 0x34, 0x0a]);

    expect(recordsOf(more, 2, { encoding: "shift_jis" })).toEqual([
      ["a", "3"],
      ["b", "4"],
    ]);
  });

  it("are records of the file, wherever the block begins", () => {
    const cell = fc.oneof(
      fc.stringMatching(/^[a-z ]{0,8}$/),
      fc.stringMatching(/^[a-z",\n ]{0,12}$/).map((text) => `"${text.replaceAll('"', '""')}"`),
    );
    const record = fc.tuple(fc.nat(999).map(String), cell, cell, cell);
    fc.assert(
      fc.property(
        fc.array(record, { minLength: 40, maxLength: 60 }),
        fc.nat(400),
        (records, cut) => {
          const lines = records.map((fields) => fields.join(","));
          const bytes = utf8(`${lines.join("\n")}\n`);
          const first = cut % Math.floor(bytes.length / 3);

          const found = recordsOf(bytes.subarray(first), 4, { isEnd: true });

          // A cell of line breaks and commas can look like a record; most of what is found is none of that.
          const whole = new Set(
            recordsOf(utf8(`x\n${lines.join("\n")}\n`), 4).map((r) => r.join("\u0001")),
          );
          const real = found.filter((fields) => whole.has(fields.join("\u0001")));
          expect(real.length).toBeGreaterThanOrEqual(found.length * 0.9);
        },
      ),
      { numRuns: 300 },
    );
  });
});
