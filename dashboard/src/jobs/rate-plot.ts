/** Where the plot of the rate has its lines and words: numbers of pixels from values, and nothing of the page. */
import type { RatePoint } from "./rate-samples.ts";

const LEFT = 56;
const TOP = 8;
const BOTTOM = 26;
/** Lines between the foot and the top, about. */
const ROWS = 4;
/** Pixels that the time below the plot takes. */
const TIME_WIDTH = 110;
/** Steps between the times below the plot, in seconds. */
const TIME_STEPS = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600];

/** A value and its place in pixels. */
export interface Tick {
  readonly value: number;
  readonly place: number;
}

/** A plot of `width` by `height` pixels. */
export interface RatePlot {
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly foot: number;
  /** Path of the rate: each holds for the stretch before it. */
  readonly path: string;
  /** Rates, from 0 upwards. */
  readonly rates: readonly Tick[];
  /** Times in milliseconds. */
  readonly times: readonly Tick[];
  /** The place of a time, within the plot. */
  readonly placeOf: (time: number) => number;
}

/** Lays out the plot of at least one point. */
export function ratePlot(points: readonly RatePoint[], width: number, height: number): RatePlot {
  const from = points[0]?.from ?? 0;
  const span = Math.max(1, (points.at(-1)?.at ?? from) - from);
  const most = Math.max(1, ...points.map(({ perSecond }) => perSecond));
  const right = Math.max(LEFT + 1, width - 8);
  const foot = height - BOTTOM;
  const step = rateStep(most);
  const ceiling = most * 1.1;
  const placeOf = (time: number): number =>
    round(LEFT + ((right - LEFT) * Math.min(span, Math.max(0, time - from))) / span);
  const heightOf = (rate: number): number => round(foot - ((foot - TOP) * rate) / ceiling);
  const path = points.map(({ at, perSecond }) => `V${heightOf(perSecond)}H${placeOf(at)}`).join("");
  const count = Math.floor(ceiling / step);
  return {
    left: LEFT,
    right,
    top: TOP,
    foot,
    path: `M${LEFT} ${heightOf(points[0]?.perSecond ?? 0)}${path}`,
    rates: Array.from({ length: count + 1 }, (_, n) => ({
      value: n * step,
      place: heightOf(n * step),
    })),
    times: timeTicks(from, span, (right - LEFT) / TIME_WIDTH).map((value) => ({
      value,
      place: placeOf(value),
    })),
    placeOf,
  };
}

/** A step of 1, 2 or 5 and zeros that cuts what is below `most` into about four. */
export function rateStep(most: number): number {
  const rough = most / ROWS;
  const power = 10 ** Math.floor(Math.log10(rough));
  const factor = [1, 2, 5, 10].find((candidate) => candidate * power >= rough) ?? 10;
  return Math.max(1, factor * power);
}

function timeTicks(from: number, span: number, most: number): readonly number[] {
  const step =
    1000 *
    (TIME_STEPS.find((seconds) => span / (1000 * seconds) <= most) ?? TIME_STEPS.at(-1) ?? 1);
  const first = Math.ceil(from / step) * step;
  const count = Math.max(0, Math.floor((from + span - first) / step) + 1);
  return Array.from({ length: count }, (_, n) => first + n * step);
}

function round(pixels: number): number {
  return Math.round(pixels * 10) / 10;
}
