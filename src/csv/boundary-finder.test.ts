import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Dialect } from "../core/import-plan.ts";
import { BoundaryFinder, type RecordStart } from "./boundary-finder.ts";
import { RecordScanner } from "./record-scanner.ts";
import { SCAN_OUTCOMES } from "./scanned-record.ts";

const COMMA_DIALECT = { delimiter: 0x2c, quote: 0x22, escape: 0x22 };
const BACKSLASH_DIALECT = { delimiter: 0x2c, quote: 0x22, escape: 0x5c };
const START = { byte: 0, record: 1, line: 1 };

/** Every place where the sequential reader stands between two records, the end included. */
function recordStarts(bytes: Uint8Array, dialect: Dialect): RecordStart[] {
  const scanner = new RecordScanner({
    dialect,
    maxFieldBytes: 1e6,
    maxRecordBytes: 1e6,
    maxFields: 1,
  });
  const starts: RecordStart[] = [];
  let { byte, record, line } = START;
  for (;;) {
    starts.push({ byte, record, line });
    const outcome = scanner.scan(bytes, byte, bytes.length, true);
    if (outcome === SCAN_OUTCOMES.end) return starts;
    if (outcome !== SCAN_OUTCOMES.blank) record++;
    line += scanner.found.lineBreaks;
    if (outcome === SCAN_OUTCOMES.unclosed)
      return [...starts, { byte: bytes.length, record, line }];
    byte = scanner.found.next;
  }
}

/** Every boundary that the finder gives when each record is asked for, in windows of `windowBytes`. */
function boundaries(bytes: Uint8Array, dialect: Dialect, windowBytes: number): RecordStart[] {
  const finder = new BoundaryFinder(dialect, START);
  const found: RecordStart[] = [];
  for (let from = 0; from < bytes.length; from += windowBytes) {
    const window = bytes.slice(from, from + windowBytes);
    let index = finder.feed(window, 0, window.length, finder.position.byte + (from === 0 ? 1 : 0));
    while (index >= 0) {
      found.push(finder.position);
      index = finder.feed(window, index, window.length, finder.position.byte + 1);
    }
  }
  finder.finish();
  return [...found, finder.position];
}

/** What a finder answers to targets in turn, over windows in turn, and what it has not seen the end of. */
function search(
  finder: BoundaryFinder,
  bytes: Uint8Array,
  windows: readonly number[],
  steps: readonly number[],
): unknown[] {
  const found: unknown[] = [];
  let target = steps[0] ?? 1;
  let from = 0;
  for (let turn = 0; from < bytes.length; turn++) {
    const window = bytes.slice(from, from + (windows[turn % windows.length] ?? 1));
    let index = finder.feed(window, 0, window.length, target);
    while (index >= 0) {
      found.push(finder.position);
      target = finder.position.byte + (steps[found.length % steps.length] ?? 1);
      index = finder.feed(window, index, window.length, target);
    }
    found.push(finder.position, finder.openBytes);
    from += window.length;
  }
  finder.finish();
  return [...found, finder.position];
}

const wild = fc
  .array(fc.constantFrom("a", "b", ",", '"', '"', '""', "\n", "\n", "\r", "\r\n", "\\", " "), {
    maxLength: 60,
  })
  .map((pieces) => new TextEncoder().encode(pieces.join("")));

describe("BoundaryFinder", () => {
  it("finds the first record start at or after an offset", () => {
    const bytes = new TextEncoder().encode('a,b\n"c\nd",e\r\nf,g\n');
    const finder = new BoundaryFinder(COMMA_DIALECT, START);

    expect(finder.feed(bytes, 0, bytes.length, 4)).toBe(4);
    expect(finder.feed(bytes, 4, bytes.length, 5)).toBe(13);
    expect(finder.position).toEqual({ byte: 13, record: 3, line: 4 });
    expect(finder.feed(bytes, 13, bytes.length, 14)).toBe(-1);
    finder.finish();
    expect(finder.position).toEqual({ byte: 17, record: 4, line: 5 });
  });

  it("is not led astray by a bare quote", () => {
    const bytes = new TextEncoder().encode('6 ft 2",x\ny,z\n');
    const finder = new BoundaryFinder(COMMA_DIALECT, START);

    expect(finder.feed(bytes, 0, bytes.length, 1)).toBe(10);
  });

  it("starts at any record start of the file", () => {
    const bytes = new TextEncoder().encode("c,d\ne,f");
    const finder = new BoundaryFinder(COMMA_DIALECT, { byte: 1000, record: 7, line: 9 });

    expect(finder.feed(bytes, 0, bytes.length, 1001)).toBe(4);
    expect(finder.position).toEqual({ byte: 1004, record: 8, line: 10 });
  });

  it("answers only places where the sequential reader ends a record, with its numbers", () => {
    fc.assert(
      fc.property(wild, fc.constantFrom(COMMA_DIALECT, BACKSLASH_DIALECT), (bytes, dialect) => {
        const expected = new Map(recordStarts(bytes, dialect).map((start) => [start.byte, start]));
        for (const windowBytes of [1, 3, 1000])
          for (const boundary of boundaries(bytes, dialect, windowBytes))
            expect(boundary).toEqual(expected.get(boundary.byte));
      }),
      { numRuns: 1000 },
    );
  });

  it("finds the same when it passes over the bytes before a target in bulk", () => {
    const cuts = fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 8 });
    const targets = fc.array(fc.integer({ min: 1, max: 50 }), { minLength: 1, maxLength: 8 });
    fc.assert(
      fc.property(fc.array(wild, { maxLength: 8 }), cuts, targets, (pieces, windows, steps) => {
        const bytes = Uint8Array.from(Buffer.concat(pieces));
        const [plain, bulk] = [0, 1].map((bulkBytes) => {
          const finder = new BoundaryFinder(COMMA_DIALECT, START, bulkBytes);
          return search(finder, bytes, windows, steps);
        });

        expect(bulk).toEqual(plain);
      }),
      { numRuns: 3000 },
    );
  });

  it("misses no record start when every one is asked for", () => {
    fc.assert(
      fc.property(wild, fc.integer({ min: 1, max: 9 }), (bytes, windowBytes) => {
        const expected = recordStarts(bytes, COMMA_DIALECT).map(({ byte }) => byte);
        const found = boundaries(bytes, COMMA_DIALECT, windowBytes).map(({ byte }) => byte);

        expect([...new Set([0, ...found])]).toEqual([...new Set(expected)]);
      }),
      { numRuns: 500 },
    );
  });
});
