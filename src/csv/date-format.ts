/**
 * Reads dates and times in a declared format, and writes them as ISO 8601, which PostgreSQL reads the same under every
 * setting.
 *
 * A format is made of fields and of characters that stand for themselves. It has one day, one month and one year of
 * four digits, and may have a time: two-digit years are not offered, because they do not say the century.
 */
import { asciiText, byteAt, COLON, DOT, isDigit, MINUS, ZERO } from "./bytes.ts";
import type { Respelling } from "./number-spelling.ts";

/** The fields of a format: which part of a time, and between how many digits it has. */
const FIELDS = {
  YYYY: { part: "year", least: 4, most: 4 },
  MM: { part: "month", least: 2, most: 2 },
  M: { part: "month", least: 1, most: 2 },
  /** English names: Jan or January. */
  MMM: { part: "month", least: 0, most: 0 },
  DD: { part: "day", least: 2, most: 2 },
  D: { part: "day", least: 1, most: 2 },
  HH: { part: "hour", least: 2, most: 2 },
  H: { part: "hour", least: 1, most: 2 },
  hh: { part: "hour12", least: 2, most: 2 },
  h: { part: "hour12", least: 1, most: 2 },
  mm: { part: "minute", least: 2, most: 2 },
  ss: { part: "second", least: 2, most: 2 },
  /** The fraction of a second, one to six digits. */
  S: { part: "fraction", least: 1, most: 6 },
  /** AM or PM, in any case. */
  A: { part: "half", least: 0, most: 0 },
} as const satisfies Record<string, { part: string; least: number; most: number }>;

type FieldName = keyof typeof FIELDS;
type Step = { readonly field: (typeof FIELDS)[FieldName] } | { readonly literal: number };

/** A format that was understood. */
export interface DateFormat {
  readonly hasTime: boolean;
  readonly steps: readonly Step[];
}

const TOKEN = /YYYY|MMMM?|MM?|DD?|HH?|hh?|mm|ss|S+|A|[^A-Za-z]/gy;
const MONTHS = [
  "january",
  "february",
  "march",
  "april",
  "may",
  "june",
  "july",
  "august",
  "september",
  "october",
  "november",
  "december",
];

/** Understands a format; null when it is none, or does not say day, month and year once each. */
export function parseDateFormat(text: string): DateFormat | null {
  const plain = text.replaceAll("yyyy", "YYYY").replaceAll("dd", "DD");
  // Many write dd/mm/yyyy; without an hour there are no minutes to be meant.
  const format = /[Hh]/.test(plain) ? plain : plain.replaceAll("mm", "MM");
  const tokens = format.match(TOKEN) ?? [];
  if (tokens.join("") !== format) return null;
  const steps = tokens.flatMap((token): Step[] => {
    const name = token === "MMMM" ? "MMM" : token.startsWith("S") ? "S" : token;
    if (Object.hasOwn(FIELDS, name)) return [{ field: FIELDS[name as FieldName] }]; // checked before
    return [...new TextEncoder().encode(token)].map((literal) => ({ literal }));
  });
  const parts = steps.flatMap((step) => ("field" in step ? [step.field.part] : []));
  if (new Set(parts).size !== parts.length) return null;
  const has = (...names: readonly string[]) => names.every((name) => parts.some((p) => p === name));
  if (!has("year", "month", "day")) return null;
  const hasTime = parts.length > 3;
  const isTime = has("hour") ? has("minute") && !has("half") : has("hour12", "minute", "half");
  const isOrdered = (!has("fraction") || has("second")) && !(has("hour") && has("hour12"));
  return hasTime && !(isTime && isOrdered) ? null : { hasTime, steps };
}

type Part = (typeof FIELDS)[FieldName]["part"];

/** One value taken apart. One object for all calls: it is filled and read before anything else can run. */
const TIME: Record<Part, number> = {
  year: 0,
  month: 0,
  day: 0,
  hour: 0,
  hour12: 0,
  minute: 0,
  second: 0,
  fraction: 0,
  half: 0,
};
const SPACE = 0x20;
const FRACTION_DIGITS = 6;
let fractionDigits = 0;

/** Values in the format become ISO 8601; whether the day and the time exist is for the check to say. */
export function makeDateRespelling({ hasTime, steps }: DateFormat): Respelling {
  const isHalved = steps.some((step) => "field" in step && step.field.part === "half");
  return (bytes, start, end, into) => {
    fractionDigits = 0;
    TIME.second = 0;
    let index = start;
    for (const step of steps) {
      if ("literal" in step) {
        if (index >= end || byteAt(bytes, index) !== step.literal) return -1;
        index++;
        continue;
      }
      index = readField(bytes, index, end, step.field);
      if (index < 0) return -1;
    }
    if (index !== end) return -1;
    if (isHalved) {
      if (TIME.hour12 < 1 || TIME.hour12 > 12) return -1;
      TIME.hour = (TIME.hour12 % 12) + TIME.half;
    }
    return writeTime(into, hasTime);
  };
}

/** Reads one field into `TIME` and returns where it ends; -1 when it is not there. */
function readField(
  bytes: Uint8Array,
  start: number,
  end: number,
  { part, least, most }: (typeof FIELDS)[FieldName],
): number {
  if (part === "half") return readHalf(bytes, start, end);
  if (most === 0) return readMonthName(bytes, start, end);
  let index = start;
  let value = 0;
  while (index < end && index - start < most && isDigit(byteAt(bytes, index)))
    value = value * 10 + (byteAt(bytes, index++) - ZERO);
  const digits = index - start;
  if (digits < least) return -1;
  TIME[part] = value;
  if (part === "fraction") fractionDigits = digits;
  return index;
}

function readHalf(bytes: Uint8Array, start: number, end: number): number {
  if (end - start < 2 || (byteAt(bytes, start + 1) | 0x20) !== 0x6d) return -1;
  const letter = byteAt(bytes, start) | 0x20;
  if (letter !== 0x61 && letter !== 0x70) return -1;
  TIME.half = letter === 0x70 ? 12 : 0;
  return start + 2;
}

function readMonthName(bytes: Uint8Array, start: number, end: number): number {
  let index = start;
  while (index < end && isLetter(byteAt(bytes, index))) index++;
  const name = asciiText(bytes, start, index).toLowerCase();
  const month = MONTHS.findIndex((each) => each === name || each.slice(0, 3) === name);
  if (month < 0) return -1;
  TIME.month = month + 1;
  return index;
}

function isLetter(byte: number): boolean {
  const lower = byte | 0x20;
  return lower >= 0x61 && lower <= 0x7a;
}

function writeTime(into: Uint8Array, hasTime: boolean): number {
  let at = writeDigits(into, 0, TIME.year, 4);
  into[at++] = MINUS;
  at = writeDigits(into, at, TIME.month, 2);
  into[at++] = MINUS;
  at = writeDigits(into, at, TIME.day, 2);
  if (!hasTime) return at;
  into[at++] = SPACE;
  at = writeDigits(into, at, TIME.hour, 2);
  into[at++] = COLON;
  at = writeDigits(into, at, TIME.minute, 2);
  into[at++] = COLON;
  at = writeDigits(into, at, TIME.second, 2);
  if (fractionDigits === 0) return at;
  into[at++] = DOT;
  return writeDigits(into, at, TIME.fraction, Math.min(fractionDigits, FRACTION_DIGITS));
}

function writeDigits(into: Uint8Array, at: number, value: number, digits: number): number {
  let rest = value;
  for (let index = at + digits - 1; index >= at; index--) {
    into[index] = ZERO + (rest % 10);
    rest = Math.floor(rest / 10);
  }
  return at + digits;
}
