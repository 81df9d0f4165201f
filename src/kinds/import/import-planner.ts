/** The planner of imports, as the engine sees it. */
import type { ImportPlanner } from "../../core/ports.ts";
import { planImport } from "./plan-import.ts";
import { sampleRecords } from "./sample-columns.ts";
import { parseTableName, tableNameOf } from "./table-name.ts";

/** Decides without a database or a file: everything it needs is in its input. */
export const importPlanner: ImportPlanner = {
  targetOf: ({ table }, fileName) =>
    table === undefined
      ? { schema: "public", table: tableNameOf(fileName) }
      : parseTableName(table),
  plan: planImport,
  sampleRecords: (plan, { sample, isWhole }, limit) =>
    sampleRecords({ bytes: sample, isWhole }, plan, limit),
};
