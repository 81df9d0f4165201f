/**
 * Which service a command talks to: the one that --url or SLUICE_URL names; else the live service of the folder; else
 * the one at the default address. The default address is left alone when another folder was asked for: a service
 * there would be somebody else's, with another database.
 */
import { setTimeout as wait } from "node:timers/promises";
import type { Config } from "../config/config.ts";
import { SluiceClient } from "../client/index.ts";
import { SluiceError } from "../core/errors.ts";
import { findFolderService } from "./local-machine.ts";

/** Where a service listens unless told otherwise. */
const DEFAULT_URL = "http://127.0.0.1:5007";

const ALIVE_TIMEOUT_MS = 2_000;
const STARTING_TIMEOUT_MS = 15_000;
const STARTING_POLL_MS = 50;

/** The service that commands talk to, or null when none answers. Errors: `service_unreachable` for one that was named. */
export async function findService(config: Config): Promise<SluiceClient | null> {
  if (config.url !== null) {
    const named = clientOf(config, config.url);
    if (await named.isAlive(ALIVE_TIMEOUT_MS)) return named;
    throw new SluiceError(
      "service_unreachable",
      `No Sluice service answers at ${config.url}, which ${config.origins.url.name} names.`,
    );
  }
  const url = await folderServiceUrl(config.dir);
  if (url !== null) {
    const own = clientOf(config, url);
    if (await own.isAlive(ALIVE_TIMEOUT_MS)) return own;
  }
  if (config.origins.dir.kind !== "default") return null;
  const usual = clientOf(config, DEFAULT_URL);
  return (await usual.isAlive(ALIVE_TIMEOUT_MS)) ? usual : null;
}

/** The service that commands talk to. Errors: `service_unreachable` when none answers. */
export async function requireService(config: Config): Promise<SluiceClient> {
  const client = await findService(config);
  if (client !== null) return client;
  const where =
    config.origins.dir.kind === "default"
      ? `for this folder or at ${DEFAULT_URL}`
      : `for the folder ${config.dir}`;
  throw new SluiceError("service_unreachable", `No Sluice service runs ${where}.`);
}

/** A client for the service at `url`, with the token of the configuration; `fetch` reaches one in this process. */
export function clientOf(config: Config, url: string, fetch = globalThis.fetch): SluiceClient {
  return new SluiceClient({ url, token: config.token, fetch });
}

/** The address of the folder's live service. One that is starting is waited for. */
async function folderServiceUrl(dir: string): Promise<string | null> {
  const deadline = Date.now() + STARTING_TIMEOUT_MS;
  for (;;) {
    const service = await findFolderService(dir);
    if (service === null || service.url !== null || Date.now() > deadline)
      return service?.url ?? null;
    await wait(STARTING_POLL_MS);
  }
}
