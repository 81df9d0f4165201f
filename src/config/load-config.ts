/**
 * From flags, environment, file and defaults to one frozen Config. For each setting the first source that gives a
 * value wins: flag, environment, file, default. Every problem is found before any is reported, and a value that is
 * not used is checked all the same: a wrong line in the file does not wait for the day its flag is left out.
 */
import { join } from "node:path";
import { SluiceError } from "../core/errors.ts";
import type { Config, Origin } from "./config.ts";
import { readConfigFile, type ConfigFile } from "./config-file.ts";
import { nearestName } from "./nearest-name.ts";
import type { RawValue } from "./setting.ts";
import {
  PUBLIC_SETTING_KEYS,
  SETTING_KEYS,
  settingOf,
  type SettingKey,
  type SettingValues,
} from "./settings.ts";

/** What the configuration is made of. */
export interface ConfigSources {
  /** Values of flags by the key of their setting. Default: none. */
  readonly flags?: Readonly<Partial<Record<SettingKey, string>>>;
  /** Default: the environment of this process. */
  readonly environment?: Readonly<Record<string, string | undefined>>;
  /** Folder of the configuration file, and of relative paths. Default: the current one. */
  readonly cwd?: string;
}

interface Given {
  readonly raw: RawValue;
  readonly origin: Origin;
}

/**
 * Loads the configuration. An empty environment variable counts as absent. Errors: `invalid_config`, whose message
 * has a line for each problem, and whose details hold them as `problems`.
 */
export async function loadConfig(sources: ConfigSources = {}): Promise<Config> {
  const cwd = sources.cwd ?? process.cwd();
  const environment = sources.environment ?? process.env;
  const file = await readConfigFile(cwd);
  const problems = [...unknownVariables(environment), ...unknownKeys(file)];
  const origins: Partial<Record<SettingKey, Origin>> = {};
  const values: Partial<Record<SettingKey, RawValue | null>> = {};
  let dir = join(cwd, ".sluice");

  for (const key of SETTING_KEYS) {
    const given = [
      fromFlag(key, sources.flags ?? {}),
      fromEnvironment(key, environment),
      fromFile(key, file, problems),
    ].filter((candidate) => candidate !== null);
    const read = given.map((candidate) => readGiven(key, candidate, cwd, problems));
    origins[key] = given[0]?.origin ?? { kind: "default", name: "default" };
    values[key] = given.length > 0 ? (read[0] ?? null) : settingOf(key).fallback({ cwd, dir });
    if (key === "dir" && typeof values.dir === "string") dir = values.dir;
  }

  // The loop gave every key a value that its own setting read or made; a value that failed left a problem.
  const complete = values as SettingValues;
  const completeOrigins = origins as Record<SettingKey, Origin>; // the same loop
  if (problems.length === 0) problems.push(...crossChecks(complete));
  if (problems.length > 0)
    throw new SluiceError("invalid_config", problems.join("\n"), { details: { problems } });
  return Object.freeze({
    ...complete,
    origins: Object.freeze(completeOrigins),
    notices: Object.freeze(noticesOf(completeOrigins)),
  });
}

function fromFlag(
  key: SettingKey,
  flags: Readonly<Partial<Record<SettingKey, string>>>,
): Given | null {
  const raw = flags[key];
  if (raw === undefined) return null;
  return { raw, origin: { kind: "flag", name: `--${settingOf(key).flag ?? key}` } };
}

function fromEnvironment(
  key: SettingKey,
  environment: Readonly<Record<string, string | undefined>>,
): Given | null {
  const name = settingOf(key).environment;
  const raw = environment[name];
  if (raw === undefined || raw === "") return null;
  return { raw, origin: { kind: "environment", name } };
}

function fromFile(key: SettingKey, file: ConfigFile | null, problems: string[]): Given | null {
  if (file === null || settingOf(key).isHidden === true) return null;
  const raw = file.values[key];
  if (raw === undefined || raw === null) return null;
  const origin: Origin = { kind: "file", name: `${key} in ${file.name}` };
  if (typeof raw === "string" || typeof raw === "number" || typeof raw === "boolean")
    return { raw, origin };
  problems.push(`Expected ${origin.name} to be ${settingOf(key).expected}, got ${kindOf(raw)}.`);
  return null;
}

function kindOf(value: unknown): string {
  return Array.isArray(value) ? "a list" : `a value of type ${typeof value}`;
}

function readGiven(
  key: SettingKey,
  given: Given,
  cwd: string,
  problems: string[],
): RawValue | null | undefined {
  const setting = settingOf(key);
  const value = setting.read(given.raw, { cwd });
  if (value !== undefined) return value;
  const got = setting.secret === undefined ? JSON.stringify(given.raw) : "something else";
  problems.push(
    `Expected ${given.origin.name} to be ${setting.expected}, got ${got}. ` +
      `Leave it out to use the default: ${setting.fallbackText.replaceAll("`", "")}.`,
  );
  return undefined;
}

function unknownVariables(environment: Readonly<Record<string, string | undefined>>): string[] {
  const known = SETTING_KEYS.map((key) => settingOf(key).environment);
  const shown = PUBLIC_SETTING_KEYS.map((key) => settingOf(key).environment);
  return Object.keys(environment)
    .filter((name) => name.startsWith("SLUICE_") && !known.includes(name))
    .map((name) => `There is no setting ${name}.${variableSuggestion(name, shown)}`);
}

function unknownKeys(file: ConfigFile | null): string[] {
  if (file === null) return [];
  return Object.keys(file.values)
    .filter((key) => !(PUBLIC_SETTING_KEYS as readonly string[]).includes(key))
    .map(
      (key) => `There is no setting ${key} in ${file.name}.${suggestion(key, PUBLIC_SETTING_KEYS)}`,
    );
}

/** What all variables begin with says nothing about which one is meant. */
function variableSuggestion(name: string, candidates: readonly string[]): string {
  const prefix = "SLUICE_";
  const ends = candidates
    .filter((candidate) => candidate.startsWith(prefix))
    .map((candidate) => candidate.slice(prefix.length));
  const nearest = nearestName(name.slice(prefix.length), ends);
  return suggestionOf(nearest === null ? null : prefix + nearest);
}

function suggestion(name: string, candidates: readonly string[]): string {
  return suggestionOf(nearestName(name, candidates));
}

function suggestionOf(nearest: string | null): string {
  return nearest === null
    ? " `sluice config` lists every setting."
    : ` Did you mean ${nearest}? \`sluice config\` lists every setting.`;
}

function crossChecks(values: SettingValues): string[] {
  if (values.undoDays <= values.retentionDays) return [];
  return [
    `undoDays ${values.undoDays} must be at most retentionDays ${values.retentionDays}: ` +
      "a job that is removed cannot be undone.",
  ];
}

function noticesOf(origins: Readonly<Record<SettingKey, Origin>>): string[] {
  return PUBLIC_SETTING_KEYS.flatMap((key) => {
    const { noEffectYet } = settingOf(key);
    if (noEffectYet === undefined || origins[key].kind === "default") return [];
    return [`${origins[key].name} has no effect yet: ${noEffectYet}.`];
  });
}
