import { mkdtemp, open, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { ImportPlan } from "../../core/import-plan.ts";
import type { Part, StoredFile } from "../../core/job.ts";
import type { FileStore, PartBoundary } from "../../core/ports.ts";
import { createImportWork } from "./part-work.ts";
import { planImport } from "./plan-import.ts";

const HEADER = "n,t\n";
const START = { byte: HEADER.length, record: 1, line: 2 };
const NO_LIMITS = { sourceBytes: 1e9, records: 1e9 };

let folder = "";
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), "part-work-"));
});
afterAll(() => rm(folder, { recursive: true }));

function refuse(): never {
  throw new Error("the work of an import writes no files");
}

/** Real files of a folder, read a few bytes at a time. Files are not written through it. */
function filesOf(readBytes: number): FileStore {
  return {
    put: refuse,
    adopt: refuse,
    remove: refuse,
    async open(fileId, { start, end }) {
      const handle = await open(path.join(folder, fileId));
      let position = start;
      return {
        async read(into) {
          const length = Math.min(into.length, end - position, readBytes);
          const { bytesRead } = await handle.read(into, 0, length, position);
          position += bytesRead;
          return bytesRead;
        },
        close: () => handle.close(),
      };
    },
    async stat(fileId) {
      const stats = await stat(path.join(folder, fileId)).catch(() => null);
      return stats === null ? null : { bytes: stats.size, version: String(stats.mtimeMs) };
    },
  };
}

function workOver(readBytes = 1e6) {
  return createImportWork(filesOf(readBytes), { readBytes });
}

/** Writes a file of these records under a header, and plans it: an integer and a text. */
async function planFor(records: string, escape = '"'): Promise<ImportPlan> {
  const bytes = new TextEncoder().encode(HEADER + records);
  await writeFile(path.join(folder, "file"), bytes);
  const file: StoredFile = {
    id: "file",
    name: "f",
    bytes: bytes.length,
    sha256: "",
    createdAt: new Date(0),
  };
  return planImport({
    request: {
      kind: "import",
      file: "file",
      types: { n: "integer", t: "text" },
      reading: { delimiter: ",", escape },
    },
    sample: bytes.subarray(0, HEADER.length),
    isWhole: false,
    file,
    target: { schema: "public", table: "t" },
    targetTable: null,
    staging: "s",
  });
}

async function boundariesOf(
  plan: ImportPlan,
  partBytes: number,
  readBytes?: number,
): Promise<PartBoundary[]> {
  const found: PartBoundary[] = [];
  for await (const each of workOver(readBytes).findParts(plan, START, () => partBytes))
    found.push(each);
  return found;
}

/** Everything that is read in parts of at least `partBytes`, each on its own. */
async function readInParts(plan: ImportPlan, partBytes: number, readBytes: number) {
  let rows = "";
  const rejections: unknown[] = [];
  let at = { nextByte: START.byte, nextRecord: START.record, nextLine: START.line };
  const boundaries = await boundariesOf(plan, partBytes, readBytes);
  for (const { endByte, nextRecord, nextLine } of boundaries) {
    const part: Part = { jobId: "j", partNo: 1, firstByte: at.nextByte, endByte, ...at };
    const reader = await workOver(readBytes).openPart(plan, part);
    for (
      let chunk = await reader.next(NO_LIMITS);
      chunk !== null;
      chunk = await reader.next(NO_LIMITS)
    ) {
      rows += Buffer.from(chunk.rows).toString();
      rejections.push(...chunk.rejections);
      at = { nextByte: chunk.toByte, nextRecord: chunk.nextRecord, nextLine: chunk.nextLine };
    }
    await reader.close();
    expect(at).toEqual({ nextByte: endByte, nextRecord, nextLine });
  }
  return { rows, rejections, parts: boundaries.length };
}

function partOf(plan: ImportPlan): Part {
  const endByte = plan.source.bytes;
  return { jobId: "j", partNo: 1, firstByte: 4, endByte, nextByte: 4, nextRecord: 1, nextLine: 2 };
}

describe("reading in parts", () => {
  it("gives the same rows, numbers, lines and rejections as in one", async () => {
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
      "8,é",
    ];
    const ends = fc.constantFrom("\n", "\r\n", "\r");
    const lines = fc.array(fc.tuple(fc.constantFrom(...pieces), ends), { maxLength: 12 });
    await fc.assert(
      fc.asyncProperty(lines, async (list) => {
        const plan = await planFor(list.map((line) => line.join("")).join(""));
        const { rows, rejections } = await readInParts(plan, 1e9, 1000);
        for (const partBytes of [1, 13])
          expect(await readInParts(plan, partBytes, 5)).toMatchObject({ rows, rejections });
      }),
      { numRuns: 40 },
    );
  });

  it("makes as many parts as there are records when each is large enough", async () => {
    const plan = await planFor('1,a\n2,"b\nc"\n3,d\n');

    expect((await readInParts(plan, 1, 100)).parts).toBe(3);
  });
});

describe("finding parts", () => {
  it("ends each part at the first record end that makes it large enough", async () => {
    const plan = await planFor('1,a\n2,"b\nc"\n3,d\n4,e\n');

    expect(await boundariesOf(plan, 5)).toEqual([
      { endByte: 16, nextRecord: 3, nextLine: 5, isLast: false },
      { endByte: 24, nextRecord: 5, nextLine: 7, isLast: true },
    ]);
  });

  it("reads no further than to where a record is too large, and leaves it to the part that it is in", async () => {
    const made = await planFor(`1,a\n2,b\n3,"${"x".repeat(500)}\n${"4,c\n".repeat(500)}`);
    const plan = { ...made, reading: { ...made.reading, maxRecordBytes: 100 } };
    const { bytes } = plan.source;
    let bytesRead = 0;
    const files = filesOf(20);
    const counted: FileStore = {
      ...files,
      open: async (fileId, range) => {
        const source = await files.open(fileId, range);
        const read = async (into: Uint8Array) => {
          const length = await source.read(into);
          bytesRead += length;
          return length;
        };
        return { ...source, read };
      },
    };
    const work = createImportWork(counted, { readBytes: 20 });

    const found: PartBoundary[] = [];
    for await (const each of work.findParts(plan, START, () => 8)) found.push(each);

    expect(found.map(({ endByte, isLast }) => [endByte, isLast])).toEqual([
      [12, false],
      [bytes, true],
    ]);
    expect(bytesRead).toBeLessThan(150);
    const part = { ...partOf(plan), partNo: 2, firstByte: 12, nextByte: 12, nextRecord: 3 };
    const reader = await workOver().openPart(plan, { ...part, nextLine: 4 });
    await expect(reader.next(NO_LIMITS)).rejects.toMatchObject({ code: "record_too_large" });
    await reader.close();
  });

  it("gives one empty part for a file without records", async () => {
    expect(await readInParts(await planFor(""), 5, 100)).toEqual({
      rows: "",
      rejections: [],
      parts: 1,
    });
  });

  it("gives one part for a file that cannot be split", async () => {
    expect(await boundariesOf(await planFor("1,a\n2,b\n", "\\"), 1)).toEqual([
      { endByte: 12, nextRecord: 3, nextLine: 4, isLast: true },
    ]);
  });
});

describe("the source", () => {
  it("that is gone is said to be gone", async () => {
    const made = await planFor("1,a\n");
    const plan = { ...made, source: { ...made.source, file: "none" } };

    await expect(workOver().openPart(plan, partOf(plan))).rejects.toMatchObject({
      code: "source_changed",
      message: expect.stringContaining("The file is gone") as string,
    });
  });

  it.each([{ bytes: 9 }, { bytes: 7 }, { file: "none" }])(
    "must be as the plan has it, not %j",
    async (change) => {
      const made = await planFor("1,a\n");
      const plan = { ...made, source: { ...made.source, ...change } };

      await expect(workOver().openPart(plan, partOf(plan))).rejects.toMatchObject({
        code: "source_changed",
      });
      await expect(boundariesOf(plan, 10)).rejects.toMatchObject({ code: "source_changed" });
    },
  );

  it("is noticed when it is cut while it is read", async () => {
    const plan = await planFor("1,a\n".repeat(50));
    const reader = await workOver(8).openPart(plan, partOf(plan));
    await reader.next({ sourceBytes: 1e9, records: 1 });
    const found = workOver(8).findParts(plan, START, () => 20);
    const search = found[Symbol.asyncIterator]();
    await search.next();

    await writeFile(path.join(folder, "file"), HEADER + "1,a\n".repeat(10));

    await expect(reader.next(NO_LIMITS)).rejects.toMatchObject({ code: "source_changed" });
    await expect(search.next().then(() => search.next())).rejects.toMatchObject({
      code: "source_changed",
    });
    await reader.close();
  });
});
