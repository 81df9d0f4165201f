/** Numbers, sizes, times and names as the command line writes them. English, whatever the locale: output is stable. */

const MINUTE_S = 60;
const HOUR_S = 60 * MINUTE_S;
const DAY_S = 24 * HOUR_S;

/** A whole number with thousands separated: `482,310`. Fractions are cut off. */
export function formatCount(count: number): string {
  return Math.trunc(count)
    .toString()
    .replace(/\B(?=(\d{3})+$)/g, ",");
}

/** A count with its noun: `1 row`, `12 rows`. */
export function formatCounted(count: number, singular: string, plural = `${singular}s`): string {
  return `${formatCount(count)} ${count === 1 ? singular : plural}`;
}

/** A size in decimal units with at most one digit after the point: `89.5 MB`. One MB is 1,000,000 bytes. */
export function formatBytes(bytes: number): string {
  if (bytes < 1000) return formatCounted(bytes, "byte");
  const units = ["kB", "MB", "GB", "TB", "PB"];
  let value = bytes / 1000;
  let unit = 0;
  while (value >= 999.95 && unit < units.length - 1) {
    value /= 1000;
    unit += 1;
  }
  const text = value >= 100 ? value.toFixed(0) : value.toFixed(1).replace(/\.0$/, "");
  return `${text} ${units[unit] ?? ""}`;
}

/** A stretch of time in its two largest units: `0.8 s`, `46 s`, `2 min 5 s`, `3 h 4 min`, `2 d 3 h`. */
export function formatDuration(seconds: number): string {
  if (seconds < 9.95) return `${seconds.toFixed(1).replace(/\.0$/, "")} s`;
  const whole = Math.round(seconds);
  if (whole < MINUTE_S) return `${whole} s`;
  if (whole < HOUR_S) return two(whole, MINUTE_S, "min", 1, "s");
  if (whole < DAY_S) return two(whole, HOUR_S, "h", MINUTE_S, "min");
  return two(whole, DAY_S, "d", HOUR_S, "h");
}

function two(seconds: number, large: number, name: string, small: number, rest: string): string {
  const remainder = Math.floor((seconds % large) / small);
  const first = `${Math.floor(seconds / large)} ${name}`;
  return remainder === 0 ? first : `${first} ${remainder} ${rest}`;
}

/** How long ago `then` was at `now`, both in milliseconds: `24 s ago`, `yesterday`, `3 days ago`. At least 1 s. */
export function formatAgo(then: number, now: number): string {
  const seconds = Math.max(1, Math.round((now - then) / 1000));
  if (seconds < MINUTE_S) return `${seconds} s ago`;
  if (seconds < HOUR_S) return `${Math.floor(seconds / MINUTE_S)} min ago`;
  if (seconds < DAY_S) return `${Math.floor(seconds / HOUR_S)} h ago`;
  const days = Math.floor(seconds / DAY_S);
  return days === 1 ? "yesterday" : `${days} days ago`;
}

/**
 * Time left as people say it: below a minute to 5 s, below an hour to a minute, else to half hours of `h` and `min`.
 * A figure that changes with every drawing would promise more than anybody knows.
 */
export function formatTimeLeft(seconds: number): string {
  if (seconds < 2) return "about 1 s";
  if (seconds < 10) return `about ${Math.round(seconds)} s`;
  if (seconds < 55) return `about ${Math.round(seconds / 5) * 5} s`;
  if (seconds < HOUR_S - 30) return `about ${Math.max(1, Math.round(seconds / MINUTE_S))} min`;
  return `about ${formatDuration(Math.round(seconds / 600) * 600)}`;
}

/** A share from 0 to 1 as a whole percentage. Rounded down: 100% is said only of a whole. Null is not known: a dash. */
export function formatPercent(fraction: number | null): string {
  if (fraction === null) return "–";
  return `${Math.floor(Math.min(1, Math.max(0, fraction)) * 100)}%`;
}

/** The first and last characters of a hash: `9f2c…e1`. */
export function formatHash(hash: string): string {
  return hash.length <= 8 ? hash : `${hash.slice(0, 4)}…${hash.slice(-2)}`;
}

/** Ten characters are the time of creation to the millisecond, see `new-id.ts`; two are of the rest. */
const SHORT_ID_LENGTH = "job_".length + 12;

/**
 * A prefix of `id` that people may type instead of it, now and later: it names the millisecond of the creation and a
 * little more, so jobs to come do not share it. Longer where one of the `others` does.
 */
export function shortId(id: string, others: readonly string[] = []): string {
  for (let length = SHORT_ID_LENGTH; length < id.length; length += 1) {
    const prefix = id.slice(0, length);
    if (!others.some((other) => other !== id && other.startsWith(prefix))) return prefix;
  }
  return id;
}
