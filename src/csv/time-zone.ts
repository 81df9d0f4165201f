/**
 * Which offset from UTC a time without a zone has in a declared one.
 *
 * The offset is written with the value, so that nothing depends on the settings of the database or on its own table of
 * zones. A time that clocks skip in spring does not exist, and one that they show twice in autumn is two times: both have
 * no offset, and the value is rejected rather than guessed.
 */

/** A zone: seconds east of UTC for a time by its own clock, given in seconds since 1970; null when there is not one. */
export type TimeZone = (localSeconds: number) => number | null;

const DAY_SECONDS = 86_400;
const FIXED = /^([+-])(\d{2})(?::?(\d{2}))?$/;
const OFFSET = /^GMT(?:([+-])(\d{2}):(\d{2})(?::(\d{2}))?)?$/;
const MAX_HOURS = 15;

/** Finds a zone by its name (`Europe/Berlin`), or an offset (`+02:00`); null when there is none. */
export function findTimeZone(name: string): TimeZone | null {
  if (name === "Z" || name.toUpperCase() === "UTC") return () => 0;
  const fixed = FIXED.exec(name);
  if (fixed !== null) return fixedZone(fixed);
  const offsetAt = offsetsOf(name);
  return offsetAt === null ? null : namedZone(offsetAt);
}

function fixedZone([, sign, hours, minutes = "0"]: RegExpExecArray): TimeZone | null {
  if (Number(hours) > MAX_HOURS || Number(minutes) > 59) return null;
  const seconds = (Number(hours) * 60 + Number(minutes)) * 60;
  return () => (sign === "-" ? -seconds : seconds);
}

/** The offset at an instant, in seconds since 1970, of a zone that the platform knows. */
function offsetsOf(timeZone: string): ((instant: number) => number) | null {
  let format: Intl.DateTimeFormat;
  try {
    format = new Intl.DateTimeFormat("en-US", { timeZone, timeZoneName: "longOffset" });
  } catch {
    return null; // a RangeError: no such zone, which is the finding itself
  }
  return (instant) => {
    const parts = format.formatToParts(instant * 1000);
    const text = parts.find(({ type }) => type === "timeZoneName")?.value ?? "";
    const [, sign = "+", hours = "0", minutes = "0", seconds = "0"] = OFFSET.exec(text) ?? [];
    const offset = (Number(hours) * 60 + Number(minutes)) * 60 + Number(seconds);
    return sign === "-" ? -offset : offset;
  };
}

/**
 * Looks at the platform's table once a day of the file's times: on a day far from a change of the clocks the offset of
 * the day before and of the day after is the same, and then it is that of every time of the day.
 */
function namedZone(offsetAt: (instant: number) => number): TimeZone {
  const days = new Map<number, number | null>();
  return (localSeconds) => {
    const day = Math.floor(localSeconds / DAY_SECONDS);
    let known = days.get(day);
    if (known === undefined) {
      const before = offsetAt((day - 1) * DAY_SECONDS);
      const after = offsetAt((day + 2) * DAY_SECONDS);
      known = before === after ? before : null;
      days.set(day, known);
    }
    if (known !== null) return known;
    const candidates = new Set([
      offsetAt(localSeconds - DAY_SECONDS),
      offsetAt(localSeconds + DAY_SECONDS),
    ]);
    const fitting = [...candidates].filter((offset) => offsetAt(localSeconds - offset) === offset);
    return fitting.length === 1 ? (fitting[0] ?? null) : null;
  };
}
