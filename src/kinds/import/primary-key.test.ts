import { expect, test } from "vitest";
import type { PlannedColumn } from "../../core/import-plan.ts";
import { requireKey } from "./primary-key.ts";

const HEADERS = ["ID", "Full Name", "Facts"];

function column(field: number, name: string, type: PlannedColumn["type"]): PlannedColumn {
  const header = HEADERS[field] ?? "";
  const reason = "declared";
  return { field, header, column: name, type, sqlType: type, isRequired: false, reason };
}

const COLUMNS = [column(0, "id", "integer"), column(1, "name", "text"), column(2, "facts", "json")];

test("columns of a key are found by name, header and number, and need a value", () => {
  const { columns, key } = requireKey(HEADERS, COLUMNS, ["#2", "ID"]);

  expect(key).toEqual(["name", "id"]);
  expect(columns.map(({ isRequired }) => isRequired)).toEqual([true, true, false]);
});

test("without a key the columns stay as they are", () => {
  expect(requireKey(HEADERS, COLUMNS, [])).toEqual({ columns: COLUMNS, key: [] });
});

test.each([
  ["what is no column", ["nr"], 'the name of a column of the new table, got "nr"'],
  ["a column that comes twice", ["id", "ID"], "each column of the key once, got id again"],
  ["a type that has no order", ["facts"], "a type that can be a key for facts, but it is json"],
  ["too many columns", Array.from({ length: 33 }, () => "id"), "at most 32 columns in the key"],
])("a key of %s is refused", (_, key, message) => {
  expect(() => requireKey(HEADERS, COLUMNS, key)).toThrow(message);
});
