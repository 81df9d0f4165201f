/**
 * Checks of dates and times, straight from bytes. One spelling is taken, `2026-02-28T09:30:00.123456+01:00`, because
 * PostgreSQL reads the others by its settings; and the calendar is checked, because it turns 24:00 into the next day.
 * Parsing is the checking: what a check that passes has read is left in `TIME` for the writer (`write-time.ts`).
 */
import type { RejectionCode } from "../core/rejection.ts";
import { byteAt, COLON, DOT, isDigit, MINUS, PLUS, SPACE, ZERO } from "./bytes.ts";
import type { CellCheck } from "./check-number.ts";

const DATE_LENGTH = 10;
const SECONDS_LENGTH = 19;
const MINUTES_LENGTH = 5;
const MAX_FRACTION_DIGITS = 6;
const HOUR_SECONDS = 3600;
const MINUTE_SECONDS = 60;
/** From 1 March of the year 0 to 1 January 2000. */
const DAYS_TO_2000 = 730_425;
const LETTER_T = 0x54;
const LETTER_Z = 0x5a;
const DAYS_IN_MONTH = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

/** Whether a time names its zone. `none` is for `timestamp`, `named` for `timestamptz`. */
export type TimeZoneUse = "none" | "named";

/** The date or time that was checked last. One object for all calls: it is read before anything else can run. */
export const TIME = {
  /** Days since 2000-01-01. */
  day: 0,
  /** Of the day, as written. */
  second: 0,
  /** Of the second. */
  microsecond: 0,
  /** Of the zone, east of Greenwich. */
  offsetSeconds: 0,
};

/** A day of the years 0001 to 9999, written `2026-02-28`. */
export function checkDate(bytes: Uint8Array, start: number, end: number): RejectionCode | null {
  return end - start === DATE_LENGTH && readDay(bytes, start) ? null : "invalid_date";
}

/**
 * A time of one spelling, with the zone required or forbidden. `secondDigits` is what the type keeps, 0 to 6: a value
 * that would be rounded is `too_precise`; more than six digits are no such time.
 */
export function makeTimestampCheck(zone: TimeZoneUse, secondDigits: number): CellCheck {
  return (bytes, start, end) => {
    TIME.offsetSeconds = 0;
    if (!readDayAndTime(bytes, start, end)) return "invalid_timestamp";
    const afterFraction = readFraction(bytes, start + SECONDS_LENGTH, end);
    if (afterFraction < 0) return "invalid_timestamp";
    const hasZone = afterFraction < end;
    if (hasZone !== (zone === "named")) return "invalid_timestamp";
    if (hasZone && !readZone(bytes, afterFraction, end)) return "invalid_timestamp";
    for (let at = start + SECONDS_LENGTH + 1 + secondDigits; at < afterFraction; at++)
      if (byteAt(bytes, at) !== ZERO) return "too_precise";
    return null;
  };
}

/**
 * A time of day, written `09:30`, `09:30:00` or with a fraction. PostgreSQL would take 24:00 and second 60, which are no
 * times of the day, and words and zones.
 */
export function makeTimeCheck(secondDigits: number): CellCheck {
  return (bytes, start, end) => {
    const length = end - start;
    TIME.microsecond = 0;
    if (length < MINUTES_LENGTH || !readHourAndMinute(bytes, start)) return "invalid_timestamp";
    if (length === MINUTES_LENGTH) return null;
    const afterSecond = start + MINUTES_LENGTH + 3;
    if (afterSecond > end || byteAt(bytes, start + MINUTES_LENGTH) !== COLON)
      return "invalid_timestamp";
    const second = twoDigits(bytes, start + MINUTES_LENGTH + 1);
    const afterFraction = readFraction(bytes, afterSecond, end);
    TIME.second += second;
    if (second < 0 || second > 59 || afterFraction !== end) return "invalid_timestamp";
    for (let at = afterSecond + 1 + secondDigits; at < end; at++)
      if (byteAt(bytes, at) !== ZERO) return "too_precise";
    return null;
  };
}

function readHourAndMinute(bytes: Uint8Array, start: number): boolean {
  const hour = twoDigits(bytes, start);
  const minute = twoDigits(bytes, start + 3);
  TIME.second = hour * HOUR_SECONDS + minute * MINUTE_SECONDS;
  const isInDay = hour >= 0 && hour < 24 && minute >= 0 && minute < 60;
  return isInDay && byteAt(bytes, start + 2) === COLON;
}

function readDay(bytes: Uint8Array, start: number): boolean {
  if (byteAt(bytes, start + 4) !== MINUS || byteAt(bytes, start + 7) !== MINUS) return false;
  const century = twoDigits(bytes, start);
  const yearOfCentury = twoDigits(bytes, start + 2);
  const month = twoDigits(bytes, start + 5);
  const day = twoDigits(bytes, start + 8);
  if (century < 0 || yearOfCentury < 0 || month < 1 || month > 12 || day < 1) return false;
  const year = century * 100 + yearOfCentury;
  const isLeap = year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
  const days = month === 2 && isLeap ? 29 : (DAYS_IN_MONTH[month - 1] ?? 0);
  TIME.day = dayNumber(year, month, day);
  return year >= 1 && day <= days;
}

/** Days from 2000-01-01 to a day of the calendar. */
function dayNumber(year: number, month: number, day: number): number {
  // Years that begin in March have their leap day at the end, and months of 153 days in five.
  const marchYear = month > 2 ? year : year - 1;
  const marchMonth = (month + 9) % 12;
  const leapDays =
    Math.floor(marchYear / 4) - Math.floor(marchYear / 100) + Math.floor(marchYear / 400);
  const dayOfYear = Math.floor((153 * marchMonth + 2) / 5) + day - 1;
  return marchYear * 365 + leapDays + dayOfYear - DAYS_TO_2000;
}

function readDayAndTime(bytes: Uint8Array, start: number, end: number): boolean {
  if (end - start < SECONDS_LENGTH || !readDay(bytes, start)) return false;
  const separator = byteAt(bytes, start + DATE_LENGTH);
  if (separator !== LETTER_T && separator !== SPACE) return false;
  if (byteAt(bytes, start + 16) !== COLON || !readHourAndMinute(bytes, start + 11)) return false;
  const second = twoDigits(bytes, start + 17);
  TIME.second += second;
  return second >= 0 && second < 60;
}

/** Where the fraction of a second ends, if there is one; -1 when it has no digit or more than six. */
function readFraction(bytes: Uint8Array, start: number, end: number): number {
  TIME.microsecond = 0;
  if (start >= end || byteAt(bytes, start) !== DOT) return start;
  let index = start + 1;
  let place = 100_000;
  for (; index < end && isDigit(byteAt(bytes, index)); index++) {
    TIME.microsecond += (byteAt(bytes, index) - ZERO) * place;
    place /= 10;
  }
  const digits = index - start - 1;
  return digits >= 1 && digits <= MAX_FRACTION_DIGITS ? index : -1;
}

/** `Z`, `+hh` or `+hh:mm`, up to 15:59 either way as PostgreSQL takes it. */
function readZone(bytes: Uint8Array, start: number, end: number): boolean {
  const first = byteAt(bytes, start);
  const length = end - start;
  if (first === LETTER_Z) return length === 1;
  if ((first !== PLUS && first !== MINUS) || (length !== 3 && length !== 6)) return false;
  const hours = twoDigits(bytes, start + 1);
  if (hours < 0 || hours > 15) return false;
  const minutes = length === 3 ? 0 : twoDigits(bytes, start + 4);
  const size = hours * HOUR_SECONDS + minutes * MINUTE_SECONDS;
  TIME.offsetSeconds = first === MINUS ? -size : size;
  if (length === 3) return true;
  return byteAt(bytes, start + 3) === COLON && minutes >= 0 && minutes < 60;
}

/** The value of two digits, or -1. */
function twoDigits(bytes: Uint8Array, index: number): number {
  const tens = byteAt(bytes, index) - ZERO;
  const ones = byteAt(bytes, index + 1) - ZERO;
  return tens >= 0 && tens <= 9 && ones >= 0 && ones <= 9 ? tens * 10 + ones : -1;
}
