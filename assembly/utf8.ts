const BLOCK: usize = 16;

/** Whether the span is UTF-8, exactly as PostgreSQL takes it: no overlong forms, no surrogates, nothing above U+10FFFF. */
export function isUtf8(start: usize, end: usize): bool {
  let p = start;
  while (p < end) {
    const highs = v128.bitmask<u8>(v128.load(p));
    if (highs === 0) {
      p += BLOCK;
      continue;
    }
    p += ctz<i32>(highs);
    if (p >= end) break;
    const length = characterBytes(p);
    p += length;
    if (length === 0 || p > end) return false;
  }
  return true;
}

/** How long the character at `p` is, which is none of ASCII; 0 when it is not UTF-8. */
function characterBytes(p: usize): usize {
  const lead: u32 = load<u8>(p);
  const second: u32 = load<u8>(p + 1);
  if ((second & 0xc0) !== 0x80) return 0;
  if (lead < 0xe0) return lead < 0xc2 ? 0 : 2;
  const third: u32 = load<u8>(p + 2);
  if ((third & 0xc0) !== 0x80) return 0;
  if (lead < 0xf0) {
    if (lead === 0xe0 && second < 0xa0) return 0; // overlong
    return lead === 0xed && second > 0x9f ? 0 : 3; // a surrogate
  }
  const fourth: u32 = load<u8>(p + 3);
  if (lead > 0xf4 || (fourth & 0xc0) !== 0x80) return 0;
  if (lead === 0xf0 && second < 0x90) return 0; // overlong
  return lead === 0xf4 && second > 0x8f ? 0 : 4; // past U+10FFFF
}
