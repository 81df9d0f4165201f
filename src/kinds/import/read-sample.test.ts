import { gzipSync } from "node:zlib";
import { expect, it } from "vitest";
import type { ImportPlan } from "../../core/import-plan.ts";
import type { StoredFile } from "../../core/job.ts";
import { memoryFiles } from "../../../test/support/memory-files.ts";
import { importPlanner } from "./import-planner.ts";

/** The plan of a file, from its sample alone. */
async function planOf(bytes: Uint8Array): Promise<ImportPlan> {
  const createdAt = new Date(0);
  const file: StoredFile = { id: "f", name: "f", bytes: bytes.length, sha256: "", createdAt };
  const options = { reading: {}, isMeasured: true };
  const sample = await importPlanner.readSample(memoryFiles(bytes), file, options);
  const target = { schema: "public", table: "f" };
  return importPlanner.plan({
    request: { kind: "import", file: "f" },
    file,
    ...sample,
    target,
    targetTable: null,
    staging: "stage_f",
  });
}

/** A file of 24 MB whose second column turns from numbers into words at a share of it. */
function turningFile(share: number, text = '"some\ntext, quoted"'): Uint8Array {
  const lines = Array.from({ length: 1_000_000 }, (_, index) => {
    const code = index < share * 1_000_000 ? String(index % 1000) : "n/a";
    return `${text},${code}\n`;
  });
  return new TextEncoder().encode(`text,code\n${lines.join("")}`);
}

it.each([
  ["plain, late in the file", (bytes: Uint8Array) => bytes, 0.9],
  ["plain, at its end", (bytes: Uint8Array) => bytes, 0.998],
  ["packed", (bytes: Uint8Array) => gzipSync(bytes, { level: 1 }), 0.9],
])("types are told from the whole length of a file: %s", async (_name, pack, share) => {
  const { columns } = await planOf(pack(turningFile(share)));

  expect(columns.map(({ column, type }) => `${column} ${type}`)).toEqual([
    "text text",
    "code text",
  ]);
});

it("a type is kept where all blocks have it, inside and outside quotes", async () => {
  const { columns, source } = await planOf(gzipSync(turningFile(1), { level: 1 }));

  expect(columns.map(({ type }) => type)).toEqual(["text", "integer"]);
  expect(source.bytes).toBe(turningFile(1).length);
});
