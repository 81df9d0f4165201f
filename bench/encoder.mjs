// How fast one core turns CSV into rows for COPY: the reader of a part over a file in memory, with and without the hot
// pass in WebAssembly. No database. Processor time counts, so that other work of the machine changes little.
//
//   npm run build && node bench/encoder.mjs [rows of each file] [rounds]
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { cpus, tmpdir } from "node:os";
import { join } from "node:path";
import { decideReading } from "../dist/core/reading-options.js";
import { parseDeclaredType } from "../dist/csv/sql-type.js";
import { DraftPool } from "../dist/kinds/import/chunk-draft.js";
import { ImportPartReader } from "../dist/kinds/import/part-reader.js";
import { writeData } from "./data.mjs";

const CHUNK = { sourceBytes: 4 * 1024 * 1024, records: 200_000 };
const LF = 0x0a;
const SEED = 1;
const rows = Number(process.argv[2] ?? 500_000);
const rounds = Number(process.argv[3] ?? 5);

function planOf(bytes, types) {
  const columns = Object.entries(types).map(([name, sqlType], field) => {
    const { type } = parseDeclaredType(sqlType);
    const rest = { isRequired: false, reason: "declared" };
    return { field, header: name, column: name, type, sqlType, ...rest };
  });
  return {
    mode: "create",
    target: { schema: "public", table: "t" },
    staging: "s",
    recordColumn: "#record",
    encoding: "utf-8",
    dialect: { delimiter: 0x2c, quote: 0x22, escape: 0x22 },
    reading: decideReading({}),
    start: { byte: bytes.indexOf(LF) + 1, line: 2 },
    width: columns.length,
    columns,
    source: { file: "f", bytes: bytes.length, sha256: "" },
    isSplittable: true,
    warnings: [],
  };
}

function sourceOf(bytes, start) {
  let position = start;
  return {
    read: async (into) => {
      const piece = bytes.subarray(position, position + into.length);
      into.set(piece);
      position += piece.length;
      return piece.length;
    },
    close: async () => {},
  };
}

/** Reads everything and returns MB a second of processor time. */
async function measure(bytes, plan, options) {
  const firstByte = plan.start.byte;
  const place = { nextByte: firstByte, nextRecord: 1, nextLine: 2 };
  const part = { jobId: "j", partNo: 1, firstByte, endByte: bytes.length, ...place };
  const reader = new ImportPartReader(plan, part, sourceOf(bytes, firstByte), options);
  const begun = process.cpuUsage();
  for (let chunk = await reader.next(CHUNK); chunk !== null; chunk = await reader.next(CHUNK))
    if (chunk.counts.rejected > 0) throw new Error(chunk.rejections[0].message);
  const { user, system } = process.cpuUsage(begun);
  await reader.close();
  return bytes.length / (user + system);
}

const median = (list) => list.toSorted((a, b) => a - b)[Math.floor(list.length / 2)];

const folder = mkdtempSync(join(tmpdir(), "sluice-encoder-"));
try {
  console.log(`${cpus()[0]?.model}, Node ${process.version}, ${rounds} rounds in turn`);
  console.log(
    "MB per second of processor time: the first round, then the median (lowest to highest)",
  );
  for (const shape of ["people", "numeric", "quoted"]) {
    const { path, says, columns } = writeData(folder, shape, rows, SEED);
    const bytes = readFileSync(path);
    const plan = planOf(bytes, columns);
    const speeds = { TypeScript: [], WebAssembly: [] };
    const drafts = new DraftPool();
    for (let round = 0; round < rounds; round++)
      for (const [name, list] of Object.entries(speeds))
        list.push(await measure(bytes, plan, { isHot: name === "WebAssembly", drafts }));
    console.log(`${shape}, ${Math.round(bytes.length / 1e6)} MB: ${says}`);
    for (const [name, list] of Object.entries(speeds)) {
      const [low, high] = [Math.min(...list), Math.max(...list)].map(Math.round);
      const middle = Math.round(median(list));
      console.log(`  ${name.padEnd(12)} ${Math.round(list[0])}, ${middle} (${low} to ${high})`);
    }
  }
} finally {
  rmSync(folder, { recursive: true });
}
