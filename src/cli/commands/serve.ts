/** `sluice serve`: the service in the foreground, until a signal. */
import { once } from "node:events";
import { join, relative } from "node:path";
import type { Config } from "../../config/config.ts";
import { VERSION } from "../../version.ts";
import type { Command, Invocation } from "../command.ts";
import { onEnding } from "../ending.ts";
import { EXIT, type ExitCode } from "../exit-codes.ts";
import { startLocalService } from "../local-machine.ts";
import { openBrowser } from "../terminal/open-browser.ts";

type Service = Awaited<ReturnType<typeof startLocalService>>;

/** Runs the service until SIGINT, SIGTERM or SIGHUP, then lets the chunks in hand finish, for at most 12 s. A second signal ends at once. */
export const serveCommand: Command = {
  name: "serve",
  usage: "",
  summary: "run the service; this is what `sluice` alone does",
  argumentCount: { least: 0, most: 0 },
  flags: {
    host: { value: "HOST", description: "address to listen on, 127.0.0.1", setting: "host" },
    port: {
      value: "N",
      short: "p",
      description: "port, 5007 or the next free one",
      setting: "port",
    },
    auth: {
      value: "token|none",
      description: "who may use an address that is not loopback",
      setting: "auth",
    },
    concurrency: { value: "N", description: "jobs at once", setting: "concurrency" },
    lanes: { value: "N", description: "runner threads", setting: "lanes" },
    files: { value: "DIR", description: "folder of uploads", setting: "files" },
    create: {
      value: "WHAT",
      description: "what POST /create starts: import, or a process",
      setting: "create",
    },
    processes: {
      value: "DIR",
      description: "folder of processes, ./processes",
      setting: "processes",
    },
    "webhook-hosts": {
      value: "HOSTS",
      description: "private hosts that webhooks may be sent to",
      setting: "webhookHosts",
    },
    "max-upload-bytes": { value: "N", description: "largest upload", setting: "maxUploadBytes" },
    "retention-days": { value: "N", description: "no effect yet", setting: "retentionDays" },
    "undo-days": { value: "N", description: "no effect yet", setting: "undoDays" },
    "no-open": { description: "do not open the dashboard in a browser" },
    "log-level": {
      value: "debug|info|warn|error",
      description: "least serious line of the log",
      setting: "logLevel",
    },
  },
  run: runService,
};

async function runService(invocation: Invocation): Promise<ExitCode> {
  const { output } = invocation;
  const config = await invocation.loadConfig();
  if (!invocation.isJson) output.print(`Sluice ${VERSION}`);
  for (const notice of config.notices) output.warn(`${output.noteStyle("warn", "!")} ${notice}`);

  const ending = new AbortController();
  const removeSignals = onEnding(output, () => ending.abort());
  try {
    const service = await startLocalService(config, { log: (line) => output.note(line) });
    try {
      printStart(invocation, config, service);
      if (isOpened(invocation, service)) openBrowser(addressOf(service));
      if (!ending.signal.aborted) await once(ending.signal, "abort");
      output.note("Stopping: the rows in hand are saved. Again to stop at once.");
    } finally {
      await service.stop();
    }
  } finally {
    removeSignals();
  }
  output.note("Stopped. Jobs continue at the next start.");
  return EXIT.done;
}

/** The dashboard. Opened by this address a browser is signed in. */
function addressOf({ url, firstToken }: Service): string {
  return firstToken === null ? url : `${url}/#token=${firstToken}`;
}

/** Only a person at a terminal wants a window, and only a service of this machine can be reached by its address for sure. */
function isOpened({ flags, input, isJson }: Invocation, { isLoopback }: Service): boolean {
  return input.isInteractive && !isJson && isLoopback && !flags.has("no-open");
}

function printStart({ output, isJson }: Invocation, config: Config, service: Service): void {
  if (isJson) {
    const { url, postgres } = service;
    output.print(
      JSON.stringify({ url, postgres, firstToken: service.firstToken, pid: process.pid }),
    );
    return;
  }
  const ok = output.style("ok", "✓");
  const { version, isPrivate } = service.postgres;
  output.print(
    isPrivate
      ? `${ok} PostgreSQL ${version}, private to this folder   ${shown(join(config.dir, "pg"))}   ` +
          "(set DATABASE_URL to use yours)"
      : `${ok} PostgreSQL ${version}   from ${config.origins.databaseUrl.name}`,
  );
  output.print(`${ok} Dashboard   ${addressOf(service)}`);
  output.print(`${ok} API         ${service.url}/docs`);
  const port = new URL(service.url).port;
  if (config.port !== 0 && port !== String(config.port))
    output.print(`  Port ${config.port} is taken; ${port} is used.`);
  if (service.needsToken) output.print(`${ok} Token       ${tokenLine(config, service)}`);
  output.print("");
  output.print("Drop a CSV on the dashboard, or in another terminal:");
  output.print("  sluice import people.csv");
  output.print("Ctrl-C stops the service. Running jobs are saved and continue next time.");
}

/** A token cannot be shown again, because only its hash is stored; one more can be made at any time. */
function tokenLine(config: Config, { firstToken, isGivenTokenRevoked }: Service): string {
  if (firstToken !== null) return `${firstToken}   (shown once; send it as SLUICE_TOKEN)`;
  if (config.token !== null && !isGivenTokenRevoked)
    return `that of ${config.origins.token.name}, beside those of before`;
  return "as before (`sluice token create` makes another)";
}

/** A path as people would type it here. */
function shown(path: string): string {
  const below = relative(process.cwd(), path);
  return below.startsWith("..") ? path : `./${below}`;
}
