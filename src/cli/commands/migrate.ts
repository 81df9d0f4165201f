/** `sluice migrate`. */
import { openDatabase } from "../../open-database.ts";
import type { Command, Invocation } from "../command.ts";
import { EXIT, type ExitCode } from "../exit-codes.ts";
import { formatCount } from "../format.ts";
import { migrateDatabase, readMissingSql } from "../local-machine.ts";

/** Brings the schema of the database in use to this version, or prints the SQL for it. */
export const migrateCommand: Command = {
  name: "migrate",
  usage: "",
  summary: "bring the schema of the database in use to this version",
  argumentCount: { least: 0, most: 0 },
  flags: { print: { description: "print the SQL that is missing, and change nothing" } },
  notes: [
    "A service does this at its start. It is for a service whose role may not change the schema: run it",
    "before, as the role that owns the schemas sluice and sluice_dispatch.",
    "",
    "  DATABASE_URL=postgresql://owner@db/app sluice migrate",
    "  sluice migrate --print | psql -v ON_ERROR_STOP=1 postgresql://owner@db/app",
  ],
  run: async (invocation) => {
    const database = await openDatabase(await invocation.loadConfig());
    try {
      return await (invocation.flags.has("print")
        ? printMissing(invocation, database.url)
        : applyMissing(invocation, database.url));
    } finally {
      await database.close();
    }
  },
};

async function printMissing({ output, isJson }: Invocation, url: string): Promise<ExitCode> {
  const script = await readMissingSql(url);
  if (isJson) output.print(JSON.stringify({ sql: script }));
  else if (script === "") output.note("Nothing is missing.");
  else output.print(script.trimEnd());
  return EXIT.done;
}

async function applyMissing({ output, isJson }: Invocation, url: string): Promise<ExitCode> {
  const { applied, madeDispatch } = await migrateDatabase(url);
  if (isJson) {
    output.print(JSON.stringify({ applied, madeDispatch }));
    return EXIT.done;
  }
  const ok = output.style("ok", "✓");
  for (const name of applied) output.print(`${ok} ${name}`);
  if (madeDispatch) output.print(`${ok} queue of the schema sluice_dispatch`);
  if (applied.length === 0 && !madeDispatch) output.print(`${ok} Nothing was missing.`);
  else if (applied.length > 0)
    output.print(
      `Applied ${formatCount(applied.length)} ${applied.length === 1 ? "migration" : "migrations"}.`,
    );
  return EXIT.done;
}
