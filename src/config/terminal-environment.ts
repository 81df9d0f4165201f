/** What the environment says about the terminal. It lives here because only this folder reads `process.env`. */

/** Wishes of the environment about output. */
export interface TerminalEnvironment {
  /** `always` from FORCE_COLOR, `never` from NO_COLOR or TERM=dumb, else `auto`: colored on a terminal. */
  readonly color: "always" | "never" | "auto";
  /** Whether lines can be redrawn: not with TERM=dumb. */
  readonly canRedraw: boolean;
}

/**
 * Reads NO_COLOR, FORCE_COLOR and TERM. NO_COLOR counts when it is not empty; FORCE_COLOR wins over it, except that
 * `FORCE_COLOR=0` means never.
 */
export function readTerminalEnvironment(
  environment: Readonly<Record<string, string | undefined>> = process.env,
): TerminalEnvironment {
  const isDumb = environment["TERM"] === "dumb";
  return { color: wishedColor(environment, isDumb), canRedraw: !isDumb };
}

function wishedColor(
  environment: Readonly<Record<string, string | undefined>>,
  isDumb: boolean,
): TerminalEnvironment["color"] {
  const forced = environment["FORCE_COLOR"];
  if (forced === "0" || forced === "false") return "never";
  if (forced !== undefined && forced !== "") return "always";
  if ((environment["NO_COLOR"] ?? "") !== "" || isDumb) return "never";
  return "auto";
}
