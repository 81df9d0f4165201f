/**
 * The hot pass against scanner and encoder: the same rows, entries, rejections, counts and failures on any input, at any
 * cut of the bytes.
 */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { TYPE_CASES } from "../../../test/support/type-cases.ts";
import type { Dialect, ImportPlan, PlannedColumn } from "../../core/import-plan.ts";
import type { ChunkLimits } from "../../core/ports.ts";
import { decideReading } from "../../core/reading-options.ts";
import { makeHotPass } from "../../csv/hot-pass.ts";
import { typeOfColumn } from "../../csv/sql-type.ts";
import { DraftPool } from "./chunk-draft.ts";
import { ImportPartReader } from "./part-reader.ts";

const DIALECT: Dialect = { delimiter: 0x2c, quote: 0x22, escape: 0x22 };
const LABELS = ["sad", "ok", 'a,"b"', "é"];
const LIMITS: readonly ChunkLimits[] = [
  { sourceBytes: 1e9, records: 1e9 },
  { sourceBytes: 100, records: 1e9 },
  { sourceBytes: 1e9, records: 3 },
];

/** As a thread has it: its buffers are large, and thousands of readers follow each other. */
const drafts = new DraftPool();

type Column = Pick<PlannedColumn, "sqlType"> & Partial<PlannedColumn>;

function planOf(
  bytes: Uint8Array,
  columns: readonly Column[],
  rest: Partial<ImportPlan>,
): ImportPlan {
  return {
    mode: "create",
    target: { schema: "public", table: "t" },
    staging: "s",
    recordColumn: "#record",
    dialect: DIALECT,
    start: { byte: 0, line: 1 },
    width: columns.length,
    columns: columns.map(plannedColumn),
    source: { file: "f", bytes: bytes.length, sha256: "" },
    encoding: "utf-8",
    reading: decideReading({ maxFieldBytes: 40, maxRecordBytes: 200 }),
    isSplittable: true,
    warnings: [],
    ...rest,
  };
}

function plannedColumn(column: Column, field: number): PlannedColumn {
  const name = `c${field}`;
  const { type } = typeOfColumn(column);
  const names = { field, header: name, column: name };
  return { ...names, type, isRequired: false, reason: "test", ...column };
}

interface Read {
  readonly isHot: boolean;
  readonly readBytes: number;
  readonly limits: ChunkLimits;
}

/** Everything that a reader says, chunk by chunk. */
async function readAll(bytes: Uint8Array, plan: ImportPlan, { isHot, readBytes, limits }: Read) {
  let position = 0;
  const source = {
    read: (into: Uint8Array) => {
      const piece = bytes.subarray(position, position + Math.min(into.length, readBytes));
      into.set(piece);
      position += piece.length;
      return Promise.resolve(piece.length);
    },
    close: () => Promise.resolve(),
  };
  const place = { firstByte: 0, nextByte: 0, nextRecord: 2 ** 32 - 3, nextLine: 1 };
  const part = { jobId: "j", partNo: 1, endByte: bytes.length, ...place };
  const reader = new ImportPartReader(plan, part, source, { isHot, readBytes, drafts });
  const chunks: unknown[] = [];
  try {
    for (let chunk = await reader.next(limits); chunk !== null; chunk = await reader.next(limits)) {
      const { rows, rowOffsets, rowOrigins, ...rest } = chunk;
      const origins = Array.from({ length: chunk.counts.written }, (_, row) => rowOrigins(row));
      const shown = origins.map(({ raw, ...origin }) => ({ ...origin, raw: hex(raw) }));
      chunks.push({ rows: hex(rows), offsets: [...rowOffsets], shown, ...rest });
    }
  } catch (error) {
    chunks.push(String(error));
  } finally {
    await reader.close();
  }
  return chunks;
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("hex");
}

/** Values near the border of a type, and texts of all kinds. */
function valuesOf(sqlType: string): fc.Arbitrary<string> {
  const known = sqlType.replace("jsonb", "json");
  const own =
    TYPE_CASES.find((each) => each.sqlType === known)?.values ?? fc.constantFrom(...LABELS);
  const odd = fc.oneof(
    fc.string({ unit: "grapheme", maxLength: 40 }),
    fc.string({ unit: "binary", maxLength: 20 }),
    fc.string({ unit: fc.constantFrom(...Array.from('aé日,"\r\n\0\t\v')), maxLength: 50 }),
    fc.constantFrom("", "", "1", "2026-02-28"),
  );
  return fc.oneof({ weight: 5, arbitrary: own }, { weight: 1, arbitrary: odd });
}

const cellOf = (sqlType: string) =>
  fc
    .tuple(valuesOf(sqlType), fc.nat(9))
    .map(([value, way]) =>
      way < 3 || (way < 9 && /[",\r\n]/.test(value)) ? `"${value.replaceAll('"', '""')}"` : value,
    );
const lineEnd = fc.oneof(
  { weight: 8, arbitrary: fc.constant("\n") },
  { weight: 2, arbitrary: fc.constant("\r\n") },
  { weight: 1, arbitrary: fc.constantFrom("\r", "\n\n", ",\n", "", '"x\n', '"\n') },
);
const HOT_TYPES = TYPE_CASES.map(({ sqlType }) => sqlType)
  .filter((sqlType) => !/\(3,-2\)|\(3,5\)/.test(sqlType))
  .concat("jsonb", "mood");
const column = fc
  .record({ sqlType: fc.constantFrom(...HOT_TYPES), isRequired: fc.boolean() })
  .map((each): Column => (each.sqlType === "mood" ? { ...each, labels: LABELS } : each));

/** Columns, and bytes of a file for them: records, line ends, and at times a byte that is changed. */
const file = fc.array(column, { minLength: 1, maxLength: 5 }).chain((columns) =>
  fc
    .tuple(
      fc.array(fc.tuple(fc.tuple(...columns.map(({ sqlType }) => cellOf(sqlType))), lineEnd), {
        maxLength: 20,
      }),
      fc.array(fc.tuple(fc.nat(), fc.nat(255)), { maxLength: 2 }),
    )
    .map(([records, changes]) => {
      const text = records.map(([cells, end]) => cells.join(",") + end).join("");
      const bytes = new TextEncoder().encode(text);
      for (const [at, byte] of changes) if (bytes.length > 0) bytes[at % bytes.length] = byte;
      return { columns, bytes };
    }),
);

describe("the hot pass", () => {
  it("gives what scanner and encoder give, at every cut", async () => {
    await fc.assert(
      fc.asyncProperty(
        file,
        fc.nat(4),
        fc.boolean(),
        async ({ columns, bytes }, skipped, isDirect) => {
          const plan = planOf(bytes, columns, isDirect ? { delivery: "direct" } : {});
          const wanted = plan.columns.filter(
            ({ field }) => columns.length === 1 || field !== skipped,
          );
          const each = { ...plan, columns: wanted };
          for (const limits of LIMITS) {
            const expected = await readAll(bytes, each, { isHot: false, readBytes: 1e6, limits });
            for (const readBytes of [1, 13, 1e6])
              expect(await readAll(bytes, each, { isHot: true, readBytes, limits })).toEqual(
                expected,
              );
          }
        },
      ),
      { numRuns: 600 },
    );
  }, 300_000);

  it("goes on past the stretch that it copies, whatever stands at its end", async () => {
    const random = fc.sample(fc.tuple(fc.nat(300), fc.nat(9)), { numRuns: 9000, seed: 1 });
    const lines = random.map(([length, odd], index) => {
      const text = odd === 0 ? `"a""${"é".repeat(length)}\n"` : "x".repeat(length);
      return odd === 9 && index % 50 === 0 ? `x,${text}\n` : `${index},${text}\r\n`;
    });
    const bytes = new TextEncoder().encode(lines.join(""));
    const reading = decideReading({});
    const plan = planOf(bytes, [{ sqlType: "integer" }, { sqlType: "text" }], { reading });
    const limits = { sourceBytes: 700_000, records: 1e9 };

    const expected = await readAll(bytes, plan, { isHot: false, readBytes: 1e6, limits });

    expect(bytes.length).toBeGreaterThan(1_000_000);
    for (const readBytes of [65_521, 1e6])
      expect(await readAll(bytes, plan, { isHot: true, readBytes, limits })).toEqual(expected);
  });

  it.each<[string, Partial<Dialect>]>([
    ["1;'a''b'\n2;c\n", { delimiter: 0x3b, quote: 0x27, escape: 0x27 }],
    ['1\t"a""b"\n2\tc\n', { delimiter: 0x09 }],
    ["1|a|b\n2|c\n", { delimiter: 0x7c }],
  ])("reads %j", async (text, dialect) => {
    const bytes = new TextEncoder().encode(text);
    const columns = [{ sqlType: "integer" }, { sqlType: "text" }];
    const plan = planOf(bytes, columns, { dialect: { ...DIALECT, ...dialect } });
    const [limits = { sourceBytes: 1, records: 1 }] = LIMITS;

    expect(await readAll(bytes, plan, { isHot: true, readBytes: 1e6, limits })).toEqual(
      await readAll(bytes, plan, { isHot: false, readBytes: 1e6, limits }),
    );
  });
});

/** How many of the records the hot pass reads in one go. */
function countPlain(
  sqlType: string,
  text: string,
  rest: Partial<PlannedColumn> = {},
): number | null {
  const columns = [plannedColumn({ sqlType, ...rest }, 0)];
  const sizes = { maxFieldBytes: 1e6, maxRecordBytes: 1e6 };
  const pass = makeHotPass({ dialect: DIALECT, columns, width: 1, ...sizes });
  const bytes = new TextEncoder().encode(text);
  const limits = { startLimit: 1e6, partEnd: 1e6, maxRows: 1e6, maxRowBytes: 1e6 };
  const counted = { from: 0, record: 1, rowOffset: 0, recordOffset: 0, lineOffset: 0 };
  if (pass === null) return null;
  return pass.run({ bytes, length: bytes.length }, { ...limits, ...counted })?.count ?? 0;
}

describe("records that are plain", () => {
  it.each([
    ["smallint", "-32768\n32767\n"],
    ["integer", '-2147483648\n"+007"\n'],
    ["bigint", "9223372036854775807\n-9223372036854775808\n"],
    ["real", "0.1\n1e10\n"],
    ["double precision", "0.1\n-12345678901234567890.5e-3\n1e300\n"],
    ["numeric", "-1.50\n0.000012\n123456789012345678.1234567890123456\n"],
    ["numeric(5,2)", "999.99\n1.100\n"],
    ["boolean", "t\nFALSE\n1\non\nNo\n"],
    ["date", "2000-02-29\r\n0001-01-01\r\n"],
    ["time", "09:30\n23:59:59.999999\n"],
    ["timestamp", "2026-02-28 09:30:00\n2026-02-28T09:30:00.5\n"],
    ["timestamptz", "2026-02-28 09:30:00Z\n2026-02-28T09:30:00.123456-05:30\n"],
    ["uuid", "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11\nA0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11\n"],
    ["text", 'x\nplain text that is longer than sixteen bytes "or so"\né\n'],
    ["character varying(3)", "日本語\nabc\n"],
    ["json", '"[1, {""a"": -1.5e3}]"\n"""\\u00e9\\n"""\nnull\n'],
    ["jsonb", '{}\nfalse\n" [true] "\n'],
    ["mood", 'sad\n"a,""b"""\né\n', { labels: LABELS }],
  ] as [string, string, Partial<PlannedColumn>?][])("of %s are %j", (sqlType, text, rest) => {
    expect(countPlain(sqlType, text, rest)).toBe(text.split("\n").length - 1);
  });

  it("may have line ends, doubled quotes and delimiters inside quotes", () => {
    expect(countPlain("text", '"a,""b""\r\nc"\n"""a"""\r\n""\n')).toBe(3);
  });

  it.each([
    ["integer", "x\n"],
    ["integer", "1"],
    ["integer", "1,2\n"],
    ["integer", "\n"],
    ["text", '"a"b\n'],
    ["text", "a\0\n"],
    ["character varying(3)", "abcd\n"],
    ["numeric", "NaN\n"],
    ["json", "{a:1}\n"],
    ["jsonb", `"${"[".repeat(5000)}${"]".repeat(5000)}"\n`],
    ["double precision", "1e400\n"],
    ["real", "16777217.0000000001\n"],
    ["uuid", "g0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11\n"],
    ["timestamp", "2026-02-30T00:00:00\n"],
  ])("are others than %s of %j", (sqlType, text) => {
    expect(countPlain(sqlType, text)).toBe(0);
  });

  it.each(["bytea", "inet", "numeric(3,5)"])("are not in a table with %s", (sqlType) => {
    expect(countPlain(sqlType, "1\n")).toBe(null);
  });

  it("are not in a column whose values are spelled otherwise", () => {
    expect(countPlain("numeric", "1\n", { spelling: { decimal: "," } })).toBe(null);
  });
});
