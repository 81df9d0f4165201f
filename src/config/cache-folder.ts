/** Where a program may keep what it can make again, as the operating system says. */
import { homedir } from "node:os";
import { join } from "node:path";

/**
 * The folder for compiled code of this user, which may not be there yet; null when it is unknown, or when
 * `NODE_DISABLE_COMPILE_CACHE` asks for none, as of Node's own cache.
 */
export function compiledCodeFolder(
  environment: Readonly<Record<string, string | undefined>> = process.env,
  platform: NodeJS.Platform = process.platform,
): string | null {
  if ((environment["NODE_DISABLE_COMPILE_CACHE"] ?? "") !== "") return null;
  const base = cacheFolder(environment, platform);
  return base === null ? null : join(base, "sluice", "compiled");
}

function cacheFolder(
  environment: Readonly<Record<string, string | undefined>>,
  platform: NodeJS.Platform,
): string | null {
  if (platform === "win32") return environment["LOCALAPPDATA"] ?? null;
  const named = environment["XDG_CACHE_HOME"];
  if (named?.startsWith("/") === true) return named;
  const home = environment["HOME"] ?? homedir();
  if (!home.startsWith("/")) return null;
  return platform === "darwin" ? join(home, "Library", "Caches") : join(home, ".cache");
}
