/**
 * The one table of settings. The type `Config`, the flags, the names that the environment and the file may hold,
 * `sluice config`, the reference page and the error messages derive from it. Names are those of the contract.
 */
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { UNDO_DAYS } from "../core/engine-settings.ts";
import { PROCESS_NAME } from "../core/process-name.ts";
import {
  oneOf,
  readPath,
  readText,
  urlOf,
  wholeNumber,
  type RawValue,
  type Setting,
} from "./setting.ts";

const GB = 1_000_000_000;

/** Fixes the value type of a setting; the table keeps each one's own. */
function setting<Value>(rule: Setting<Value>): Setting<Value> {
  return rule;
}

/** Every setting by its key in the configuration file. */
const SETTINGS = {
  databaseUrl: setting<string | null>({
    environment: "DATABASE_URL",
    flag: "database-url",
    expected: "a URL such as postgres://user:password@host:5432/database",
    read: urlOf(["postgres:", "postgresql:"]),
    fallback: () => null,
    fallbackText: "private PostgreSQL in `dir`",
    description: "PostgreSQL 14 or newer; Sluice keeps its own tables in the schema sluice",
    secret: "password",
  }),
  dir: setting<string>({
    environment: "SLUICE_DIR",
    flag: "dir",
    expected: "a folder",
    read: readPath,
    fallback: ({ dir }) => dir,
    fallbackText: "`.sluice`",
    description: "folder of the private database, the files and the lock",
  }),
  host: setting<string>({
    environment: "SLUICE_HOST",
    flag: "host",
    expected: "a host name or an address",
    read: readText,
    fallback: () => "127.0.0.1",
    fallbackText: "`127.0.0.1`",
    description: "address to listen on; any but loopback needs a token",
  }),
  port: setting<number>({
    environment: "SLUICE_PORT",
    flag: "port",
    expected: "a whole number from 0 to 65535",
    read: wholeNumber(0, 65_535),
    fallback: () => 5007,
    fallbackText: "`5007`, or the next free one",
    description: "port to listen on; 0 takes any free one",
  }),
  auth: setting<"token" | "none">({
    environment: "SLUICE_AUTH",
    flag: "auth",
    expected: "token or none",
    read: oneOf(["token", "none"]),
    fallback: () => "token",
    fallbackText: "`token`",
    description: "none opens an address that is not loopback to everybody who reaches it",
  }),
  url: setting<string | null>({
    environment: "SLUICE_URL",
    flag: "url",
    expected: "a URL such as http://127.0.0.1:5007",
    read: urlOf(["http:", "https:"]),
    fallback: () => null,
    fallbackText: "the service of this folder, else `http://127.0.0.1:5007`",
    description: "the service that commands talk to",
    secret: "password",
  }),
  token: setting<string | null>({
    environment: "SLUICE_TOKEN",
    flag: "token",
    expected: "a token such as slu_…",
    read: (raw) => (typeof raw === "string" && /^[\x21-\x7e]+$/.test(raw) ? raw : undefined),
    fallback: () => null,
    fallbackText: "none",
    description:
      "what commands sign in with; on the service a token that it accepts, beside earlier ones",
    secret: "all",
  }),
  concurrency: setting<number>({
    environment: "SLUICE_CONCURRENCY",
    flag: "concurrency",
    expected: "a whole number from 1 to 64",
    read: wholeNumber(1, 64),
    fallback: () => 1,
    fallbackText: "`1`",
    description: "jobs that run at once",
  }),
  lanes: setting<number>({
    environment: "SLUICE_LANES",
    flag: "lanes",
    expected: "a whole number from 1 to 256",
    read: wholeNumber(1, 256),
    fallback: () => availableParallelism(),
    fallbackText: "number of cores",
    description: "runner threads",
  }),
  files: setting<string>({
    environment: "SLUICE_FILES",
    flag: "files",
    expected: "a folder (s3:// is not offered yet)",
    read: (raw, context) =>
      typeof raw === "string" && /^[a-z][a-z0-9+.-]+:\/\//i.test(raw)
        ? undefined
        : readPath(raw, context),
    fallback: ({ dir }) => join(dir, "files"),
    fallbackText: "`files` in `dir`",
    description: "folder of uploads",
  }),
  create: setting<string>({
    environment: "SLUICE_CREATE",
    flag: "create",
    expected: "import, or the name of a process",
    read: (raw) => (typeof raw === "string" && PROCESS_NAME.test(raw) ? raw : undefined),
    fallback: () => "import",
    fallbackText: "`import`",
    description: "what POST /create starts: `import`, or a process's name",
  }),
  processes: setting<string>({
    environment: "SLUICE_PROCESSES",
    flag: "processes",
    expected: "a folder",
    read: readPath,
    fallback: ({ cwd }) => join(cwd, "processes"),
    fallbackText: "`processes`",
    description: "folder of processes",
  }),
  webhookHosts: setting<string>({
    environment: "SLUICE_WEBHOOK_HOSTS",
    flag: "webhook-hosts",
    expected: "host names and addresses with commas between",
    read: (raw) =>
      typeof raw === "string" && /^[\w.:[\]-]+(,[\w.:[\]-]+)*$/.test(raw) ? raw : undefined,
    fallback: () => "",
    fallbackText: "none",
    description: "hosts that webhooks may be sent to although their address is private",
  }),
  maxUploadBytes: setting<number>({
    environment: "SLUICE_MAX_UPLOAD_BYTES",
    flag: "max-upload-bytes",
    expected: "a whole number of bytes from 1 to 9007199254740991",
    read: wholeNumber(1, Number.MAX_SAFE_INTEGER),
    fallback: () => 100 * GB,
    fallbackText: "`100000000000` (100 GB)",
    description: "largest file that may be uploaded, in bytes",
  }),
  retentionDays: setting<number>({
    environment: "SLUICE_RETENTION_DAYS",
    flag: "retention-days",
    expected: "a whole number of days from 1 to 36500",
    read: wholeNumber(1, 36_500),
    fallback: () => 90,
    fallbackText: "`90`",
    description: "days for which ended jobs are kept",
    noEffectYet: "ended jobs are kept until they are deleted",
  }),
  undoDays: setting<number>({
    environment: "SLUICE_UNDO_DAYS",
    flag: "undo-days",
    expected: "a whole number of days from 0 to 36500",
    read: wholeNumber(0, 36_500),
    fallback: () => UNDO_DAYS,
    fallbackText: "`7`",
    description: "days for which an import that has ended can be undone",
  }),
  logLevel: setting<"debug" | "info" | "warn" | "error">({
    environment: "SLUICE_LOG_LEVEL",
    flag: "log-level",
    expected: "debug, info, warn or error",
    read: oneOf(["debug", "info", "warn", "error"]),
    fallback: () => "info",
    fallbackText: "`info`",
    description: "least serious line that the service logs",
  }),
  failpoint: setting<string | null>({
    environment: "SLUICE_FAILPOINT",
    flag: null,
    expected: "the name of a fault point",
    read: readText,
    fallback: () => null,
    fallbackText: "none",
    description: "fault point at which tests interrupt the service",
    isHidden: true,
  }),
  casesDir: setting<string | null>({
    environment: "SLUICE_CASES_DIR",
    flag: null,
    expected: "a folder",
    read: readPath,
    fallback: () => null,
    fallbackText: "none",
    description: "folder of further CSV cases for the tests",
    isHidden: true,
  }),
} as const;

/** Key of a setting, as the configuration file writes it. */
export type SettingKey = keyof typeof SETTINGS;

/** Every key in the order of the table. */
export const SETTING_KEYS = Object.keys(SETTINGS) as readonly SettingKey[]; // keys of a const object

/** The keys that people may know of: without the settings for tests. */
export const PUBLIC_SETTING_KEYS: readonly SettingKey[] = SETTING_KEYS.filter(
  (key) => settingOf(key).isHidden !== true,
);

/** The value of each setting. */
export type SettingValues = {
  readonly [Key in SettingKey]: (typeof SETTINGS)[Key] extends Setting<infer Value> ? Value : never;
};

/** The setting of a key, with its value type widened. */
export function settingOf(key: SettingKey): Setting<RawValue | null> {
  return SETTINGS[key];
}
