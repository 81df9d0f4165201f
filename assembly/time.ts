/**
 * Dates and times: read from text at `p`, written in the binary format at `out`. Each returns where the text ended; 0
 * when it is not plain, and then the caller of the pass reads the record in its own way.
 */

const ZERO: u32 = 0x30;
const PLUS: u32 = 0x2b;
const MINUS: u32 = 0x2d;
const DOT: u32 = 0x2e;
const COLON: u32 = 0x3a;
const SPACE: u32 = 0x20;
const LETTER_T: u32 = 0x54;
const LETTER_Z: u32 = 0x5a;
const DAY_SECONDS: i64 = 86_400;
const SECOND: i64 = 1_000_000;
const MAX_FRACTION_DIGITS: i32 = 6;
const DAYS_TO_2000: i32 = 730_485;
/** Of each month, first of common years, then of leap years: its days, and in the lower half the days before it. */
// prettier-ignore
const MONTHS: StaticArray<u32> = [
  0, 0x1f_0000, 0x1c_001f, 0x1f_003b, 0x1e_005a, 0x1f_0078, 0x1e_0097, 0x1f_00b5, 0x1f_00d4, 0x1e_00f3, 0x1f_0111, 0x1e_0130, 0x1f_014e, 0, 0, 0,
  0, 0x1f_0000, 0x1d_001f, 0x1f_003c, 0x1e_005b, 0x1f_0079, 0x1e_0098, 0x1f_00b6, 0x1f_00d5, 0x1e_00f4, 0x1f_0112, 0x1e_0131, 0x1f_014f, 0, 0, 0,
];
const MICROSECONDS: StaticArray<i32> = [1_000_000, 100_000, 10_000, 1000, 100, 10, 1];

/** `YYYY-MM-`: with this taken away by exclusive or, digits are their values and the rest is zero. */
const DAY_MARKS: u64 = 0x2d30_302d_3030_3030;
const DAY_ZEROS: u64 = 0xfff0_f0ff_f0f0_f0f0;
const DAY_OVERFLOW: u64 = 0x0006_0600_0606_0606;
/** `hh:mm:ss`, in the same way. */
const CLOCK_MARKS: u64 = 0x3030_3a30_303a_3030;
const CLOCK_ZEROS: u64 = 0xf0f0_fff0_f0ff_f0f0;
const CLOCK_OVERFLOW: u64 = 0x0606_0006_0600_0606;
const TWO_DIGITS: u32 = 0x3030;
const TWO_ZEROS: u32 = 0xf0f0;
const TWO_OVERFLOW: u32 = 0x0606;
const NOT_DIGITS: u32 = 0xffff_ffff;

export function writeDate(p: usize, out: usize): usize {
  if (!readDay(p)) return 0;
  store<u32>(out, bswap<u32>(<u32>day));
  return p + 10;
}

/** A time of day with up to `digits` digits of a second. */
export function writeTime(start: usize, out: usize, digits: i32): usize {
  let p = start;
  const hour = twoDigits(p);
  const minute = twoDigits(p + 3);
  if (load<u8>(p + 2) !== COLON || hour > 23 || minute > 59) return 0;
  let time = <i64>(hour * 3600 + minute * 60) * SECOND;
  p += 5;
  if (load<u8>(p) === COLON) {
    const second = twoDigits(p + 1);
    if (second > 59) return 0;
    p = readFraction(p + 3, digits);
    time += <i64>second * SECOND + microsecond;
  }
  store<u64>(out, bswap<u64>(time));
  return p;
}

/** A day and a time with up to `digits` digits of a second; its zone is required, or left for the caller to refuse. */
export function writeTimestamp(start: usize, out: usize, digits: i32, hasZone: bool): usize {
  if (!readDay(start)) return 0;
  const separator: u32 = load<u8>(start + 10);
  if (separator !== LETTER_T && separator !== SPACE) return 0;
  const clock = load<u64>(start + 11) ^ CLOCK_MARKS;
  if (((clock | (clock + CLOCK_OVERFLOW)) & CLOCK_ZEROS) !== 0) return 0;
  const hour = <u32>(clock & 15) * 10 + <u32>((clock >> 8) & 15);
  const minute = <u32>((clock >> 24) & 15) * 10 + <u32>((clock >> 32) & 15);
  const second = <u32>((clock >> 48) & 15) * 10 + <u32>(clock >> 56);
  if (hour > 23 || minute > 59 || second > 59) return 0;
  let p = readFraction(start + 19, digits);
  if (p === 0) return 0;
  let seconds = <i64>day * DAY_SECONDS + <i64>(hour * 3600 + minute * 60 + second);
  if (hasZone) {
    p = readZone(p);
    seconds -= zoneSeconds;
  }
  store<u64>(out, bswap<u64>(seconds * SECOND + microsecond));
  return p;
}

/** Days since 2000-01-01 that `readDay` has read. */
let day: i32 = 0;

function readDay(p: usize): bool {
  const marked = load<u64>(p) ^ DAY_MARKS;
  if (((marked | (marked + DAY_OVERFLOW)) & DAY_ZEROS) !== 0) return false;
  const century = <u32>(marked & 15) * 10 + <u32>((marked >> 8) & 15);
  const year = <u32>((marked >> 16) & 15) * 10 + <u32>((marked >> 24) & 15);
  const month = <u32>((marked >> 40) & 15) * 10 + <u32>((marked >> 48) & 15);
  if ((century | year) === 0 || month - 1 > 11) return false;
  const isLeap = ((year === 0 ? century : year) & 3) === 0;
  const dayIndex = twoDigits(p + 8) - 1;
  const facts = unchecked(MONTHS[month + (isLeap ? 16 : 0)]);
  if (dayIndex >= facts >> 16) return false;
  // A century has 24 leap days, and one more where it begins with a leap year.
  const centuryDays = century * 36_524 + ((century + 3) >> 2);
  const yearDays = year * 365 + ((year + 3) >> 2) - <u32>(year !== 0 && (century & 3) !== 0);
  day = <i32>(centuryDays + yearDays + (facts & 0xffff) + dayIndex) - DAYS_TO_2000;
  return true;
}

/** What `readFraction` has read. */
let microsecond: i64 = 0;

function readFraction(start: usize, keptDigits: i32): usize {
  microsecond = 0;
  if (load<u8>(start) !== DOT) return start;
  let p = start + 1;
  let value: i32 = 0;
  let digit: u32 = <u32>load<u8>(p) - ZERO;
  while (digit <= 9) {
    const place = <i32>(p - start);
    if (place > MAX_FRACTION_DIGITS || (place > keptDigits && digit !== 0)) return 0;
    value = value * 10 + digit;
    p++;
    digit = <u32>load<u8>(p) - ZERO;
  }
  const digits = <i32>(p - start) - 1;
  if (digits === 0) return 0;
  microsecond = <i64>(value * unchecked(MICROSECONDS[digits]));
  return p;
}

/** What `readZone` has read. */
let zoneSeconds: i64 = 0;

function readZone(start: usize): usize {
  const first: u32 = load<u8>(start);
  zoneSeconds = 0;
  if (first === LETTER_Z) return start + 1;
  if (first !== PLUS && first !== MINUS) return 0;
  const hours = twoDigits(start + 1);
  if (hours > 15) return 0;
  let p = start + 3;
  let minutes: u32 = 0;
  if (load<u8>(p) === COLON) {
    minutes = twoDigits(p + 1);
    if (minutes > 59) return 0;
    p += 3;
  }
  const size = <i64>(hours * 3600 + minutes * 60);
  zoneSeconds = first === MINUS ? -size : size;
  return p;
}

/** The value of two digits; `NOT_DIGITS` when they are none. */
function twoDigits(p: usize): u32 {
  const marked = (<u32>load<u16>(p)) ^ TWO_DIGITS;
  if (((marked | (marked + TWO_OVERFLOW)) & TWO_ZEROS) !== 0) return NOT_DIGITS;
  return (marked & 15) * 10 + (marked >> 8);
}
