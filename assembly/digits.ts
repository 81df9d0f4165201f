/** Runs of decimal digits, eight at a time and without a branch for each: how long they are is hard to foretell. */

/** Eight digits zero: with these taken away by exclusive or, digits are their values. */
const ZEROS: u64 = 0x3030_3030_3030_3030;
/** What lifts a value above nine to a byte's highest bit. */
const TO_TOP: u64 = 0x7676_7676_7676_7676;
const TOPS: u64 = 0x8080_8080_8080_8080;
const PAIRS: u64 = 0x00ff_00ff_00ff_00ff;
const QUADS: u64 = 0x0000_ffff_0000_ffff;
const BLOCK: usize = 8;

/** Powers of ten. */
// prettier-ignore
export const TENS: StaticArray<u64> = [
  1, 10, 100, 1000, 10000, 100000, 1000000, 10000000, 100000000, 1000000000, 10000000000, 100000000000, 1000000000000,
  10000000000000, 100000000000000, 1000000000000000, 10000000000000000, 100000000000000000, 1000000000000000000,
  10000000000000000000,
];
/** Numbers of so many digits are numbers of 64 bits. */
export const MAX_DIGITS: usize = 19;

/** What `readDigits` has read; of no use when there were more than `MAX_DIGITS`. */
export let digits: u64 = 0;

/** Reads the digits from `start` on, which may be none, and returns where they end. */
export function readDigits(start: usize): usize {
  let count = readBlock(start);
  let p = start + count;
  let value = block;
  while (count === BLOCK) {
    count = readBlock(p);
    p += count;
    value = value * unchecked(TENS[<i32>count]) + block;
  }
  digits = value;
  return p;
}

/** The number that `readBlock` has read. */
export let block: u64 = 0;

/** Reads up to eight digits and returns how many there are. */
export function readBlock(p: usize): usize {
  const marked = load<u64>(p) ^ ZEROS;
  // Carries go to bytes behind the first that is no digit, and only that one counts.
  const others = ((marked + TO_TOP) | marked) & TOPS;
  const bits = ctz<u64>(others) & ~7;
  // A shift by 64 is none.
  block = select<u64>(eightDigits(marked << (64 - bits)), 0, bits !== 0);
  return <usize>(bits >> 3);
}

/** The number of eight digits, the first one in the lowest byte. */
function eightDigits(marked: u64): u64 {
  const pairs = ((marked * 10 + (marked >> 8)) & PAIRS) * 0x0064_0001;
  return (((pairs >> 16) & QUADS) * 0x2710_0000_0001) >> 32;
}
