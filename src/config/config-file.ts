/** Finding and reading `sluice.config.*` in the folder in which Sluice was started. */
import { readFile } from "node:fs/promises";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { SluiceError } from "../core/errors.ts";

const FILE_NAMES = [
  "sluice.config.ts",
  "sluice.config.mjs",
  "sluice.config.js",
  "sluice.config.json",
] as const;

/** The content of a configuration file. */
export interface ConfigFile {
  /** Its name without folder. */
  readonly name: string;
  readonly values: Readonly<Record<string, unknown>>;
}

/**
 * Reads the configuration file of `cwd`, or returns null when there is none. Modules export the settings as their
 * default. Errors: `invalid_config` when there are two files, when the file does not load, when it does not hold
 * an object, and for a `.ts` file where this Node cannot run TypeScript.
 */
export async function readConfigFile(cwd: string): Promise<ConfigFile | null> {
  const present = FILE_NAMES.filter((name) => existsSync(join(cwd, name)));
  const [name, other] = present;
  if (name === undefined) return null;
  if (other !== undefined)
    throw new SluiceError(
      "invalid_config",
      `Expected one configuration file, found ${present.join(" and ")}. Keep one of them.`,
    );
  const content = await loadContent(cwd, name);
  if (!isRecord(content))
    throw new SluiceError(
      "invalid_config",
      name.endsWith(".json")
        ? `Expected ${name} to hold an object of settings, such as {"port": 5008}.`
        : `Expected ${name} to export an object of settings: export default { port: 5008 };`,
    );
  return { name, values: content };
}

async function loadContent(cwd: string, name: string): Promise<unknown> {
  const path = join(cwd, name);
  if (name.endsWith(".ts") && !runsTypeScript())
    throw new SluiceError(
      "invalid_config",
      `Node ${process.versions.node} cannot read ${name}: that needs Node 22.18 or newer. ` +
        "Rename it to sluice.config.mjs and remove its types, or use a newer Node.",
    );
  try {
    if (name.endsWith(".json")) return JSON.parse(await readFile(path, "utf8")) as unknown;
    // Node guarantees that a module namespace is an object; `default` is absent when nothing is exported so.
    const module = (await import(pathToFileURL(path).href)) as { readonly default?: unknown };
    return module.default;
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new SluiceError("invalid_config", `${name} cannot be read: ${reason}.`, { cause });
  }
}

function runsTypeScript(): boolean {
  return "typescript" in process.features && Boolean(process.features.typescript);
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
