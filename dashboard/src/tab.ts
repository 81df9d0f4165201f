/** The tab of the browser: title and icon show how far the job is. */
import type { Job } from "./api/types.ts";
import { formatPercent } from "./format.ts";
import { shortNameOf } from "./jobs/figures.ts";
import { wordsOf, type Tone } from "./jobs/state-words.ts";

const STEPS = 50;
const RADIUS = 11;
/** Readable on light and dark tabs alike. */
const COLORS: Readonly<Record<Tone, string>> = {
  run: "#3f74e8",
  pause: "#d99a00",
  ok: "#2e9e5b",
  bad: "#d8483f",
  idle: "#8a867d",
};

let drawn = "";

/** Title and icon for a screen without a job. */
export function showTitle(title: string): void {
  document.title = title === "" ? "Sluice" : `${title} · Sluice`;
  drawIcon("/favicon.svg");
}

/** Title and icon for a job: `48% · people.csv`, and a ring. */
export function showJobTitle(job: Job): void {
  const { word, tone } = wordsOf(job);
  const isOver = job.timing.endedAt !== null;
  const percent = formatPercent(job.progress.fraction);
  const head = isOver || tone === "pause" || percent === "" ? word : percent;
  document.title = `${head} · ${shortNameOf(job)} · Sluice`;
  drawIcon(ringOf(isOver ? 1 : (job.progress.fraction ?? 0), COLORS[tone]));
}

function ringOf(fraction: number, color: string): string {
  const length = 2 * Math.PI * RADIUS;
  const done = (Math.round(fraction * STEPS) / STEPS) * length;
  const circle = `cx="16" cy="16" r="${RADIUS}" fill="none" stroke-width="7"`;
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><circle ${circle} stroke="#8886"/><circle ${circle} stroke="${color}" stroke-dasharray="${done.toFixed(1)} ${length.toFixed(1)}" transform="rotate(-90 16 16)"/></svg>`;
  return `data:image/svg+xml,${encodeURIComponent(svg)}`;
}

function drawIcon(address: string): void {
  if (address === drawn) return;
  drawn = address;
  document.querySelector('link[rel="icon"]')?.setAttribute("href", address);
}
