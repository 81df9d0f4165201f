import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { memoryFiles } from "../../../test/support/memory-files.ts";
import type { ImportPlan } from "../../core/import-plan.ts";
import type { PartBoundary } from "../../core/ports.ts";
import { followParts } from "./follow-parts.ts";
import { planImport } from "./plan-import.ts";

const HEADER = "n,t\n";
const START = { byte: HEADER.length, record: 1, line: 2 };

function planFor(bytes: Uint8Array, maxRecordBytes = 1_000_000): ImportPlan {
  const createdAt = new Date(0);
  return planImport({
    request: { kind: "import", file: "f", reading: { delimiter: ",", maxRecordBytes } },
    sample: bytes.subarray(0, HEADER.length),
    isWhole: false,
    file: { id: "f", name: "f", bytes: bytes.length, sha256: "", createdAt },
    target: { schema: "public", table: "t" },
    targetTable: null,
    staging: "s",
  });
}

interface Sizes {
  readonly least: number;
  readonly most: number;
  readonly readBytes: number;
}

/** Searches again and again, each time with a little more of the file, until its end is found. */
async function follow(
  bytes: Uint8Array,
  step: number,
  sizes: Sizes,
): Promise<readonly (PartBoundary & { readonly arrived: number })[]> {
  const found: (PartBoundary & { readonly arrived: number })[] = [];
  const plan = planFor(bytes);
  let from = START;
  for (let arrived = START.byte; found.at(-1)?.isLast !== true; arrived += step) {
    const seen = Math.min(arrived, bytes.length);
    const upload = {
      look: () => Promise.resolve({ bytes: seen, isWhole: arrived >= bytes.length }),
      leastPartBytes: () => sizes.least,
      partBytes: () => sizes.most,
    };
    const files = memoryFiles(bytes.subarray(0, seen));
    for await (const each of followParts(files, { plan, from, upload }, sizes)) {
      found.push({ ...each, arrived: seen });
      from = { byte: each.endByte, record: each.nextRecord, line: each.nextLine };
    }
  }
  return found;
}

const bytesOf = (records: string) => Buffer.from(HEADER + records);

describe("following an upload", () => {
  it("cuts where a search of the whole file may cut, at places that are followed by a byte, and ends with the file", async () => {
    const pieces = [
      "1,a",
      '2,"b\n\r\nc"',
      '3,"d""e"',
      "x,f",
      "4",
      '5,"g"h,"',
      '6 ft",i',
      "",
      '7,""',
    ];
    const ends = fc.constantFrom("\n", "\r\n", "\r");
    const lines = fc.array(fc.tuple(fc.constantFrom(...pieces), ends), {
      minLength: 1,
      maxLength: 12,
    });
    const sizes = fc.record({
      least: fc.integer({ min: 1, max: 9 }),
      most: fc.integer({ min: 1, max: 30 }),
      readBytes: fc.integer({ min: 1, max: 9 }),
    });
    await fc.assert(
      fc.asyncProperty(lines, fc.integer({ min: 1, max: 50 }), sizes, async (list, step, size) => {
        const bytes = bytesOf(list.map((line) => line.join("")).join(""));
        const everyCut = await follow(bytes, bytes.length, { least: 1, most: 1, readBytes: 1000 });
        const allowed = everyCut.map(({ arrived: _arrived, ...boundary }) => boundary);

        const found = await follow(bytes, step, size);

        for (const { arrived, ...boundary } of found) {
          expect(allowed).toContainEqual(boundary);
          if (!boundary.isLast) expect(boundary.endByte).toBeLessThan(arrived);
        }
        expect(found.at(-1)).toMatchObject({ endByte: bytes.length, isLast: true });
      }),
      { numRuns: 200 },
    );
  });

  it("finds nothing where less than the least part is there", async () => {
    const found = await follow(bytesOf("1,a\n2,b\n3,c\n4,d\n"), 4, {
      least: 8,
      most: 99,
      readBytes: 99,
    });

    expect(found).toEqual([
      { endByte: 12, nextRecord: 3, nextLine: 4, isLast: false, arrived: 16 },
      { endByte: 20, nextRecord: 5, nextLine: 6, isLast: true, arrived: 20 },
    ]);
  });

  it("leaves a record that is too large to the part that it is in, before the end of the file", async () => {
    const bytes = bytesOf(`1,a\n2,"${"b".repeat(500)}`);

    const plan = planFor(bytes, 40);
    const from = { byte: 8, record: 2, line: 3 };
    const upload = {
      look: () => Promise.resolve({ bytes: 200, isWhole: false }),
      leastPartBytes: () => 1,
      partBytes: () => 99,
    };
    const search = followParts(memoryFiles(bytes), { plan, from, upload }, { readBytes: 10 });

    const found: PartBoundary[] = [];
    for await (const each of search) found.push(each);

    expect(found).toEqual([{ endByte: 58, nextRecord: 2, nextLine: 3, isLast: false }]);
  });
});
