import { expect, test } from "vitest";
import { importCommand } from "./commands/import.ts";
import { decisionsOf, type ImportDecisions } from "./import-request.ts";
import { parseWords } from "./parse-arguments.ts";

function decide(...words: string[]): ImportDecisions {
  return decisionsOf(parseWords(["people.csv", ...words], importCommand).flags);
}

test("without flags nothing is decided", () => {
  expect(decide()).toEqual({});
});

test("flags become the fields of the request", () => {
  expect(
    decide(
      "--table",
      "crm.people",
      "--mode",
      "append",
      "--max-rejected",
      "0",
      "--pause-after",
      "10",
    ),
  ).toEqual({ table: "crm.people", mode: "append", maxRejected: 0, pauseAfter: 10 });
});

test("a header is mapped to a column, or to null when nothing follows", () => {
  expect(decide("--map", "Full Name=name", "--map", "a=b=c", "--map", "Notes=").columns).toEqual({
    "Full Name": "name",
    "a=b": "c",
    Notes: null,
  });
});

test("a taken key is skipped when that is said", () => {
  expect(decide("--mode", "append", "--on-conflict", "skip")).toEqual({
    mode: "append",
    onConflict: "skip",
  });
});

test("the columns of a key are split at commas", () => {
  expect(decide("--key", "id, part").key).toEqual(["id", "part"]);
});

test("direct is a delivery", () => {
  expect(decide("--direct")).toEqual({ delivery: "direct" });
});

test("types are split at commas that are not inside brackets", () => {
  expect(decide("--types", "price=numeric(10,2),zip=text", "--types", "id=bigint").types).toEqual({
    price: "numeric(10,2)",
    zip: "text",
    id: "bigint",
  });
});

test("the dialect takes characters and the names of the usual ones", () => {
  expect(
    decide("--delimiter", "tab", "--quote", "'", "--escape", "\\", "--no-header").reading,
  ).toEqual({
    delimiter: "\t",
    quote: "'",
    escape: "\\",
    header: false,
  });
});

test("every reading option has a flag", () => {
  expect(
    decide(
      "--delimiter=::",
      "--skip-lines=2",
      "--comment=#",
      "--trim",
      "--null-values=NULL",
      "--null-values=-",
      "--blank-lines=null",
      "--short-records=pad",
      "--long-records=trim-empty",
      "--nul=replace",
      "--broken-quotes=fail",
      "--max-field-bytes=10",
      "--max-inflate-ratio=20",
    ).reading,
  ).toEqual({
    delimiter: "::",
    skipLines: 2,
    comment: "#",
    trim: true,
    nullValues: ["NULL", "-"],
    blankLines: "null",
    shortRecords: "pad",
    longRecords: "trimEmpty",
    nul: "replace",
    brokenQuotes: "fail",
    maxFieldBytes: 10,
    maxInflateRatio: 20,
  });
});

test.each([
  [["--mode", "add"], "Expected --mode to be one of create, append, upsert, replace"],
  [["--map", "name"], 'Expected --map to be "Header=column"'],
  [["--types", "zip"], 'Expected --types to be "column=type"'],
  [["--types", "zip="], 'Expected --types to be "column=type"'],
  [["--quote", "::"], "Expected --quote to be one ASCII character"],
  [["--escape", "é"], "Expected --escape to be one ASCII character"],
  [["--nul", "keep"], "Expected --nul to be reject or replace"],
  [["--skip-lines", "-1"], "Expected --skip-lines to be a whole number from 0 on"],
  [["--max-field-bytes", "268435457"], "a whole number of at most 268435456"],
])("%j is refused: %s", (words, message) => {
  expect(() => decide(...words)).toThrow(message);
});
