/** How often the connection came back: screens ask again for what the stream does not tell. */
import { signal, type ReadonlySignal } from "@preact/signals";

const count = signal(0);

/** Grows whenever the connection is back after it was lost. */
export const returns: ReadonlySignal<number> = count;

/** The connection is back. */
export function noteReturn(): void {
  count.value += 1;
}
