/** What the browser keeps for this page. A browser that keeps nothing costs convenience alone. */

/** Where a value is kept: `local` for good, `session` until the tab is closed. */
type Place = "local" | "session";

function areaOf(place: Place): Storage {
  return place === "local" ? localStorage : sessionStorage;
}

/** The text kept under a name, or null. */
export function recall(name: string, place: Place = "local"): string | null {
  try {
    return areaOf(place).getItem(`sluice.${name}`);
  } catch {
    return null; // nothing is kept here: see above
  }
}

/** Keeps a text under a name; null takes it away. */
export function keep(name: string, value: string | null, place: Place = "local"): void {
  try {
    if (value === null) areaOf(place).removeItem(`sluice.${name}`);
    else areaOf(place).setItem(`sluice.${name}`, value);
  } catch {
    // Nothing is kept here: see above.
  }
}
