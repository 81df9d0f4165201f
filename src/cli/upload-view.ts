/** The bar of an upload. Small files are there before it could be read, so they have none. */
import { formatBytes, formatPercent } from "./format.ts";
import { renderBar } from "./progress-view.ts";
import { createLiveLines } from "./terminal/live-lines.ts";
import type { Output } from "./terminal/output.ts";
import { printable } from "./terminal/text.ts";

const SHOWN_FROM_BYTES = 16_000_000;
const REDRAW_EVERY_MS = 100;
const BAR_COLUMNS = 30;

/** Shows an upload while it runs. */
export interface UploadView {
  readonly show: (bytes: number) => void;
  readonly clear: () => void;
}

/** The view of an upload of `bytes`, or of unknown size with null. */
export function createUploadView(output: Output, name: string, bytes: number | null): UploadView {
  const lines = createLiveLines(output);
  let drawnAt = Date.now();
  return {
    show: (sent) => {
      const isSmall = (bytes ?? sent) < SHOWN_FROM_BYTES;
      if (!output.isLive || isSmall || Date.now() - drawnAt < REDRAW_EVERY_MS) return;
      drawnAt = Date.now();
      lines.draw([` Uploading ${printable(name)}   ${figures(sent, bytes)}`]);
    },
    clear: () => lines.clear(),
  };
}

function figures(sent: number, bytes: number | null): string {
  if (bytes === null || bytes === 0) return formatBytes(sent);
  const fraction = Math.min(1, sent / bytes);
  const bar = renderBar(fraction, BAR_COLUMNS);
  return `${formatPercent(fraction)} ${bar}  ${formatBytes(sent)} of ${formatBytes(bytes)}`;
}
