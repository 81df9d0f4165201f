import { expect, test } from "vitest";
import { headOf, type ExportFormat } from "./export-plan.ts";

const FORMAT: ExportFormat = {
  type: "csv",
  delimiter: ",",
  quotes: "needed",
  nullWord: "",
  hasHeader: true,
  lineEnd: "lf",
  compression: "none",
  isSpreadsheetSafe: false,
};

const head = (names: readonly string[], format: Partial<ExportFormat> = {}) =>
  headOf({
    columns: names.map((name) => ({ name, sqlType: "text", writtenAs: "text" as const })),
    format: { ...FORMAT, ...format },
  });

test.each<[string, readonly string[], Partial<ExportFormat>, string]>([
  ["plain names", ["id", "full name"], {}, "id,full name\n"],
  [
    "names with a delimiter, a quote or a line end",
    ["a,b", 'c"d', "e\nf"],
    {},
    '"a,b","c""d","e\nf"\n',
  ],
  ["a first name that reads as something else", ["sep=;", "sep="], {}, '"sep=;",sep=\n'],
  ["a first name with a mark", ["\uFEFFid"], {}, '"\uFEFFid"\n'],
  ["a name that is the word for NULL", ["NA", "x"], { nullWord: "NA" }, '"NA",x\n'],
  ["all quoted, with CR LF", ["a", "b"], { quotes: "all", lineEnd: "crlf" }, '"a","b"\r\n'],
  ["formulas, for a spreadsheet", ["=x", "-1"], { isSpreadsheetSafe: true }, "\uFEFF'=x,-1\n"],
  ["no header", ["a"], { hasHeader: false }, ""],
  ["JSON Lines", ["a"], { type: "jsonl" }, ""],
])("%s", (_, names, format, expected) => {
  expect(head(names, format)).toBe(expected);
});
