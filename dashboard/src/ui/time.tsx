import { clock } from "../clock.ts";
import { formatAgo, formatTime } from "../format.ts";

/** How long ago a time was; the exact time on hover. */
export function Ago({ time }: { time: string }) {
  return (
    <time dateTime={time} title={formatTime(time)}>
      {formatAgo(time, clock.value)}
    </time>
  );
}
