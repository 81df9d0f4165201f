/** What the environment says about a desktop. It lives here because only this folder reads `process.env`. */

/**
 * The program that opens an address in the person's browser; null where nobody sits before a browser: in CI, at the other
 * end of SSH, and on Linux without a display.
 */
export function browserProgram(
  platform: NodeJS.Platform = process.platform,
  environment: Readonly<Record<string, string | undefined>> = process.env,
): string | null {
  const isSet = (name: string): boolean => (environment[name] ?? "") !== "";
  if (["CI", "SSH_CONNECTION", "SSH_TTY"].some(isSet)) return null;
  if (platform === "darwin") return "open";
  if (platform === "win32") return "explorer.exe";
  return isSet("DISPLAY") || isSet("WAYLAND_DISPLAY") ? "xdg-open" : null;
}
