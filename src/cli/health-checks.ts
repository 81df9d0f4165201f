/** What `sluice doctor` looks at. Each check is one line that says what was found and, where it is bad, what to do. */
import { existsSync } from "node:fs";
import { statfs } from "node:fs/promises";
import { createServer } from "node:net";
import { dirname, join } from "node:path";
import type { Config } from "../config/config.ts";
import { adviceBeside } from "../core/error-table.ts";
import { SluiceError } from "../core/errors.ts";
import { formatBytes, formatCount } from "./format.ts";
import { openDatabase } from "../open-database.ts";
import { checkWritable } from "../postgres/make-folder.ts";
import { findFolderService, queryDatabase, readMissingSql } from "./local-machine.ts";
import { clientOf } from "./service-connection.ts";
import { messageOf } from "../core/message-of.ts";

const LEAST_FREE_BYTES = 1_000_000_000;
const LEAST_OPEN_FILES = 1024;
const LEAST_NODE = [20, 19] as const;
const ALIVE_TIMEOUT_MS = 1_000;

/** The finding of one check. */
export interface Check {
  readonly name: string;
  /** `bad`: Sluice does not work so. `warn`: it works, with a restriction. */
  readonly verdict: "ok" | "warn" | "bad";
  readonly text: string;
}

/** Runs every check, in order. Never throws for what it finds. */
export async function runChecks(config: Config): Promise<readonly Check[]> {
  const checks: (() => Check | null | Promise<Check | null>)[] = [
    checkNode,
    () => checkDatabase(config),
    () => checkWorkers(config),
    () => checkFolder(config.dir),
    checkOpenFiles,
    () => checkPort(config),
  ];
  const found: Check[] = [];
  for (const check of checks) {
    const finding = await check();
    if (finding !== null) found.push(finding);
  }
  return found;
}

function checkNode(): Check {
  const { node } = process.versions;
  const [major = 0, minor = 0] = node.split(".").map(Number);
  const isEnough = major > LEAST_NODE[0] || (major === LEAST_NODE[0] && minor >= LEAST_NODE[1]);
  return isEnough
    ? { name: "node", verdict: "ok", text: `Node ${node}` }
    : { name: "node", verdict: "bad", text: `Node ${node}: use ${LEAST_NODE.join(".")} or newer` };
}

const VERSION_QUERY = `select current_setting('server_version') as version,
  current_setting('server_version_num')::int >= 140000 as is_new_enough,
  to_regclass('sluice.migration') is not null as has_schema,
  coalesce(has_schema_privilege(to_regnamespace('sluice'), 'create')
      and (to_regclass('sluice_dispatch.queue') is not null
        or has_schema_privilege(to_regnamespace('sluice_dispatch'), 'create')),
    has_database_privilege(current_database(), 'create')) as may_create,
  current_database() as database, current_user as role`;

async function checkDatabase(config: Config): Promise<Check> {
  const name = "database";
  if (config.databaseUrl === null && !existsSync(join(config.dir, "pg")))
    return { name, verdict: "ok", text: "the private PostgreSQL is made at the first start" };
  try {
    const database = await openDatabase(config);
    try {
      const { rows } = await queryDatabase(database.url, VERSION_QUERY);
      const [version = "", isNewEnough, hasSchema, mayCreate, own, role] = rows[0] ?? [];
      const label = `PostgreSQL ${(version ?? "").split(" ")[0] ?? ""}`;
      if (isNewEnough !== "t")
        return { name, verdict: "bad", text: `${label} is too old: use PostgreSQL 14 or newer` };
      if (mayCreate !== "t")
        return {
          name,
          verdict: "bad",
          text:
            `${label}: role "${role}" may not create the schemas of Sluice in database "${own}". ` +
            `Run as its owner: grant create on database "${own}" to "${role}";`,
        };
      if (hasSchema !== "t")
        return { name, verdict: "ok", text: `${label}, schema sluice is made at the first start` };
      return { name, ...(await checkSchema(database.url, label)) };
    } finally {
      await database.close();
    }
  } catch (error) {
    return { name, verdict: "bad", text: textOf(error) };
  }
}

const SCHEMA_QUERY = `select (select max(number) from sluice.migration),
  (select bool_and(pg_has_role(nspowner, 'usage')) from pg_namespace where nspname in ('sluice', 'sluice_dispatch'))`;

/** Whether the schema is at the version of this program, and if not, whether a start may bring it there. */
async function checkSchema(url: string, label: string): Promise<Pick<Check, "verdict" | "text">> {
  const { rows } = await queryDatabase(url, SCHEMA_QUERY);
  const [version = "0", isOwner] = rows[0] ?? [];
  const text = `${label}, schema sluice v${version}`;
  if ((await readMissingSql(url)) === "") return { verdict: "ok", text };
  return isOwner === "t"
    ? { verdict: "ok", text: `${text}, brought to this version at the next start` }
    : {
        verdict: "bad",
        text: `${text} is older than this program, and this role may not change it: run \`sluice migrate\` as its owner`,
      };
}

const WORKERS_QUERY = `select count(distinct worker), count(*) from sluice.runner
  where seen_at > clock_timestamp() - interval '12 s'`;

/** Who works on a shared database: services and workers. Null where nobody does, or nobody else can. */
async function checkWorkers({ databaseUrl }: Config): Promise<Check | null> {
  if (databaseUrl === null) return null;
  try {
    const { rows } = await queryDatabase(databaseUrl, WORKERS_QUERY);
    const [workers, lanes] = (rows[0] ?? []).map(Number);
    if (workers === undefined || workers === 0) return null;
    const text = `${workers} ${workers === 1 ? "worker" : "workers"} on this database, services included (${lanes} ${lanes === 1 ? "lane" : "lanes"})`;
    return { name: "workers", verdict: "ok", text };
  } catch {
    // The check of the database has said why, or there is no schema yet.
    return null;
  }
}

/** Tries the nearest folder that exists: the folder itself is made at the first start. */
async function checkFolder(dir: string): Promise<Check> {
  const name = "folder";
  let existing = dir;
  while (!existsSync(existing) && dirname(existing) !== existing) existing = dirname(existing);
  try {
    // Really tried: rights alone do not tell what a file system takes.
    await checkWritable(existing);
    const disk = await statfs(existing);
    const free = disk.bavail * disk.bsize;
    const text = `can write ${dir} (${formatBytes(free)} free)`;
    return free < LEAST_FREE_BYTES
      ? { name, verdict: "warn", text: `${text}: a staged import needs twice the file's size` }
      : { name, verdict: "ok", text };
  } catch (error) {
    return { name, verdict: "bad", text: `cannot write ${dir}: ${textOf(error)}` };
  }
}

function checkOpenFiles(): Check {
  const name = "open-files";
  const limit = openFileLimit();
  if (limit === null) return { name, verdict: "ok", text: "no limit of open files" };
  return limit < LEAST_OPEN_FILES
    ? {
        name,
        verdict: "warn",
        text: `only ${formatCount(limit)} open files are allowed: raise it with ulimit -n ${LEAST_OPEN_FILES}`,
      }
    : { name, verdict: "ok", text: `${formatCount(limit)} open files allowed` };
}

function openFileLimit(): number | null {
  const report: unknown = process.report.getReport();
  const text = JSON.stringify(report); // an object whose type Node leaves open; read by pattern
  const match = /"open_files":\{"soft":"?(\d+|unlimited)/.exec(text);
  return match?.[1] === undefined || match[1] === "unlimited" ? null : Number(match[1]);
}

async function checkPort(config: Config): Promise<Check> {
  const name = "port";
  const service = await findFolderService(config.dir);
  if (service?.url != null)
    return { name, verdict: "ok", text: `a service of this folder runs at ${service.url}` };
  const code = await tryListen(config.host, config.port);
  if (code === null) return { name, verdict: "ok", text: `port ${config.port} is free` };
  if (code !== "EADDRINUSE")
    return {
      name,
      verdict: "bad",
      text: `cannot listen on ${config.host}:${config.port}: ${code}`,
    };
  const isSluice = await clientOf(config, `http://${config.host}:${config.port}`).isAlive(
    ALIVE_TIMEOUT_MS,
  );
  const who = isSluice ? "another Sluice service" : "another program";
  return {
    name,
    verdict: config.origins.port.kind === "default" ? "warn" : "bad",
    text: `port ${config.port} is taken by ${who}: set SLUICE_PORT to a free one`,
  };
}

/** Listens for a moment; the code of the error when that fails, else null. */
function tryListen(host: string, port: number): Promise<string | null> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once("error", (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message));
    server.listen(port, host, () => server.close(() => resolve(null)));
  });
}

function textOf(error: unknown): string {
  if (error instanceof SluiceError)
    return [error.message, adviceBeside(error.code, error.message)].filter(Boolean).join(" ");
  return messageOf(error);
}
