/** `sluice sql`. */
import type { Command } from "../command.ts";
import { EXIT } from "../exit-codes.ts";
import { formatCounted } from "../format.ts";
import { openDatabase } from "../../open-database.ts";
import { queryDatabase } from "../local-machine.ts";
import { csvLines, rowTable } from "../row-view.ts";

/** Runs a read-only query on the database in use. */
export const sqlCommand: Command = {
  name: "sql",
  usage: '"select …"',
  summary: "a read-only query on the database in use",
  argumentCount: { least: 1, most: 1 },
  flags: { csv: { description: "rows as CSV" } },
  notes: ['  sluice sql "select origin, count(*) from flights group by 1 order by 2 desc limit 5"'],
  run: async ({ args, flags, output, isJson, loadConfig }) => {
    const database = await openDatabase(await loadConfig());
    try {
      const result = await queryDatabase(database.url, args[0] ?? "");
      if (isJson) output.print(JSON.stringify(result));
      else if (flags.has("csv"))
        for (const line of csvLines(result)) await output.write(`${line}\n`);
      else {
        for (const line of rowTable(result, output.resultColumns())) output.print(line);
        output.note(`(${formatCounted(result.rows.length, "row")})`);
      }
      return EXIT.done;
    } finally {
      await database.close();
    }
  },
};
