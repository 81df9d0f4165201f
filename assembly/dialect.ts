/** What the caller has said of the file: it holds for all passes until it says something else. */

/** Neither is a letter, a digit or a character that numbers and times are written with. */
export let delimiter: u32 = 0x2c;
export let quote: u32 = 0x22;
/** Where the input ends in memory. */
export let inputEnd: usize = 0;

export function setDialect(delimiterByte: u32, quoteByte: u32): void {
  delimiter = delimiterByte;
  quote = quoteByte;
}

export function setInputEnd(end: usize): void {
  inputEnd = end;
}
