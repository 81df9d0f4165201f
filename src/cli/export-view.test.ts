import { expect, test } from "vitest";
import type { ExportPlanView } from "../client/index.ts";
import { exportLines } from "./export-view.ts";

const PLAN: ExportPlanView = {
  validateOnly: true,
  kind: "export",
  table: "public.flights",
  sql: null,
  method: "keyed",
  methodReason: "Read by ranges of the key (id).",
  columns: [{ name: "id", sqlType: "bigint" }],
  where: null,
  from: { column: "date", value: "2001-01-01" },
  to: { column: "date", value: "2002-01-01" },
  orderBy: ["id"],
  format: {
    type: "csv",
    delimiter: ",",
    quotes: "needed",
    null: "",
    header: true,
    lineEnd: "lf",
    compression: "gzip",
    spreadsheetSafe: false,
  },
  fileName: "flights.csv.gz",
  estimate: { rows: 19_987_654, bytes: 1_234_567_890, seconds: 95 },
  preview: null,
  warnings: [],
};

const lines = (plan: ExportPlanView) =>
  exportLines(plan, "out.csv.gz", { columns: 100, style: (_tone, text) => text });

test("how much it will be comes first, and no more exactly than it is known", () => {
  expect(lines(PLAN)).toEqual([
    "public.flights → out.csv.gz   about 20,000,000 rows, 1.2 GB, about 2 min",
    "  rows with date from 2001-01-01, date before 2002-01-01, 1 column",
    "  CSV, gzip, in the order of id",
    "  Read by ranges of the key (id).",
  ]);
});

test("warnings stand at the end, and a query is called one", () => {
  const plan: ExportPlanView = {
    ...PLAN,
    table: null,
    sql: "select 1",
    from: null,
    to: null,
    where: "id > 7",
    orderBy: [],
    format: { ...PLAN.format, type: "jsonl", compression: "none", null: "" },
    estimate: { rows: 7, bytes: 99, seconds: 0.1 },
    warnings: [{ code: "starts_again", message: "It starts again." }],
  };

  expect(lines(plan)).toEqual([
    "the query → out.csv.gz   about 7 rows, 99 bytes, about 1 s",
    "  rows with where id > 7, 1 column",
    "  JSON Lines",
    "  Read by ranges of the key (id).",
    "! It starts again.",
  ]);
});
