import { expect, test } from "vitest";
import type { ExportJob, Table } from "../api/types.ts";
import {
  changeFormat,
  changeTable,
  changeType,
  draftOfExport,
  exportRequestOf,
  newExport,
  toggleColumn,
} from "./draft.ts";

const TABLE = {
  table: "public.people",
  columns: [{ name: "id" }, { name: "born" }],
} as unknown as Table; // the fields that choosing columns takes
const DRAFT = newExport("public.people");

test("nothing is asked for before there is a table, a query or a column", () => {
  expect(exportRequestOf(newExport(null))).toBeNull();
  expect(exportRequestOf({ ...DRAFT, source: "sql", sql: " " })).toBeNull();
  expect(exportRequestOf({ ...DRAFT, columns: [] })).toBeNull();
});

test("a range is sent with its column, and an empty end not at all", () => {
  const draft = { ...DRAFT, rangeColumn: "born", from: "1990-01-01" };

  expect(exportRequestOf(draft)).toEqual({
    table: "public.people",
    from: { column: "born", value: "1990-01-01" },
  });
});

test("columns are sent in the order of the table, and all of them not at all", () => {
  const less = toggleColumn(DRAFT, TABLE, "id");

  expect(exportRequestOf(less)).toEqual({ table: "public.people", columns: ["born"] });
  expect(exportRequestOf(toggleColumn(less, TABLE, "id"))).toEqual({ table: "public.people" });
});

test("another table forgets the columns of the one before", () => {
  const draft = { ...DRAFT, columns: ["id"], rangeColumn: "born", from: "1990-01-01" };

  expect(exportRequestOf(changeTable(draft, "public.other"))).toEqual({ table: "public.other" });
});

test("JSON Lines has no word for NULL, and keeps its packing", () => {
  const draft = changeFormat(DRAFT, { null: "NULL", gzip: true });

  expect(changeType(draft, "jsonl").format).toEqual({ type: "jsonl", gzip: true });
  expect(changeFormat(draft, { null: undefined }).format).toEqual({ gzip: true });
});

test("an export like one before asks for the same", () => {
  const job = {
    kind: "export",
    table: "public.people",
    sql: null,
    method: "snapshot",
    columns: [{ name: "id", sqlType: "bigint" }],
    where: "id > 3",
    from: null,
    to: { column: "born", value: "2000-01-01" },
    orderBy: ["born"],
    format: {
      type: "tsv",
      delimiter: "\t",
      quotes: "needed",
      null: "-",
      header: true,
      lineEnd: "crlf",
      compression: "gzip",
      spreadsheetSafe: false,
    },
  } as unknown as ExportJob; // the fields that a draft is made of

  expect(exportRequestOf(draftOfExport(job))).toEqual({
    table: "public.people",
    columns: ["id"],
    to: { column: "born", value: "2000-01-01" },
    where: "id > 3",
    method: "snapshot",
    orderBy: ["born"],
    format: { type: "tsv", null: "-", lineEnd: "crlf", gzip: true },
  });
});
