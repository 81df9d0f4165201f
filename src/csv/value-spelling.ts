/** From how a column's values are written in the file to how PostgreSQL reads them, where the two differ. */
import type { ValueSpelling } from "../core/import-plan.ts";
import type { RejectionCode } from "../core/rejection.ts";
import { byteAt, COLON, MINUS, PLUS, ZERO } from "./bytes.ts";
import { makeTimestampCheck } from "./check-time.ts";
import { makeDateRespelling, parseDateFormat } from "./date-format.ts";
import { makeNumberRespelling, type Respelling } from "./number-spelling.ts";
import type { SqlType } from "./sql-type.ts";
import { findTimeZone, type TimeZone } from "./time-zone.ts";

/** How values are rewritten, and the code of a value that is not written as declared. */
export interface ValueRespelling {
  readonly respell: Respelling;
  readonly misfit: RejectionCode;
}

/** The rewriting of values of a type; null when they are written as PostgreSQL reads them. */
export function makeRespelling(
  type: SqlType,
  spelling: ValueSpelling | undefined,
): ValueRespelling | null {
  if (spelling === undefined) return null;
  switch (type.type) {
    case "integer":
    case "bigint":
      return withMisfit(makeNumberRespelling(spelling), "invalid_integer");
    case "numeric":
    case "double precision":
      return withMisfit(makeNumberRespelling(spelling), "invalid_number");
    case "date":
      return withMisfit(dateRespelling(spelling), "invalid_date");
    case "timestamp":
      return withMisfit(dateRespelling(spelling), "invalid_timestamp");
    case "timestamptz":
      return withMisfit(zonedRespelling(spelling), "invalid_timestamp");
    case "boolean":
    case "time":
    case "uuid":
    case "json":
    case "jsonb":
    case "enum":
    case "text":
      return null;
    default:
      return type.type satisfies never;
  }
}

function withMisfit(respell: Respelling | null, misfit: RejectionCode): ValueRespelling | null {
  return respell === null ? null : { respell, misfit };
}

function dateRespelling({ dateFormat }: ValueSpelling): Respelling | null {
  const format = dateFormat === undefined ? null : parseDateFormat(dateFormat);
  return format === null ? null : makeDateRespelling(format);
}

/** Times without a zone get the offset that they have in the declared one; those with a zone stay. */
function zonedRespelling(spelling: ValueSpelling): Respelling | null {
  const inner = dateRespelling(spelling);
  const zone = spelling.timeZone === undefined ? null : findTimeZone(spelling.timeZone);
  if (zone === null) return inner;
  return (bytes, start, end, into) => {
    const length = inner === null ? copy(bytes, start, end, into) : inner(bytes, start, end, into);
    return length < 0 ? length : addOffset(into, length, zone);
  };
}

function copy(bytes: Uint8Array, start: number, end: number, into: Uint8Array): number {
  into.set(bytes.subarray(start, end));
  return end - start;
}

const isPlainTimestamp = makeTimestampCheck("none", 6);
const MINUTE_SECONDS = 60;

function addOffset(time: Uint8Array, length: number, zone: TimeZone): number {
  if (length === 0 || isPlainTimestamp(time, 0, length) !== null) return length;
  const local = secondsOf(time);
  const offset = zone(local);
  if (offset === null) return -1;
  // Before zones were agreed on, towns kept their own time to the second. PostgreSQL would read such an offset, but the
  // check that follows knows whole minutes alone: the seconds go into the time.
  const odd = offset % MINUTE_SECONDS;
  if (odd !== 0) writeSeconds(time, local - odd);
  return writeOffset(time, length, (offset - odd) / MINUTE_SECONDS);
}

function digitsAt(time: Uint8Array, at: number, count: number): number {
  let value = 0;
  for (let index = at; index < at + count; index++)
    value = value * 10 + (byteAt(time, index) - ZERO);
  return value;
}

/** Seconds since 1970 of `2026-02-28 09:30:00`, taken for UTC. */
function secondsOf(time: Uint8Array): number {
  const date = new Date(0);
  // Date.UTC would take the years 0 to 99 for those of the twentieth century.
  date.setUTCFullYear(digitsAt(time, 0, 4), digitsAt(time, 5, 2) - 1, digitsAt(time, 8, 2));
  date.setUTCHours(digitsAt(time, 11, 2), digitsAt(time, 14, 2), digitsAt(time, 17, 2));
  return date.getTime() / 1000;
}

/** Writes the day and time over those at the start of `time`, without touching the fraction. */
function writeSeconds(time: Uint8Array, seconds: number): void {
  const text = new Date(seconds * 1000).toISOString().slice(-24, -5);
  time.set(new TextEncoder().encode(text));
}

function writeOffset(time: Uint8Array, length: number, minutes: number): number {
  const size = Math.abs(minutes);
  const hours = Math.floor(size / 60);
  const rest = size % 60;
  const digits = [Math.floor(hours / 10), hours % 10, Math.floor(rest / 10), rest % 10];
  let at = length;
  time[at++] = minutes < 0 ? MINUS : PLUS;
  for (const [index, digit] of digits.entries()) {
    if (index === 2) time[at++] = COLON;
    time[at++] = ZERO + digit;
  }
  return at;
}
