import { describe, expect, it } from "vitest";
import type { TargetColumn, TargetTable } from "../../core/import-plan.ts";
import type { ImportRequest } from "../../core/job.ts";
import { planExistingColumns } from "./existing-columns.ts";

function aColumn(name: string, rest: Partial<TargetColumn> = {}): TargetColumn {
  return { name, sqlType: "text", isRequired: false, hasDefault: false, isWritable: true, ...rest };
}

function aTable(...columns: readonly TargetColumn[]): TargetTable {
  return { schema: "public", table: "people", columns };
}

/** The columns as `field name` lines. */
function mapped(
  headers: readonly string[],
  target: TargetTable,
  request: Pick<ImportRequest, "columns" | "types"> = {},
): string[] {
  return planExistingColumns(headers, request, target).map(
    ({ field, column }) => `${field} ${column}`,
  );
}

describe("planExistingColumns", () => {
  it("maps by exact name, then in any case, then by the rule for names", () => {
    const table = aTable(aColumn("id"), aColumn("ID"), aColumn("email"), aColumn("full_name"));

    expect(mapped(["ID", "Full Name", "EMAIL"], table)).toEqual(["0 ID", "1 full_name", "2 email"]);
  });

  it("goes where the request says, and leaves out what it says", () => {
    const table = aTable(aColumn("name"), aColumn("note"));

    expect(
      mapped(["1", "name", "x"], table, { columns: { "#1": "name", name: "note", x: null } }),
    ).toEqual(["0 name", "1 note"]);
  });

  it("keeps the spelling of a type that Sluice does not check", () => {
    const [column] = planExistingColumns(
      ["m"],
      {},
      aTable(aColumn("m", { sqlType: "public.mood", isRequired: true })),
    );

    expect(column).toEqual({
      field: 0,
      header: "m",
      column: "m",
      type: "text",
      sqlType: "public.mood",
      isRequired: true,
      reason: "from the table",
    });
  });

  it("leaves columns with a default, and those that the database computes, to the database", () => {
    const table = aTable(
      aColumn("a"),
      aColumn("id", { isRequired: true, hasDefault: true }),
      aColumn("sum", { isRequired: true, isWritable: false }),
    );

    expect(mapped(["a"], table)).toEqual(["0 a"]);
  });

  it.each<[string, Pick<ImportRequest, "columns" | "types">, TargetColumn[], string, string]>([
    ["a,b,c", {}, [aColumn("a")], "column_unmapped", '"b", "c"'],
    ["", {}, [aColumn("_")], "column_unmapped", '""'],
    ["a", { columns: { a: "x" } }, [aColumn("a")], "column_unmapped", '"x"'],
    ["NAME", {}, [aColumn("name"), aColumn("Name")], "mapping_ambiguous", "name and Name"],
    ["a,A", {}, [aColumn("a")], "mapping_ambiguous", '"a" and "A"'],
    ["a", {}, [aColumn("a", { isWritable: false })], "column_not_writable", "computes itself"],
    ["a", {}, [aColumn("a"), aColumn("b", { isRequired: true })], "required_column_missing", "b"],
    ["a", { types: { a: "text" } }, [aColumn("a")], "invalid_request", "types"],
    ["a", { columns: { z: "a" } }, [aColumn("a")], "invalid_request", '"z"'],
  ])("refuses %j under %j", (headers, request, columns, code, text) => {
    expect(() => mapped(headers.split(","), aTable(...columns), request)).toThrow(
      expect.objectContaining({ code, message: expect.stringContaining(text) }),
    );
  });
});
