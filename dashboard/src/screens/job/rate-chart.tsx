/** The plot itself, by uPlot, which is loaded when there is something to draw. */
import { useEffect, useRef, useState } from "preact/hooks";
import type uPlot from "uplot";
import { formatClock, formatShort } from "../../format.ts";
import type { RatePoint } from "../../jobs/rate-samples.ts";
import type { Pause } from "../../jobs/pauses.ts";
import { isDark } from "../../theme.ts";

const HEIGHT = 170;
/** Steps between the times below the plot, in seconds. */
const TIME_STEPS = [1, 2, 5, 10, 15, 30, 60, 120, 300];

interface ChartProps {
  readonly points: readonly RatePoint[];
  readonly pauses: readonly Pause[];
  /** What the plot shows, in words. */
  readonly summary: string;
}

/** Rows a second over time, pauses shaded. */
export function RateChart({ points, pauses, summary }: ChartProps) {
  const place = useRef<HTMLDivElement>(null);
  const chart = useRef<uPlot | null>(null);
  const latest = useRef({ points, pauses });
  latest.current = { points, pauses };
  const dark = isDark.value;
  const [isMissing, setIsMissing] = useState(false);
  useEffect(() => {
    let isGone = false;
    const element = place.current;
    const observer = new ResizeObserver(() => {
      if (element !== null) chart.current?.setSize({ width: element.clientWidth, height: HEIGHT });
    });
    const load = async (): Promise<void> => {
      try {
        const { default: UPlot } = await import("uplot");
        if (isGone || element === null) return;
        const path = UPlot.paths.stepped?.({ align: -1 }) ?? null;
        const options = optionsOf(element.clientWidth, path, () => latest.current.pauses);
        chart.current = new UPlot(options, dataOf(latest.current.points), element);
        observer.observe(element);
      } catch {
        setIsMissing(true);
      }
    };
    void load();
    return () => {
      isGone = true;
      observer.disconnect();
      chart.current?.destroy();
      chart.current = null;
    };
  }, [dark]);
  useEffect(() => chart.current?.setData(dataOf(points)), [points]);
  if (isMissing)
    return (
      <p class="muted">
        The plot could not be loaded: the service may have been renewed. Reload the page.
      </p>
    );
  return <div class="chart" ref={place} role="img" aria-label={summary} />;
}

/** Each rate holds for the stretch before it; the first stretch needs its beginning. */
function dataOf(points: readonly RatePoint[]): uPlot.AlignedData {
  const begin = points[0]?.from ?? 0;
  return [
    [begin / 1000, ...points.map(({ at }) => at / 1000)],
    [points[0]?.perSecond ?? 0, ...points.map(({ perSecond }) => perSecond)],
  ];
}

function optionsOf(
  width: number,
  paths: uPlot.Series.PathBuilder | null,
  pauses: () => readonly Pause[],
): uPlot.Options {
  const style = getComputedStyle(document.documentElement);
  const color = (name: string): string => style.getPropertyValue(name);
  const axis: uPlot.Axis = {
    stroke: color("--muted"),
    grid: { stroke: color("--line"), width: 1 },
    ticks: { show: false },
    font: "12px system-ui",
  };
  return {
    width,
    height: HEIGHT,
    legend: { show: false },
    cursor: { show: false },
    scales: { y: { range: (_chart, _least, most) => [0, Math.max(1, most * 1.1)] } },
    axes: [
      {
        ...axis,
        size: 30,
        space: 90,
        incrs: TIME_STEPS,
        values: (_chart, ticks) => ticks.map((second) => formatClock(second * 1000)),
      },
      { ...axis, size: 56, values: (_chart, ticks) => ticks.map(formatShort) },
    ],
    series: [
      {},
      { stroke: color("--run"), width: 2, points: { show: false }, ...(paths && { paths }) },
    ],
    hooks: { drawClear: [(chart) => shade(chart, pauses(), color("--pausebg"), color("--pause"))] },
  };
}

/** Pauses behind the line, with their word where it fits. */
function shade(chart: uPlot, pauses: readonly Pause[], back: string, front: string): void {
  const { ctx, bbox } = chart;
  const edge = bbox.left + bbox.width;
  for (const { from, to } of pauses) {
    const left = Math.max(bbox.left, chart.valToPos(from / 1000, "x", true));
    const right = Math.min(edge, chart.valToPos(to / 1000, "x", true));
    if (right <= left) continue;
    ctx.fillStyle = back;
    ctx.fillRect(left, bbox.top, right - left, bbox.height);
    ctx.fillStyle = front;
    ctx.font = `${12 * devicePixelRatio}px system-ui`;
    ctx.textAlign = "left";
    ctx.textBaseline = "top";
    if (right - left > ctx.measureText("paused").width + 8)
      ctx.fillText("paused", left + 4, bbox.top + 4);
  }
}
