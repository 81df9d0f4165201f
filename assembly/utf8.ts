/** Whether the span is UTF-8, exactly as PostgreSQL takes it: no overlong forms, no surrogates, nothing above U+10FFFF. */
export function isUtf8(start: usize, end: usize): bool {
  let p = start;
  while (p < end) {
    if (p + 16 <= end && v128.bitmask<u8>(v128.load(p)) === 0) {
      p += 16;
      continue;
    }
    const lead: u32 = load<u8>(p);
    if (lead < 0x80) {
      p++;
      continue;
    }
    const second: u32 = load<u8>(p + 1);
    if (lead < 0xe0) {
      if (lead < 0xc2 || p + 2 > end || (second & 0xc0) !== 0x80) return false;
      p += 2;
      continue;
    }
    const third: u32 = load<u8>(p + 2);
    if ((second & 0xc0) !== 0x80 || (third & 0xc0) !== 0x80) return false;
    if (lead < 0xf0) {
      if (p + 3 > end) return false;
      if (lead === 0xe0 && second < 0xa0) return false; // overlong
      if (lead === 0xed && second > 0x9f) return false; // a surrogate
      p += 3;
      continue;
    }
    const fourth: u32 = load<u8>(p + 3);
    if (lead > 0xf4 || p + 4 > end || (fourth & 0xc0) !== 0x80) return false;
    if (lead === 0xf0 && second < 0x90) return false; // overlong
    if (lead === 0xf4 && second > 0x8f) return false; // past U+10FFFF
    p += 4;
  }
  return true;
}
