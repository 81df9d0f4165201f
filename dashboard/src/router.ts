/** Where the page is. Each screen has an address, which survives a reload. */
import { signal, type ReadonlySignal } from "@preact/signals";

/** An address of the dashboard. */
export interface Place {
  readonly path: string;
  readonly query: URLSearchParams;
}

const current = signal<Place>(here());

/** The address that is shown. */
export const place: ReadonlySignal<Place> = current;

function here(): Place {
  return { path: location.pathname, query: new URLSearchParams(location.search) };
}

/** Goes to an address. With `replaces` the one before is not in the history. */
export function goTo(address: string, { replaces = false } = {}): void {
  const isOtherPath = new URL(address, location.href).pathname !== location.pathname;
  if (replaces) history.replaceState(null, "", address);
  else history.pushState(null, "", address);
  current.value = here();
  if (isOtherPath) scrollTo(0, 0);
}

/** Follows the buttons of the browser, and links within the dashboard without loading it again. */
export function watchAddress(): void {
  addEventListener("popstate", () => (current.value = here()));
  addEventListener("click", (event) => {
    const link = event.target instanceof Element ? event.target.closest("a") : null;
    const isPlain =
      event.button === 0 && !(event.metaKey || event.ctrlKey || event.shiftKey || event.altKey);
    if (link === null || !isPlain || event.defaultPrevented || link.target !== "") return;
    if (link.origin !== location.origin || link.hasAttribute("download")) return;
    if (/^\/(v1|docs)(\/|$)/.test(link.pathname) || link.hash !== "") return;
    event.preventDefault();
    goTo(link.pathname + link.search);
  });
}
