import { describe, expect, it } from "vitest";
import { parseTableName, tableNameOf } from "./table-name.ts";

describe("tableNameOf", () => {
  it.each([
    ["people 2026.csv", "people_2026"],
    ["People.CSV", "people"],
    ["sales.q1.tsv.gz", "sales_q1"],
    ["../../etc/passwd", "passwd"],
    ["C:\\data\\Größe.csv", "größe"],
    ["2026.csv", "2026"],
    [".csv", "imported"],
    ["???.csv", "imported"],
  ])("makes %j into %j", (fileName, table) => {
    expect(tableNameOf(fileName)).toBe(table);
  });
});

describe("parseTableName", () => {
  it.each([
    ["people", "public", "people"],
    ["crm.People", "crm", "People"],
    ["my table", "public", "my table"],
    ['"my.schema"."a ""b"""', "my.schema", 'a "b"'],
    ["x'; drop table y; --", "public", "x'; drop table y; --"],
  ])("reads %j", (text, schema, table) => {
    expect(parseTableName(text)).toEqual({ schema, table });
  });

  it.each([
    "",
    ".",
    "a.",
    ".a",
    "a.b.c",
    '"a',
    'x"; drop table y; --',
    '""',
    " ",
    '" "."a"',
    "x".repeat(64),
    "a\0b",
    "sluice.job",
    "pg_catalog.pg_class",
    "information_schema.tables",
  ])("refuses %j", (text) => {
    expect(() => parseTableName(text)).toThrow(
      expect.objectContaining({ code: "invalid_request" }),
    );
  });
});
