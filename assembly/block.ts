/**
 * A number's text in one block of sixteen bytes: where it ends and where its point stands are found for all bytes at once,
 * and its digits are added up in pairs, then in fours. Nothing of it depends on how many digits there are, which is hard to
 * foretell and would cost more than the work itself.
 *
 * Vectors that never change are loaded: to make one takes three instructions.
 */

/** A number whose text is not shorter than a block is read in another way. */
export const BLOCK: u32 = 16;

// prettier-ignore
const ZEROS = memory.data<u8>([0x30, 0x30, 0x30, 0x30, 0x30, 0x30, 0x30, 0x30, 0x30, 0x30, 0x30, 0x30, 0x30, 0x30, 0x30, 0x30], 16);
const NINES = memory.data<u8>([9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9], 16);
/** What is left of a point when a zero is taken away. */
// prettier-ignore
const POINTS = memory.data<u8>([254, 254, 254, 254, 254, 254, 254, 254, 254, 254, 254, 254, 254, 254, 254, 254], 16);
const PLACES = memory.data<u8>([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15], 16);
// prettier-ignore
const AROUND_POINT = memory.data<u8>([248, 249, 250, 251, 252, 253, 254, 255, 1, 2, 3, 4, 5, 6, 7, 8], 16);
const LOW_BYTES = memory.data<u16>([255, 255, 255, 255, 255, 255, 255, 255], 16);
const TEN_TIMES = memory.data<u16>([10, 10, 10, 10, 10, 10, 10, 10], 16);
const HUNDREDS = memory.data<u16>([100, 1, 100, 1, 100, 1, 100, 1], 16);
const MYRIADS = memory.data<u16>([10000, 1, 10000, 1, 10000, 1, 10000, 1], 16);

/** The values of digits, and what is none for all other bytes. */
export function valuesAt(start: usize): v128 {
  return v128.sub<u8>(v128.load(start), v128.load(ZEROS));
}

/** How many digits there are from the start on, up to a block. */
export function countDigits(values: v128): u32 {
  // A mask has sixteen bits: those above them end the block.
  return ctz<u32>(~digitsOf(values));
}

function digitsOf(values: v128): u32 {
  return v128.bitmask<u8>(v128.le<u8>(values, v128.load(NINES)));
}

/** What `measure` has found: bytes of the number, up to a block, and its digits before the point and behind it. */
export let measuredBytes: u32 = 0;
export let digitsBefore: u32 = 0;
export let digitsBehind: u32 = 0;
/** Whether there is more than one point. */
export let hasTwoPoints: bool = false;

/** Finds where a number ends that may have a point, and where that stands. */
export function measure(values: v128): void {
  const marks = v128.bitmask<u8>(v128.eq<u8>(values, v128.load(POINTS)));
  const ends = ~(marks | digitsOf(values));
  const points = marks & (ends - 1);
  measuredBytes = ctz<u32>(ends);
  digitsBefore = ctz<u32>(ends | points);
  digitsBehind = measuredBytes - digitsBefore - <u32>(points !== 0);
  hasTwoPoints = (points & (points - 1)) !== 0;
}

/** The number that was measured, without its point: shorter than a block. */
export function floatOf(values: v128): f64 {
  const hasPoint = <u32>(digitsBefore !== measuredBytes);
  // Each digit goes as far to the right as it can; those before the point one further.
  const places = v128.add<u8>(
    v128.load(PLACES),
    i8x16.splat(<i8>(measuredBytes - hasPoint - BLOCK)),
  );
  const isBehind = v128.ge<i8>(places, i8x16.splat(<i8>digitsBefore));
  const eights = addEights(v128.swizzle(values, v128.sub<u8>(places, isBehind)));
  const halves = v128.convert_low<i32>(eights);
  return v128.extract_lane<f64>(halves, 0) * 1e8 + v128.extract_lane<f64>(halves, 1);
}

/** The number of `count` digits, fewer than a block. */
export function integerOf(values: v128, count: u32): u64 {
  const places = v128.add<u8>(v128.load(PLACES), i8x16.splat(<i8>(count - BLOCK)));
  const halves = v128.extract_lane<u64>(addEights(v128.swizzle(values, places)), 0);
  return (halves & 0xffff_ffff) * 100_000_000 + (halves >> 32);
}

/**
 * The groups of four digits around the point, two before it and two behind it, in numbers of two bytes with the high one
 * first. There are at most eight digits on each side, and with the point fewer bytes than a block.
 */
export function groupsOf(values: v128): u64 {
  const isInside = v128.lt<u8>(v128.load(PLACES), i8x16.splat(<i8>measuredBytes));
  const places = v128.add<u8>(v128.load(AROUND_POINT), i8x16.splat(<i8>digitsBefore));
  const fours = addFours(v128.swizzle(v128.and(values, isInside), places));
  // prettier-ignore
  const turned = v128.shuffle<u8>(fours, fours, 1, 0, 5, 4, 9, 8, 13, 12, 1, 0, 5, 4, 9, 8, 13, 12);
  return v128.extract_lane<u64>(turned, 0);
}

/** The numbers of eight digits each, in the two lower lanes. */
function addEights(digits: v128): v128 {
  const fours = addFours(digits);
  return v128.dot<i16>(v128.narrow<i32>(fours, fours), v128.load(MYRIADS));
}

/** The numbers of four digits each. */
function addFours(digits: v128): v128 {
  const tens = v128.mul<i16>(v128.and(digits, v128.load(LOW_BYTES)), v128.load(TEN_TIMES));
  return v128.dot<i16>(v128.add<i16>(tens, v128.shr<u16>(digits, 8)), v128.load(HUNDREDS));
}
