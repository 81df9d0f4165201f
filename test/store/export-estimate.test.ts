/** What an export is said to come to, of tables that nobody has looked at yet. */
import { afterAll, beforeAll, expect, test } from "vitest";
import type { QueryPlan } from "../../src/core/export-ports.ts";
import { createExportCatalog } from "../../src/store/target/export-catalog.ts";
import { openTestDatabase, type TestDatabase } from "../support/database.ts";

let database: TestDatabase;
beforeAll(async () => {
  database = await openTestDatabase();
});
afterAll(() => database?.[Symbol.asyncDispose]());

const DAYS: Pick<QueryPlan, "columns" | "where" | "orderBy" | "key" | "staging" | "format"> = {
  columns: [{ name: "day", sqlType: "date", writtenAs: "time" }],
  where: null,
  orderBy: [],
  key: [],
  staging: null,
  format: {
    type: "csv",
    delimiter: ",",
    quotes: "needed",
    nullWord: "",
    hasHeader: true,
    lineEnd: "lf",
    compression: "none",
    isSpreadsheetSafe: false,
  },
};

test("a range of a table that was made a moment ago is estimated by a look at its rows", async () => {
  await database.pool.query(
    "create table visit as select date '2026-01-01' + n % 100 as day from generate_series(0, 19999) n",
  );
  const catalog = createExportCatalog(database.pool);

  const { rows } = await catalog.estimate({
    ...DAYS,
    source: { table: { schema: "public", table: "visit" }, sql: null },
    from: { column: "day", sqlType: "date", value: "2026-01-01" },
    to: { column: "day", sqlType: "date", value: "2026-02-20" },
  });

  expect(rows).toBeGreaterThan(8_000);
  expect(rows).toBeLessThan(12_000);
});
