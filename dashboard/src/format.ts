/** Numbers, sizes, times and names as the screens write them: figures in the reader's locale, words in English. */

const MINUTE_S = 60;
const HOUR_S = 60 * MINUTE_S;
const DAY_S = 24 * HOUR_S;

const COUNT = new Intl.NumberFormat(undefined, { maximumFractionDigits: 0 });
const SHORT = new Intl.NumberFormat(undefined, { notation: "compact", maximumFractionDigits: 1 });
const ONE_DIGIT = new Intl.NumberFormat(undefined, { maximumFractionDigits: 1 });
const EXACT = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "medium" });
const CLOCK = new Intl.DateTimeFormat(undefined, { timeStyle: "medium" });

/** A whole number: `482,310`. Fractions are cut off. */
export function formatCount(count: number): string {
  return COUNT.format(Math.trunc(count));
}

/** A number in few characters: `21.5K`. */
export function formatShort(count: number): string {
  return SHORT.format(count);
}

/** A count with its noun: `1 row`, `12 rows`. */
export function formatCounted(count: number, singular: string, plural = `${singular}s`): string {
  return `${formatCount(count)} ${count === 1 ? singular : plural}`;
}

/** A size in decimal units: `89.5 MB`. One MB is 1,000,000 bytes. */
export function formatBytes(bytes: number): string {
  if (bytes < 1000) return formatCounted(bytes, "byte");
  const units = ["kB", "MB", "GB", "TB", "PB"];
  let value = bytes / 1000;
  let unit = 0;
  while (value >= 999.95 && unit < units.length - 1) {
    value /= 1000;
    unit += 1;
  }
  return `${(value >= 100 ? COUNT : ONE_DIGIT).format(value)} ${units[unit] ?? ""}`;
}

/** How much of a size is there: `45 of 314 MB`. */
export function formatPart(bytes: number, of: number): string {
  const whole = formatBytes(of);
  const unit = whole.slice(whole.indexOf(" "));
  const part = formatBytes(bytes);
  return `${part.endsWith(unit) ? part.slice(0, -unit.length) : part} of ${whole}`;
}

/** A stretch of time in its two largest units: `0.8 s`, `46 s`, `2 min 5 s`, `3 h 4 min`, `2 d 3 h`. */
export function formatDuration(seconds: number): string {
  if (seconds < 9.95) return `${ONE_DIGIT.format(seconds)} s`;
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

/** How long ago a time was at `now` in milliseconds: `24 s ago`, `yesterday`, `3 days ago`. At least 1 s. */
export function formatAgo(time: string, now: number): string {
  const seconds = Math.max(1, Math.round((now - Date.parse(time)) / 1000));
  if (seconds < MINUTE_S) return `${seconds} s ago`;
  if (seconds < HOUR_S) return `${Math.floor(seconds / MINUTE_S)} min ago`;
  if (seconds < DAY_S) return `${Math.floor(seconds / HOUR_S)} h ago`;
  const days = Math.floor(seconds / DAY_S);
  return days === 1 ? "yesterday" : `${formatCount(days)} days ago`;
}

/** The exact time, in the reader's zone. */
export function formatTime(time: string): string {
  return EXACT.format(new Date(time));
}

/** The time of the day, in the reader's zone. */
export function formatClock(time: string | number): string {
  return CLOCK.format(new Date(time));
}

/** A share from 0 to 1 as a whole percentage. Rounded down: 100% is said only of a whole. Empty where it is not known. */
export function formatPercent(fraction: number | null): string {
  if (fraction === null) return "";
  return `${Math.floor(Math.min(1, Math.max(0, fraction)) * 100)}%`;
}

/** The first and last characters of an id: `job_01m84qvw…25`. */
export function formatId(id: string): string {
  return id.length <= 16 ? id : `${id.slice(0, 12)}…${id.slice(-2)}`;
}

/** A cell as a person sees it: an empty one by its word. */
export function formatCell(value: string | null): string {
  return value === null || value === "" ? "(empty)" : value;
}

/** The day of a time, in the reader's zone: `May 12`. */
export function formatDay(time: string): string {
  return new Date(time).toLocaleDateString(undefined, { day: "numeric", month: "long" });
}
