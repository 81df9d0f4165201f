import { expect, test } from "vitest";
import type { FileView, PlanView } from "../client/index.ts";
import { importLines } from "./import-view.ts";
import { createStyle } from "./terminal/style.ts";

const FILE: FileView = {
  id: "file_01m84qvm34fc7rq4ee6xdwhyxw",
  name: "people.csv",
  bytes: 89_548_392,
  sha256: "9f".repeat(32),
  createdAt: "2026-11-23T17:39:30.004Z",
};

function column(
  name: string,
  sqlType: string,
  reason: string,
  header = name,
): PlanView["columns"][number] {
  const type = sqlType === "text" ? "text" : "integer";
  return { number: 1, header, column: name, type, sqlType, isRequired: false, reason };
}

const PLAN: PlanView = {
  validateOnly: true,
  table: "public.people",
  mode: "create",
  reading: { delimiter: ",", quote: '"', escape: '"', encoding: "utf-8", firstRecordLine: 2 },
  columns: [
    column("id", "bigint", "whole numbers"),
    column("name", "text", "declared", "Full Name"),
    column("zip", "text", "leading zeros", "ZIP"),
  ],
  key: [],
  warnings: [],
};

function lines(plan: PlanView, columns = 120): readonly string[] {
  return importLines(FILE, plan, { columns, style: createStyle(false), hasHeader: true });
}

test("the file, the target and each column with what is worth telling are shown", () => {
  expect(lines(PLAN)).toEqual([
    "people.csv   89.5 MB, comma, UTF-8, with a header",
    "→ new table public.people   id bigint · name text ← Full Name · zip text (leading zeros)",
  ]);
});

test("a column whose header is empty says so", () => {
  const columns = [column("column_2", "text", "text", " ")];

  expect(lines({ ...PLAN, columns })[1]).toBe(
    "→ new table public.people   column_2 text ← (empty)",
  );
});

test("the primary key that the table gets has a line of its own", () => {
  expect(lines({ ...PLAN, key: ["id", "zip"] }).at(-1)).toBe("  primary key id, zip");
});

test("warnings follow", () => {
  const warnings = [{ code: "wide_table", message: "900 columns." }];

  expect(lines({ ...PLAN, warnings }).at(-1)).toBe("! 900 columns.");
});

test("columns wrap between, and many are counted", () => {
  const columns = Array.from({ length: 100 }, (_, index) => column(`c${index}`, "integer", "x"));

  const shown = lines({ ...PLAN, columns }, 40).slice(1);

  expect(Math.max(...shown.map((line) => line.length))).toBeLessThanOrEqual(40);
  expect(shown).toHaveLength(9);
  expect(shown.at(-1)).toMatch(/^ {2}and \d+ more columns$/);
});
