import { describe, expect, it } from "vitest";
import { DECLARABLE_TYPES, parseDeclaredType, readCatalogType } from "./sql-type.ts";

describe("parseDeclaredType", () => {
  it.each([
    ["int", "integer", "integer"],
    ["INT8", "bigint", "bigint"],
    ["smallint", "integer", "smallint"],
    ["decimal(5, 2)", "numeric", "numeric(5,2)"],
    ["numeric(7)", "numeric", "numeric(7,0)"],
    ["float8", "double precision", "double precision"],
    ["real", "double precision", "real"],
    ["bool", "boolean", "boolean"],
    ["character varying(3)", "text", "varchar(3)"],
    ["varchar", "text", "varchar"],
    ["char(2)", "text", "char(2)"],
    ["char", "text", "char(1)"],
    [" timestamp ( 3 )  with time zone ", "timestamptz", "timestamptz(3)"],
    ["timestamp without time zone", "timestamp", "timestamp"],
    ["jsonb", "jsonb", "jsonb"],
    ["time(3)", "time", "time(3)"],
    ["time with time zone", "text", "timetz"],
  ])("understands %j", (text, type, sqlType) => {
    expect(parseDeclaredType(text)).toMatchObject({ type, sqlType });
  });

  it.each([
    "",
    "strange",
    "integer[]",
    "integer(3)",
    "varchar(0)",
    "varchar(10485761)",
    "varchar(1,2)",
    "numeric(0)",
    "numeric(1001)",
    "numeric(5,2,1)",
    "numeric(3,-2)",
    "numeric(3,5)",
    "timestamp(7)",
    "text; drop table people",
    'text" not null',
    "int) , (x int",
    "constructor",
    "jsonb(3)",
  ])("refuses %j", (text) => {
    expect(parseDeclaredType(text)).toBeNull();
  });

  it("understands every type that it offers by name", () => {
    const named = DECLARABLE_TYPES.filter((name) => !name.includes("("));

    expect(named.filter((name) => parseDeclaredType(name) === null)).toEqual([]);
  });
});

describe("readCatalogType", () => {
  it.each([
    ["character varying(3)", "text", { maxLength: 3, isText: true }],
    ["character(1)", "text", { maxLength: 1, isText: true }],
    ["numeric(5,2)", "numeric", { precision: 5, scale: 2 }],
    ["numeric(5,-2)", "numeric", { precision: 5, scale: -2 }],
    ["timestamp(0) without time zone", "timestamp", { secondDigits: 0 }],
    ["timestamp with time zone", "timestamptz", { secondDigits: 6 }],
    ["smallint", "integer", { integerBytes: 2 }],
    ["integer[]", "text", { isText: false }],
    ["jsonb", "jsonb", { isText: false }],
    ["time(3) without time zone", "time", { isText: false, secondDigits: 3 }],
    ["name", "text", { maxBytes: 63, isText: true }],
    ["public.mood", "text", { isText: true }],
    ["citext", "text", { isText: true }],
  ])("reads %j and keeps its spelling", (sqlType, type, rest) => {
    expect(readCatalogType(sqlType)).toMatchObject({ type, sqlType, ...rest });
  });
});
