/** The service that a command with a job of its own talks to: the one that answers, or one for the command's duration. */
import type { Config } from "../config/config.ts";
import { SluiceError } from "../core/errors.ts";
import type { FileView, SluiceClient } from "../client/index.ts";
import type { LocalCopy } from "../files/local-copy.ts";
import type { Service } from "../server.ts";
import type { Invocation } from "./command.ts";
import { limitEnding } from "./ending.ts";
import { unreadable, type ImportSource } from "./import-source.ts";
import { beginCopy, startLocalService } from "./local-machine.ts";
import { clientOf, findService, requireService } from "./service-connection.ts";

interface UploadHow {
  readonly onProgress: (bytes: number) => void;
  readonly signal: AbortSignal;
}

/** A service to talk to, for as long as the command runs. */
export interface CommandService {
  readonly client: SluiceClient;
  /** Whether it was started by this command and ends with it. */
  readonly isOwn: boolean;
  /** Sends it the file of the command, and says how many bytes are there. Errors: those of the client and of the source. */
  readonly upload: (source: ImportSource, how: UploadHow) => Promise<FileView>;
  readonly stop: () => Promise<void>;
}

/**
 * The service that answers, or one of our own for the time of this command; `purpose` is what it is said to be started
 * for. `source` is the file that will be uploaded, if any: into the folder of our own service it is copied while that
 * starts. Errors: `service_unreachable` with `--detach` and no service; those of starting one.
 */
export async function openService(
  config: Config,
  invocation: Invocation,
  purpose: string,
  source: ImportSource | null = null,
): Promise<CommandService> {
  const client = await findService(config);
  if (client !== null)
    return { client, isOwn: false, upload: uploadBy(client), stop: () => Promise.resolve() };
  if (invocation.flags.has("detach"))
    throw new SluiceError(
      "service_unreachable",
      "Expected a running service for --detach: without one nothing would run the job.",
    );
  const copy = await beginCopyOf(config, source);
  try {
    return await openOwnService(config, invocation, purpose, copy);
  } catch (error) {
    await copy?.discard();
    throw error;
  }
}

/** The service that answers. Errors: `service_unreachable` when none does. */
export async function runningService(config: Config): Promise<CommandService> {
  const client = await requireService(config);
  return { client, isOwn: false, upload: uploadBy(client), stop: () => Promise.resolve() };
}

async function openOwnService(
  config: Config,
  invocation: Invocation,
  purpose: string,
  copy: LocalCopy | null,
): Promise<CommandService> {
  const service = await startOwnService(config, invocation);
  invocation.output.note(
    `Started a service for this ${purpose}: PostgreSQL ${service.postgres.version}, ${service.url}`,
  );
  const token = config.token ?? service.firstToken;
  // Not through a connection to ourselves: both of its ends would keep this one thread busy.
  const client = clientOf({ ...config, token }, service.url, service.fetch);
  return {
    client,
    isOwn: true,
    upload: copy === null ? uploadBy(client) : takeCopy(service, copy),
    stop: async () => {
      const limit = limitEnding(invocation.output);
      try {
        await copy?.discard();
        await service.stop();
      } finally {
        clearTimeout(limit);
      }
    },
  };
}

function uploadBy(client: SluiceClient): CommandService["upload"] {
  return (source, how) => client.uploadFile(source.name, source.open(), how);
}

async function beginCopyOf(config: Config, source: ImportSource | null): Promise<LocalCopy | null> {
  const path = source?.path ?? null;
  return path === null ? null : beginCopy(config, path, (error) => unreadable(path, error));
}

function takeCopy(service: Service, copy: LocalCopy): CommandService["upload"] {
  return async ({ name }, { onProgress, signal }) => {
    const showing = setInterval(() => onProgress(copy.bytes()), PROGRESS_EVERY_MS);
    try {
      return await service.adoptFile(name, await copy.finish(signal));
    } finally {
      clearInterval(showing);
    }
  };
}

const KEPT_LOG_LINES = 20;
/** How often the copying is looked at. */
const PROGRESS_EVERY_MS = 100;

/** Starts a service whose log stays off the screen, which belongs to the bar; its last lines are shown if it fails. */
async function startOwnService(config: Config, { output }: Invocation): Promise<Service> {
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
