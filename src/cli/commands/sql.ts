/** `sluice sql`. */
import type { Command } from "../command.ts";
import { EXIT } from "../exit-codes.ts";
import { openDatabase } from "../../open-database.ts";
import { readDatabase } from "../local-machine.ts";
import { createQueryOutput } from "../query-output.ts";

/** Runs a read-only query on the database in use. */
export const sqlCommand: Command = {
  name: "sql",
  usage: '"select …"',
  summary: "a read-only query on the database in use",
  argumentCount: { least: 1, most: 1 },
  flags: { csv: { description: "rows as CSV" } },
  notes: [
    "Rows are written as they are read, however many there are. A terminal shows the first 1,000.",
    "",
    '  sluice sql "select origin, count(*) from flights group by 1 order by 2 desc limit 5"',
  ],
  run: async ({ args, flags, output, isJson, loadConfig }) => {
    const form = isJson ? "json" : flags.has("csv") ? "csv" : "table";
    const database = await openDatabase(await loadConfig());
    try {
      const rows = createQueryOutput(form, output);
      await readDatabase(database.url, args[0] ?? "", rows.receive);
      await rows.end();
      return EXIT.done;
    } finally {
      await database.close();
    }
  },
};
