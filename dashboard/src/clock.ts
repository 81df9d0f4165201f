/** The time as the screens show it. */
import { signal, type ReadonlySignal } from "@preact/signals";

const SECOND_MS = 1000;
const now = signal(Date.now());

/** Milliseconds of `Date.now()`, a second apart; it stands still while the tab is hidden. */
export const clock: ReadonlySignal<number> = now;

/** Lets the clock go. */
export function startClock(): void {
  setInterval(() => {
    if (!document.hidden) now.value = Date.now();
  }, SECOND_MS);
}
