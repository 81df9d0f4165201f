import { describe, expect, it } from "vitest";
import type { ImportPlan, TargetColumn, TargetTable } from "../../core/import-plan.ts";
import type { ImportRequest } from "../../core/job.ts";
import type { PlanInput } from "../../core/ports.ts";
import { importPlanner } from "./import-planner.ts";

const TARGET = { schema: "public", table: "people" };

function inputFor(
  text: string | Uint8Array,
  request: Partial<ImportRequest> = {},
  rest: Partial<PlanInput> = {},
): PlanInput {
  const sample = typeof text === "string" ? new TextEncoder().encode(text) : text;
  return {
    request: { kind: "import", file: "file_1", ...request },
    sample,
    isWhole: true,
    file: {
      id: "file_1",
      name: "people.csv",
      bytes: sample.length,
      sha256: "ab12",
      createdAt: new Date(0),
    },
    target: TARGET,
    targetTable: null,
    staging: "staging_1",
    ...rest,
  };
}

function plan(
  text: string | Uint8Array,
  request?: Partial<ImportRequest>,
  rest?: Partial<PlanInput>,
): ImportPlan {
  return importPlanner.plan(inputFor(text, request, rest));
}

function refusal(code: string, text = "") {
  return expect.objectContaining({ code, message: expect.stringContaining(text) });
}

/** The columns as `field name type` lines. */
function columnsOf({ columns }: ImportPlan): string[] {
  return columns.map(({ field, column, sqlType }) => `${field} ${column} ${sqlType}`);
}

function aColumn(name: string, sqlType: string, isRequired = false): TargetColumn {
  return { name, sqlType, isRequired, hasDefault: false, isWritable: true };
}

describe("the plan of a new table", () => {
  it("has everything that a runner needs", () => {
    expect(plan("\uFEFFFull Name;Age\r\nAnn;42\r\n")).toEqual({
      mode: "create",
      target: TARGET,
      staging: "staging_1",
      dialect: { delimiter: 0x3b, quote: 0x22, escape: 0x22 },
      start: { byte: 18, line: 2 },
      width: 2,
      columns: [
        {
          field: 0,
          header: "Full Name",
          column: "full_name",
          type: "text",
          sqlType: "text",
          isRequired: false,
          reason: 'text such as "Ann"',
        },
        {
          field: 1,
          header: "Age",
          column: "age",
          type: "integer",
          sqlType: "integer",
          isRequired: false,
          reason: "whole numbers of up to 6 digits",
        },
      ],
      source: { file: "file_1", bytes: 26, sha256: "ab12" },
      encoding: "utf-8",
      reading: {
        header: true,
        skipLines: 0,
        trim: false,
        nullValues: [],
        blankLines: "skip",
        shortRecords: "reject",
        longRecords: "reject",
        nul: "reject",
        brokenQuotes: "reject",
        decimal: ".",
        dateFormats: {},
        maxFieldBytes: 1_048_576,
        maxRecordBytes: 16_777_216,
        maxInflatedBytes: 68_719_476_736,
        maxInflateRatio: 250,
      },
      isSplittable: true,
      warnings: [
        {
          code: "header_renamed",
          message: 'Columns are named for PostgreSQL: "Full Name" → full_name, "Age" → age.',
        },
      ],
    });
  });

  it("survives JSON unchanged, as the job row keeps it", () => {
    const made = plan("a,b\n1,2\n");

    expect(JSON.parse(JSON.stringify(made))).toEqual(made);
  });

  it("takes a header alone for 0 records of text", () => {
    expect(plan("a,b")).toMatchObject({ start: { byte: 3, line: 1 }, width: 2 });
    expect(columnsOf(plan("a,b\n"))).toEqual(["0 a text", "1 b text"]);
  });

  it("starts behind a line sep= and blank lines before the header", () => {
    expect(plan("sep=;\n\r\na;b\n1;2\n")).toMatchObject({ start: { byte: 12, line: 4 }, width: 2 });
  });

  it("infers from sound records only", () => {
    const text = 'n,s\n1,a\nforty\n"2"x,b\nx,y,z\n3,c\n';

    expect(columnsOf(plan(text))).toEqual(["0 n integer", "1 s text"]);
  });

  it("does not infer from a record that the end of the sample cuts", () => {
    expect(columnsOf(plan("n,m\n1,2\n3,4x", {}, { isWhole: false }))).toEqual([
      "0 n bigint",
      "1 m bigint",
    ]);
  });

  it("numbers columns of a file without header and takes its first record for data", () => {
    const made = plan("1,x\n2,y\n", { reading: { header: false } });

    expect(columnsOf(made)).toEqual(["0 column_1 integer", "1 column_2 text"]);
    expect(made).toMatchObject({ start: { byte: 0, line: 1 }, warnings: [] });
  });

  it("takes names and types that were asked for, by header or number", () => {
    const made = plan("Full Name,zip,x\nAnn,1234,1\n", {
      columns: { "Full Name": "Name", "#3": null },
      types: { Name: "varchar(80)", "#2": "TEXT" },
    });

    expect(columnsOf(made)).toEqual(["0 Name varchar(80)", "1 zip text"]);
    expect(made.columns.map(({ reason }) => reason)).toEqual(["declared", "declared"]);
    expect(made.width).toBe(3);
  });

  it("treats headers like __proto__ and constructor as ordinary names", () => {
    const made = plan("__proto__,constructor\n1,2\n", { types: { constructor: "bigint" } });

    expect(columnsOf(made)).toEqual(["0 proto integer", "1 constructor bigint"]);
  });

  it("numbers the records where rows are found again by a key, under a name that no column has", () => {
    const request = { columns: { a: "#record" } };

    expect(plan("a\n1\n", request).recordColumn).toBeUndefined();
    expect(plan("a\n1\n", { ...request, key: ["#record"] }).recordColumn).toBe("##record");
  });

  it("tells of declared columns what a person should know, and asks values nothing else", () => {
    const text = "n,t,d\n1,x,2026-01-31\n-01,=1+1,2026-02-28\n+02,@a,2026-03-31\n";
    const types = { n: "numeric", t: "text", d: "date" };
    const made = plan(text, { types });

    expect(made.columns.map(({ reason, offers }) => [reason, offers])).toEqual(
      Array.from({ length: 3 }, () => ["declared", undefined]),
    );
    expect(made.warnings.map(({ message }) => message)).toEqual([
      expect.stringContaining("n (-01)"),
      expect.stringContaining("t (=1+1)"),
    ]);
  });

  it("finds formulas and zeros behind values that begin with letters", () => {
    const text = `a,b\n${"x,y\n".repeat(50)}=1,007\n`;

    expect(plan(text).warnings.map(({ message }) => message)).toEqual([
      expect.stringContaining("a (=1)"),
    ]);
    expect(plan(text, { types: { b: "integer" } }).warnings).toHaveLength(2);
  });
});

describe("refusals of a file", () => {
  it.each([
    ["empty_file", ""],
    ["empty_file", "\uFEFF"],
    ["empty_file", "\n\r\n"],
    ["unsupported_format", "%PDF-1.4"],
    ["text_after_quote", '"a"b,c\n1,2\n'],
    ["unclosed_quote", 'a,"b\n1,2\n'],
    ["record_too_large", `a,${"b".repeat(1_048_577)}\n`],
    ["too_many_columns", `${"x,".repeat(1599)}x\n`],
    ["encoding_required", new Uint8Array([0x61, 0xff, 0x0a])],
  ])("is %s", (code, text) => {
    expect(() => plan(text)).toThrow(refusal(code));
  });

  it("is encoding_required for a wrong header even when UTF-8 is declared", () => {
    const bytes = new Uint8Array([0x61, 0xe9, 0x0a]);

    expect(() => plan(bytes, { reading: { encoding: "utf-8" } })).toThrow(
      refusal("encoding_required", "byte E9 at offset 1"),
    );
  });

  it("is record_too_large when the header does not end within the sample", () => {
    expect(() => plan("a".repeat(1000), {}, { isWhole: false })).toThrow(
      refusal("record_too_large", "line 1"),
    );
  });

  it("takes 1,599 columns and warns of them", () => {
    const made = plan(`${"x,".repeat(1598)}x\n`);

    expect(made.width).toBe(1599);
    expect(made.warnings.map(({ code }) => code)).toEqual(["header_renamed", "wide_table"]);
  });
});

describe("refusals of a request", () => {
  it.each<[Partial<ImportRequest>, string, string]>([
    [{ columns: { c: "x" } }, "invalid_request", '"c"'],
    [{ columns: { "#3": "x" } }, "invalid_request", '"#3"'],
    [{ columns: { a: "x", "#1": "y" } }, "invalid_request", "column 1 once"],
    [{ columns: { a: "" } }, "invalid_request", "column name"],
    [{ columns: { a: "xmin" } }, "invalid_request", "column name"],
    [{ columns: { a: null, b: null } }, "invalid_request", "at least one column"],
    [{ columns: { a: "x", b: "x" } }, "mapping_ambiguous", '"a" and "b"'],
    [{ columns: { a: "b" } }, "mapping_ambiguous", '"a" and "b"'],
    [{ columns: { b: "A" } }, "mapping_ambiguous", '"a" and "b"'],
    [{ types: { c: "text" } }, "invalid_request", '"c"'],
    [{ types: { a: "strange" } }, "invalid_request", "double precision"],
    [{ types: { a: "text); drop table people" } }, "invalid_request", "Expected a type"],
    [{ types: { a: "text", "#1": "date" } }, "invalid_request", "one type"],
    [{ columns: { a: null }, types: { a: "text" } }, "invalid_request", '"a"'],
    [{ reading: { encoding: "utf-7" } }, "unsupported_encoding", "utf-7"],
    [{ mode: "append" }, "table_not_found", "public.people"],
  ])("%j is %s", (request, code, text) => {
    expect(() => plan("a,b\n1,2\n", request)).toThrow(refusal(code, text));
  });

  it("gives a column the name of another that is left out or renamed", () => {
    const swapped = plan("a,b\n1,2\n", { columns: { a: "b", b: "a" } });
    const replaced = plan("a,b\n1,2\n", { columns: { a: "b", b: null } });

    expect(swapped.columns.map(({ column }) => column)).toEqual(["b", "a"]);
    expect(replaced.columns.map(({ column }) => column)).toEqual(["b"]);
  });

  it("asks which of two columns with one header is meant", () => {
    expect(() => plan("a,a\n1,2\n", { columns: { a: "x" } })).toThrow(
      refusal("invalid_request", '"#1"'),
    );
  });

  it("does not write to a new table before the end", () => {
    expect(() => plan("a\n", { delivery: "direct" })).toThrow(
      refusal("invalid_request", "Direct is for mode append"),
    );
  });

  it("does not create a table that exists", () => {
    const targetTable = { ...TARGET, columns: [aColumn("a", "text")] };

    expect(() => plan("a\n", {}, { targetTable })).toThrow(refusal("table_exists"));
  });
});

describe("the plan of an existing table", () => {
  const columns = [
    aColumn("zip", "integer", true),
    aColumn("tags", "text[]"),
    aColumn("#record", "text"),
  ];
  const targetTable: TargetTable = { ...TARGET, columns };
  const made = (): ImportPlan => plan("zip,tags\n007,{}\n", { mode: "append" }, { targetTable });

  it("takes types and requirements from the table, and warns of what they lose", () => {
    expect(made()).toMatchObject({
      mode: "append",
      columns: [
        { type: "integer", sqlType: "integer", isRequired: true, reason: "from the table" },
        { type: "text", sqlType: "text[]", isRequired: false, reason: "from the table" },
      ],
      warnings: [
        {
          code: "leading_zeros_lost",
          message: "Leading zeros are lost where the type is a number: zip (007).",
        },
      ],
    });
  });

  it("avoids a record number column that the table has", () => {
    expect(made().recordColumn).toBe("##record");
  });

  it("writes to the table itself when that is asked for, unless it has partitions", () => {
    const request = { mode: "append", delivery: "direct" } as const;

    expect(plan("zip,tags\n1,{}\n", request, { targetTable }).delivery).toBe("direct");
    expect(() =>
      plan("zip,tags\n1,{}\n", request, { targetTable: { ...targetTable, isPartitioned: true } }),
    ).toThrow(refusal("invalid_request", "partitioned"));
  });

  it("takes no key, because the table has its own", () => {
    const request = { mode: "append", key: ["zip"] } as const;

    expect(() => plan("zip,tags\n1,{}\n", request, { targetTable })).toThrow(
      refusal("invalid_request", "its own keys hold"),
    );
  });
});

describe("warnings", () => {
  it("tell of a header that looks like data", () => {
    expect(plan("1,Ann\n2,Bob\n").warnings.map(({ code }) => code)).toContain(
      "header_looks_like_data",
    );
    expect(plan("id,Ann\n2,Bob\n").warnings.map(({ code }) => code)).not.toContain(
      "header_looks_like_data",
    );
  });

  it("tell of leading zeros under a declared number", () => {
    expect(
      plan("zip\n007\n", { types: { zip: "integer" } }).warnings.map(({ code }) => code),
    ).toEqual(["leading_zeros_lost"]);
    expect(plan("zip\n007\n").warnings).toEqual([]);
  });

  it("show a few examples and count the rest", () => {
    expect(plan("A,B,C,D,E,F,G\n").warnings[0]?.message).toMatch(/"E" → e and 2 more\.$/);
  });
});

describe("the sample", () => {
  it("shows the first records as they are in the file", () => {
    const input = inputFor('a,b\n1,"x ""y"""\nbad\n2,\n3,z\n');
    const records = importPlanner.sampleRecords(importPlanner.plan(input), input, 2);

    expect(records).toEqual([
      ["1", 'x "y"'],
      ["2", ""],
    ]);
  });
});

describe("the target", () => {
  it("is what the request says, else made from the file's name", () => {
    expect(importPlanner.targetOf({ table: "crm.people" }, "x.csv")).toEqual({
      schema: "crm",
      table: "people",
    });
    expect(importPlanner.targetOf({}, "People 2026.csv")).toEqual({
      schema: "public",
      table: "people_2026",
    });
  });
});
