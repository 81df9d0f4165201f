/** The plot itself, in SVG: a step for each second, pauses shaded. */
import { useEffect, useRef, useState } from "preact/hooks";
import { formatClock, formatShort } from "../../format.ts";
import { ratePlot, type RatePlot } from "../../jobs/rate-plot.ts";
import type { RatePoint } from "../../jobs/rate-samples.ts";
import type { Pause } from "../../jobs/pauses.ts";

const HEIGHT = 170;
/** Pixels that the word for a pause takes. */
const WORD_WIDTH = 52;

interface ChartProps {
  readonly points: readonly RatePoint[];
  readonly pauses: readonly Pause[];
  /** What the plot shows, in words. */
  readonly summary: string;
}

/** Rows a second over time. */
export function RateChart({ points, pauses, summary }: ChartProps) {
  const place = useRef<HTMLDivElement>(null);
  const [width, setWidth] = useState(0);
  useEffect(() => {
    const element = place.current;
    if (element === null) return undefined;
    const observer = new ResizeObserver(() => setWidth(element.clientWidth));
    observer.observe(element);
    return () => observer.disconnect();
  }, []);
  const plot = ratePlot(points, width, HEIGHT);
  return (
    <div ref={place}>
      <svg class="chart" width={width} height={HEIGHT} role="img" aria-label={summary}>
        <Grid plot={plot} />
        {pauses.map((pause) => (
          <Shade key={pause.from} pause={pause} plot={plot} />
        ))}
        <path class="rate" d={plot.path} />
      </svg>
    </div>
  );
}

function Grid({ plot }: { plot: RatePlot }) {
  return (
    <>
      {plot.rates.map(({ value, place }) => (
        <>
          <path d={`M${plot.left} ${place}H${plot.right}`} />
          <text x={plot.left - 8} y={place + 4} text-anchor="end">
            {formatShort(value)}
          </text>
        </>
      ))}
      {plot.times.map(({ value, place }) => (
        <text key={value} x={place} y={HEIGHT - 6} text-anchor="middle">
          {formatClock(value)}
        </text>
      ))}
    </>
  );
}

function Shade({ pause, plot }: { pause: Pause; plot: RatePlot }) {
  const left = plot.placeOf(pause.from);
  const width = plot.placeOf(pause.to) - left;
  if (width <= 0) return null;
  return (
    <>
      <rect x={left} y={plot.top} width={width} height={plot.foot - plot.top} />
      {width > WORD_WIDTH && (
        <text class="pause" x={left + 4} y={plot.top + 14}>
          paused
        </text>
      )}
    </>
  );
}
