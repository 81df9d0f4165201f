/** The line with the bar, for any width of terminal, and its plain form for logs. */
import type { JobView } from "../client/index.ts";
import { formatCount, formatCounted, formatPercent, formatTimeLeft } from "./format.ts";
import { STATE_WORDS, type TerminalProgress } from "./state-words.ts";
import type { Style } from "./terminal/style.ts";
import { padText, textWidth } from "./terminal/text.ts";

const WIDEST_BAR = 40;
const NARROWEST_BAR = 10;
const GAP = "   ";
/** Seconds of running before a time left is shown: less data predicts nothing. */
const ETA_AFTER_SECONDS = 5;

/** A bar of `width` columns of which the share `fraction` is filled, to half a column; empty while it is not known. */
export function renderBar(fraction: number | null, width: number): string {
  const halves = Math.floor(Math.min(1, Math.max(0, fraction ?? 0)) * width * 2);
  const full = Math.floor(halves / 2);
  const half = halves % 2 === 1 ? "╸" : "";
  return `${"━".repeat(full)}${half}`;
}

/**
 * The line with percentage, bar and figures in at most `columns` columns. Where it is narrow the bar shrinks first,
 * then figures are left out: time left, rate, rejected rows. Last the bar itself goes.
 */
export function progressLine(job: JobView, columns: number, style: Style): string {
  const { tone } = STATE_WORDS[job.state];
  const head = padText(formatPercent(job.progress.fraction), 4, "right");
  let figures = figuresOf(job);
  const room = (): number => columns - textWidth([head, "", "", ...textsOf(figures)].join(GAP)) + 4;
  while (figures.length > 1 && room() < NARROWEST_BAR) figures = withoutLeast(figures);
  const width = Math.min(WIDEST_BAR, room());
  if (width < NARROWEST_BAR) return [head, ...textsOf(figures)].join("  ");
  const filled = renderBar(job.progress.fraction, width);
  const rest = style("dim", "─".repeat(width - textWidth(filled)));
  return `${head} ${style(tone, filled)}${rest}  ${textsOf(figures).join(GAP)}`;
}

/** The figures without a bar, for a place where lines are not redrawn. */
export function plainProgressLine(job: JobView): string {
  const words = STATE_WORDS[job.state];
  const percent = formatPercent(job.progress.fraction);
  return [`${words.icon} ${words.word} ${percent}`, ...textsOf(figuresOf(job))].join("  ");
}

/** What remains of a job in words, or null when that is not known or nothing runs. */
export function timeLeftOf(job: JobView): string | null {
  if (job.state !== "running" || job.phase === "publishing") return null;
  const { bytesTotal, etaSeconds, recordsRead, recordsPerSecond } = job.progress;
  if (bytesTotal === null) return "the file still arrives";
  // The rate is the mean over the running time; progress messages do not repeat that time itself.
  const runningSeconds =
    recordsPerSecond === null ? 0 : recordsRead / Math.max(1, recordsPerSecond);
  if (etaSeconds === null || runningSeconds < ETA_AFTER_SECONDS) return "working out the time left";
  return `${formatTimeLeft(etaSeconds)} left`;
}

interface Figure {
  readonly text: string;
  /** The least important goes first where there is no room. */
  readonly importance: number;
}

function figuresOf(job: JobView): readonly Figure[] {
  const { recordsRead, recordsRejected, recordsPerSecond } = job.progress;
  const figures: Figure[] = [{ text: formatCounted(recordsRead, "row"), importance: 4 }];
  if (job.state === "running" && recordsPerSecond !== null)
    figures.push({ text: `${formatCount(recordsPerSecond)}/s${limitOf(job)}`, importance: 2 });
  const timeLeft = timeLeftOf(job);
  if (timeLeft !== null) figures.push({ text: timeLeft, importance: 1 });
  if (recordsRejected > 0)
    figures.push({ text: `${formatCount(recordsRejected)} rejected`, importance: 3 });
  return figures;
}

function limitOf({ maxRecordsPerSecond }: JobView): string {
  return maxRecordsPerSecond === null ? "" : ` (limit ${formatCount(maxRecordsPerSecond)}/s)`;
}

function withoutLeast(figures: readonly Figure[]): readonly Figure[] {
  const least = Math.min(...figures.map((figure) => figure.importance));
  return figures.filter((figure) => figure.importance !== least);
}

function textsOf(figures: readonly Figure[]): readonly string[] {
  return figures.map((figure) => figure.text);
}

const OSC_STATES: Readonly<Record<TerminalProgress, number>> = {
  none: 0,
  normal: 1,
  error: 2,
  paused: 4,
};

/** The sequence that shows progress in the terminal's own frame (OSC 9;4), or takes it away with `none`. */
export function terminalProgress(kind: TerminalProgress, fraction: number | null): string {
  const percent = Math.floor(Math.min(1, Math.max(0, fraction ?? 0)) * 100);
  return `\u001b]9;4;${OSC_STATES[kind]};${kind === "none" ? 0 : percent}\u0007`;
}
