/**
 * Numbers: read from text at `p`, written in the binary format at `out`. Each returns where the text ended; 0 when it is
 * not plain, and then the caller of the pass reads the record in its own way.
 */
import {
  BLOCK,
  countDigits,
  floatOf,
  digitsBefore,
  digitsBehind,
  groupsOf,
  hasTwoPoints,
  integerOf,
  measure,
  measuredBytes,
  valuesAt,
} from "./block";
import { block, digits, MAX_DIGITS, readBlock, readDigits, TENS } from "./digits";
import { parseLong } from "./imports";

const PLUS: u32 = 0x2b;
const MINUS: u32 = 0x2d;
const DOT: u32 = 0x2e;
const LETTER_E: u32 = 0x65;

const INT2_MAX: u64 = 32_767;
const INT4_MAX: u64 = 2_147_483_647;
const INT8_MAX: u64 = 9_223_372_036_854_775_807;

export function writeInt2(p: usize, out: usize): usize {
  const end = readInteger(p, INT2_MAX);
  store<u16>(out, bswap<u16>(<u16>integer));
  return end;
}

export function writeInt4(p: usize, out: usize): usize {
  const end = readInteger(p, INT4_MAX);
  store<u32>(out, bswap<u32>(<u32>integer));
  return end;
}

export function writeInt8(p: usize, out: usize): usize {
  const end = readInteger(p, INT8_MAX);
  store<u64>(out, bswap<u64>(integer));
  return end;
}

/** What `readInteger` has read. */
let integer: u64 = 0;

function readInteger(start: usize, max: u64): usize {
  const sign: u32 = load<u8>(start);
  const isNegative = sign === MINUS;
  const first = start + <usize>(isNegative || sign === PLUS);
  const values = valuesAt(first);
  const count = countDigits(values);
  if (count === BLOCK) return readLongInteger(first, max, isNegative);
  const size = integerOf(values, count);
  if (count === 0 || size > max + <u64>isNegative) return 0;
  integer = isNegative ? 0 - size : size;
  return first + <usize>count;
}

function readLongInteger(first: usize, max: u64, isNegative: bool): usize {
  const end = readDigits(first);
  if (end - first > MAX_DIGITS || digits > max + <u64>isNegative) return 0;
  integer = isNegative ? 0 - digits : digits;
  return end;
}

/** Up to this, and with powers of ten up to 22, one division or multiplication is exact. */
const EXACT_MAX: u64 = 1 << 53;
const EXACT_POWER: i32 = 22;
// prettier-ignore
const POWERS: StaticArray<f64> = [
  1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20,
  1e21, 1e22,
];

export function writeFloat8(p: usize, out: usize): usize {
  const end = readFloat(p);
  store<u64>(out, bswap<u64>(reinterpret<u64>(float)));
  return end;
}

/** Where a number of eight bytes lies between two of four. */
const LOST_BITS: u64 = 0x1fff_ffff;
const MIDDLE: u64 = 0x1000_0000;
/** Inside these no number of four bytes overflows or is subnormal. */
const FLOAT4_LOW: f64 = 1e-37;
const FLOAT4_HIGH: f64 = 1e38;

export function writeFloat4(p: usize, out: usize): usize {
  const end = readFloat(p);
  if (end === 0) return 0;
  const size = abs<f64>(float);
  if (size !== 0 && (size < FLOAT4_LOW || size > FLOAT4_HIGH)) return 0;
  // In the middle between two, the digits that were rounded away decide.
  if ((reinterpret<u64>(float) & LOST_BITS) === MIDDLE) return 0;
  store<u32>(out, bswap<u32>(reinterpret<u32>(<f32>float)));
  return end;
}

/** What `readFloat` has read. */
let float: f64 = 0;

function readFloat(start: usize): usize {
  const sign: u32 = load<u8>(start);
  const isNegative = sign === MINUS;
  const first = start + <usize>(isNegative || sign === PLUS);
  const values = valuesAt(first);
  measure(values);
  if (measuredBytes === BLOCK) return readLongFloat(start);
  if (digitsBefore + digitsBehind === 0 || hasTwoPoints) return 0;
  let p = first + <usize>measuredBytes;
  let power = -(<i32>digitsBehind);
  if (((<u32>load<u8>(p)) | 0x20) === LETTER_E) {
    p = readExponent(p + 1);
    if (p === 0) return 0;
    power += exponent;
  }
  if (power < -EXACT_POWER || power > EXACT_POWER) return readLongFloat(start);
  // At most fifteen digits.
  const significand = floatOf(values);
  const value =
    power <= 0 ? significand / unchecked(POWERS[-power]) : significand * unchecked(POWERS[power]);
  float = isNegative ? -value : value;
  return p;
}

/** The same for any length and power. */
function readLongFloat(start: usize): usize {
  const sign: u32 = load<u8>(start);
  const isNegative = sign === MINUS;
  const first = start + <usize>(isNegative || sign === PLUS);
  let p = readDigits(first);
  let count = p - first;
  let significand = digits;
  let power: i32 = 0;
  if (load<u8>(p) === DOT) {
    const fraction = p + 1;
    p = readDigits(fraction);
    const behind = p - fraction;
    count += behind;
    if (count <= MAX_DIGITS) significand = significand * unchecked(TENS[<i32>behind]) + digits;
    power = -(<i32>behind);
  }
  if (count === 0) return 0;
  if (((<u32>load<u8>(p)) | 0x20) === LETTER_E) {
    p = readExponent(p + 1);
    if (p === 0) return 0;
    power += exponent;
  }
  let value: f64;
  const isExact = count <= MAX_DIGITS && significand <= EXACT_MAX;
  if (isExact && power >= -EXACT_POWER && power <= EXACT_POWER) {
    value = <f64>significand;
    if (power < 0) value /= unchecked(POWERS[-power]);
    else value *= unchecked(POWERS[power]);
    if (isNegative) value = -value;
  } else if (isExact && significand === 0) {
    value = isNegative ? -0.0 : 0;
  } else {
    value = parseLong(start, p - start);
    // Too large, or so small that it would become zero; or zero with many digits.
    if (value === 0 || abs<f64>(value) === Infinity) return 0;
  }
  float = value;
  return p;
}

/** What `readExponent` has read. */
let exponent: i32 = 0;
const MAX_EXPONENT_DIGITS: usize = 5;

function readExponent(start: usize): usize {
  const sign: u32 = load<u8>(start);
  const first = start + <usize>(sign === MINUS || sign === PLUS);
  const count = readBlock(first);
  if (count === 0 || count > MAX_EXPONENT_DIGITS) return 0;
  exponent = sign === MINUS ? -(<i32>block) : <i32>block;
  return first + count;
}

const NUMERIC_NEGATIVE: u32 = 0x4000;
const GROUP: u64 = 10_000;
const GROUP_DIGITS: i32 = 4;
const HEAD_BYTES: usize = 8;
/** Numbers of two groups before the point and two behind it are written at once. */
const SHORT_DIGITS: i32 = 8;
/** Digits before and behind the point that are written here. */
const MAX_WHOLE_DIGITS: i32 = 18;
const MAX_FRACTION_DIGITS: i32 = 16;
/** How long the last `numeric` has become. */
export let numericBytes: usize = 0;

/** A `numeric` with up to `wholeLimit` digits before the point and `fractionLimit` behind it that are not zeros. */
export function writeNumeric(start: usize, out: usize, wholeLimit: i32, fractionLimit: i32): usize {
  const sign: u32 = load<u8>(start);
  const isNegative = sign === MINUS;
  const first = start + <usize>(isNegative || sign === PLUS);
  const values = valuesAt(first);
  measure(values);
  const isShort =
    <i32>digitsBefore <= min<i32>(SHORT_DIGITS, wholeLimit) &&
    <i32>digitsBehind <= min<i32>(SHORT_DIGITS, fractionLimit) &&
    measuredBytes !== BLOCK;
  if (!isShort) return writeLongNumeric(start, out, wholeLimit, fractionLimit);
  if (digitsBefore + digitsBehind === 0 || hasTwoPoints) return 0;
  const groups = groupsOf(values);
  const isZero = groups === 0;
  // A group that is zero is zero in either order of its bytes.
  const zerosBefore = <i32>(ctz<u64>(groups) >> 4);
  const count = isZero ? 0 : 4 - zerosBefore - <i32>(clz<u64>(groups) >> 4);
  writeHead(out, count, isZero ? 0 : 1 - zerosBefore, isNegative && !isZero, digitsBehind);
  store<u64>(out + HEAD_BYTES, groups >> ((<u64>zerosBefore) << 4));
  numericBytes = HEAD_BYTES + 2 * <usize>count;
  return first + <usize>measuredBytes;
}

function writeHead(out: usize, groups: i32, weight: i32, isNegative: bool, scale: u32): void {
  const sign = isNegative ? NUMERIC_NEGATIVE : 0;
  const words = (groups << 16) | (weight & 0xffff);
  store<u64>(out, bswap<u64>(((<u64>words) << 32) | (<u64>((sign << 16) | scale))));
}

/** The same for any length. */
function writeLongNumeric(start: usize, out: usize, wholeLimit: i32, fractionLimit: i32): usize {
  const sign: u32 = load<u8>(start);
  const isNegative = sign === MINUS;
  const first = start + <usize>(isNegative || sign === PLUS);
  let p = readDigits(first);
  const wholeDigits = <i32>(p - first);
  const whole = digits;
  let fraction: u64 = 0;
  let fractionDigits: i32 = 0;
  if (load<u8>(p) === DOT) {
    const behind = p + 1;
    p = readDigits(behind);
    fraction = digits;
    fractionDigits = <i32>(p - behind);
  }
  if (wholeDigits + fractionDigits === 0 || wholeDigits > MAX_WHOLE_DIGITS) return 0;
  if (fractionDigits > MAX_FRACTION_DIGITS) return 0;
  // Zeros in front of the number and behind it do not count.
  if (wholeDigits > wholeLimit && whole >= unchecked(TENS[wholeLimit])) return 0;
  if (fractionDigits > fractionLimit)
    if (fraction % unchecked(TENS[fractionDigits - fractionLimit]) !== 0) return 0;
  const groups = writeGroups(out + HEAD_BYTES, whole, fraction, fractionDigits);
  const isZero = groups === 0;
  writeHead(out, groups, isZero ? 0 : weight, isNegative && !isZero, fractionDigits);
  numericBytes = HEAD_BYTES + 2 * <usize>groups;
  return p;
}

/** The power of 10,000 of the first group that was written. */
let weight: i32 = 0;

/** Writes the groups of four digits without zeros at either end, and returns how many there are. */
function writeGroups(out: usize, whole: u64, fraction: u64, fractionDigits: i32): i32 {
  let wholeGroups: i32 = 0;
  for (let rest = whole; rest !== 0; rest /= GROUP) wholeGroups++;
  let at = out + 2 * <usize>wholeGroups;
  let rest = whole;
  for (let group = wholeGroups; group > 0; group--) {
    at -= 2;
    const next = rest / GROUP;
    store<u16>(at, bswap<u16>(<u16>(rest - next * GROUP)));
    rest = next;
  }
  weight = wholeGroups - 1;
  let end = out + 2 * <usize>wholeGroups;
  if (fraction !== 0) {
    const fractionGroups = (fractionDigits + GROUP_DIGITS - 1) / GROUP_DIGITS;
    let behind = fraction * unchecked(TENS[fractionGroups * GROUP_DIGITS - fractionDigits]);
    /** Zeros between the point and the first group that counts stand in the weight where nothing is before it. */
    let first: i32 = 0;
    if (wholeGroups === 0)
      while (behind < unchecked(TENS[(fractionGroups - first - 1) * GROUP_DIGITS])) first++;
    weight -= first;
    const count = fractionGroups - first;
    at = end + 2 * <usize>count;
    end = at;
    for (let group = count; group > 0; group--) {
      at -= 2;
      const next = behind / GROUP;
      store<u16>(at, bswap<u16>(<u16>(behind - next * GROUP)));
      behind = next;
    }
  }
  while (end > out && load<u16>(end - 2) === 0) end -= 2;
  return <i32>((end - out) >> 1);
}
