/** `sluice url`. */
import { SluiceError } from "../../core/errors.ts";
import type { Command, Invocation } from "../command.ts";
import { EXIT, type ExitCode } from "../exit-codes.ts";
import { openDatabase } from "../../open-database.ts";
import { findFolderService } from "../local-machine.ts";

/** Prints a connection URL of the database in use; leaves the private server running for it. */
export const urlCommand: Command = {
  name: "url",
  usage: "",
  summary: "a connection URL of the database in use, for psql or any client",
  argumentCount: { least: 0, most: 0 },
  flags: {
    stop: { description: "stop the private PostgreSQL that an earlier `sluice url` left on" },
  },
  notes: ['  psql "$(sluice url)"'],
  run: async (invocation) => {
    if (invocation.flags.has("stop")) return stopServer(invocation);
    const { output, isJson } = invocation;
    const database = await openDatabase(await invocation.loadConfig());
    await database.close({ keepRunning: true });
    output.print(isJson ? JSON.stringify({ url: database.url }) : database.url);
    if (database.wasStarted)
      output.note("Started the private PostgreSQL and left it running. Stop it: sluice url --stop");
    return EXIT.done;
  },
};

async function stopServer({ output, loadConfig }: Invocation): Promise<ExitCode> {
  const config = await loadConfig();
  if (config.databaseUrl !== null)
    throw new SluiceError(
      "usage",
      `${config.origins.databaseUrl.name} names a server of your own, which Sluice does not stop.`,
    );
  const service = await findFolderService(config.dir);
  if (service !== null)
    throw new SluiceError(
      "folder_in_use",
      `A Sluice service (pid ${service.pid}) uses the private PostgreSQL. Stop that service.`,
    );
  const database = await openDatabase(config);
  await database.close();
  output.note("The private PostgreSQL is stopped.");
  return EXIT.done;
}
