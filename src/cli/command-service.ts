/** The service that a command with a job of its own talks to: the one that answers, or one for the command's duration. */
import type { Config } from "../config/config.ts";
import { SluiceError } from "../core/errors.ts";
import type { SluiceClient } from "../client/index.ts";
import type { Invocation } from "./command.ts";
import { limitEnding } from "./ending.ts";
import { startLocalService } from "./local-machine.ts";
import { clientOf, findService } from "./service-connection.ts";

/** A service to talk to, for as long as the command runs. */
export interface CommandService {
  readonly client: SluiceClient;
  /** Whether it was started by this command and ends with it. */
  readonly isOwn: boolean;
  readonly stop: () => Promise<void>;
}

/**
 * The service that answers, or one of our own for the time of this command; `purpose` is what it is said to be started
 * for. Errors: `service_unreachable` with `--detach` and no service; those of starting one.
 */
export async function openService(
  config: Config,
  invocation: Invocation,
  purpose: string,
): Promise<CommandService> {
  const client = await findService(config);
  if (client !== null) return { client, isOwn: false, stop: () => Promise.resolve() };
  if (invocation.flags.has("detach"))
    throw new SluiceError(
      "service_unreachable",
      "Expected a running service for --detach: without one nothing would run the job.",
    );
  const service = await startOwnService(config, invocation);
  invocation.output.note(
    `Started a service for this ${purpose}: PostgreSQL ${service.postgres.version}, ${service.url}`,
  );
  const token = config.token ?? service.firstToken;
  return {
    // Not through a connection to ourselves: both of its ends would keep this one thread busy.
    client: clientOf({ ...config, token }, service.url, service.fetch),
    isOwn: true,
    stop: async () => {
      const limit = limitEnding(invocation.output);
      try {
        await service.stop();
      } finally {
        clearTimeout(limit);
      }
    },
  };
}

const KEPT_LOG_LINES = 20;

/** Starts a service whose log stays off the screen, which belongs to the bar; its last lines are shown if it fails. */
async function startOwnService(
  config: Config,
  { output }: Invocation,
): Promise<Awaited<ReturnType<typeof startLocalService>>> {
  const log: string[] = [];
  try {
    return await startLocalService(config, {
      mayTakeNextPort: true, // nobody was told where it listens
      log: (line) => {
        log.push(line);
        if (log.length > KEPT_LOG_LINES) log.shift();
      },
    });
  } catch (error) {
    for (const line of log) output.note(line);
    throw error;
  }
}
