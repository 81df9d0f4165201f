/** The processes that a command can name: those of the service that answers, or of the folder here when none does. */
import { processListView, processView } from "../api/process-view.ts";
import { nearestName } from "../config/nearest-name.ts";
import type { Config } from "../config/config.ts";
import { SluiceApiError, type ProcessList, type ProcessView } from "../client/index.ts";
import { SluiceError } from "../core/errors.ts";
import { openLocalCatalog } from "./local-machine.ts";
import { findService } from "./service-connection.ts";

/** Where processes are looked for. */
export interface CommandCatalog {
  readonly list: () => Promise<ProcessList>;
  /** Errors: `usage` for a name that there is not, with the nearest one; `process_broken`. */
  readonly get: (name: string) => Promise<ProcessView>;
  /** Where they are, for people. */
  readonly place: string;
}

/** The catalog for this configuration. Starts nothing. Errors: `service_unreachable` for a service that was named. */
export async function openCatalog(config: Config): Promise<CommandCatalog> {
  const client = await findService(config);
  if (client !== null) {
    const list = (): Promise<ProcessList> => client.listProcesses();
    return {
      list,
      get: (name) => orUnknown(client.getProcess(name), name, list),
      place: `the folder of the service at ${client.url}`,
    };
  }
  const catalog = await openLocalCatalog(config);
  const list = async (): Promise<ProcessList> => processListView(await catalog.list());
  return {
    list,
    get: (name) => orUnknown(catalog.get(name).then(processView), name, list),
    place: config.processes,
  };
}

const UNKNOWN: ReadonlySet<string> = new Set(["not_found", "process_not_found"]);

async function orUnknown(
  found: Promise<ProcessView>,
  name: string,
  list: CommandCatalog["list"],
): Promise<ProcessView> {
  try {
    return await found;
  } catch (cause) {
    const isKnown = cause instanceof SluiceError || cause instanceof SluiceApiError;
    if (!isKnown || !UNKNOWN.has(cause.code)) throw cause;
    const { items, broken } = await list();
    const names = [...items, ...broken].map((item) => item.name).toSorted();
    const nearest = nearestName(name, names);
    const there =
      names.length === 0
        ? "There is none yet: `sluice init process` writes one."
        : `There is ${names.join(", ")}.`;
    throw new SluiceError(
      "usage",
      `There is no process ${JSON.stringify(name)}.${nearest === null ? "" : ` Did you mean ${nearest}?`} ${there}`,
      { cause },
    );
  }
}
