import { expect, test } from "vitest";
import type { ImportPlan, PlannedColumn } from "../../core/import-plan.ts";
import { decideReading } from "../../core/reading-options.ts";
import { suspicionsOf } from "./suspicions.ts";

function planOf(headers: readonly string[]): Pick<ImportPlan, "columns" | "width" | "reading"> {
  const columns = headers.map((header, field): PlannedColumn => {
    const base = { field, header, column: header, isRequired: false };
    return { ...base, type: "text", sqlType: "text", reason: "text" };
  });
  return { columns, width: headers.length, reading: decideReading({}) };
}

const TIMES = Array.from({ length: 10 }, (_, index) => index);

function suspect(headers: string, make: (row: number) => string): readonly unknown[] {
  const records = TIMES.map((row) => ({ line: row + 2, fields: make(row).split(",") }));
  return suspicionsOf(planOf(headers.split(",")), records).map(({ message, ...warning }) => [
    warning,
    message,
  ]);
}

test("two columns that hold what the other promises look exchanged", () => {
  expect(
    suspect("id,phone,email", (row) => `${row},a${row}@example.com,+49 30 55${row}00`),
  ).toEqual([
    [
      { code: "columns_look_exchanged", columns: ["phone", "email"] },
      "phone holds e-mail addresses and email phone numbers.",
    ],
  ]);
});

test.each([
  [
    "every column holds its own",
    "email,phone,born",
    (row: number) => `a@b.cd,030 12345${row},1984-02-1${row}`,
  ],
  ["two columns could be meant", "phone,fax,email", () => "a@b.cd,a@b.cd,+49 30 5500"],
  ["one name promises nothing", "name,email", () => "a@b.cd,Ada"],
  ["a name only begins like a promise", "email_sent,contact", () => "2026-02-01,a@b.cd"],
  ["a promise is a part of a word", "candidate,phone", () => "+49 30 5500,2026-02-01"],
  ["a mobile is an automobile", "automobile,email", () => "a@b.cd,+49 30 5500"],
  [
    "values are too long to be looked at",
    "email,phone",
    () => `+49 30 5500,a@b.${"c.".repeat(200)}d`,
  ],
  ["the column is empty", "email,phone", () => ",a@b.cd"],
  [
    "one value is odd",
    "email,phone",
    (row: number) => (row < 2 ? "Ada,a@b.cd" : "+49 30 5500,a@b.cd"),
  ],
])("nothing is suspected when %s", (_name, headers, make) => {
  expect(suspect(headers, make)).toEqual([]);
});

test("a first line that names one column of three looks like a title", () => {
  expect(suspect("Report,,", (row) => `${row},a,b`)).toMatchObject([
    [
      { code: "header_looks_like_title", values: ["2"] },
      "The header names 1 of 3 columns, and line 2 has something for each. If that is the header, leave out what is before it.",
    ],
  ]);
});

test("words that may mean no value are told with their columns", () => {
  expect(suspect("a,b", (row) => `${row % 2 === 0 ? "NULL" : row},${row}`)).toEqual([
    [
      { code: "words_for_null", columns: ["a"], values: ["NULL"] },
      '"NULL" may mean no value, in a. As it is read, it is text.',
    ],
  ]);
});
