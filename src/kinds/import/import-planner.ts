/** The planner of imports, as the engine sees it. */
import type { ImportPlanner } from "../../core/ports.ts";
import { inspectFile } from "./inspect-file.ts";
import { planImport, sampleTexts } from "./plan-import.ts";
import { ARRIVING_SAMPLE_BYTES, readArrivingSample, readSample } from "./read-sample.ts";
import { parseTableName, tableNameOf } from "./table-name.ts";

/** Reads the sample of a file; decides without a database or a file, from its input alone. */
export const importPlanner: ImportPlanner = {
  targetOf: ({ table }, fileName) =>
    table === undefined
      ? { schema: "public", table: tableNameOf(fileName) }
      : parseTableName(table),
  readSample,
  arrivingSampleBytes: ARRIVING_SAMPLE_BYTES,
  readArrivingSample,
  plan: planImport,
  sampleRecords: sampleTexts,
  inspect: inspectFile,
};
