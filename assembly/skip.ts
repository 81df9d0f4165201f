/**
 * Passes over records without looking at what they hold: how many end, how many lines, and in which state the pass is
 * behind them. The states are those of `src/csv/boundary-finder.ts`, which is what this must agree with; sixteen bytes
 * at a time are looked through for quotes and line ends, the only bytes that change a state.
 */
import * as at from "./layout";

const LF: u32 = 0x0a;
const CR: u32 = 0x0d;
const BLOCK: usize = 16;

const RECORD_START: i32 = 0;
const FIELD_START: i32 = 1;
const UNQUOTED: i32 = 2;
const QUOTED: i32 = 3;
const AFTER_QUOTE: i32 = 4;
const BROKEN: i32 = 6;

/** A place that no byte has. */
const NOWHERE: usize = 0;

/** Passes over the first `length` bytes of the input, at least one. A quote is escaped by doubling it. */
export function skip(length: i32, state: i32, isAfterCr: i32, delimiter: u32, quote: u32): void {
  const quotes = i8x16.splat(<i8>quote);
  const lineFeeds = i8x16.splat(<i8>LF);
  const returns = i8x16.splat(<i8>CR);
  const end = at.INPUT + <usize>length;
  let isQuoted = state === QUOTED;
  let isBroken = state === BROKEN;
  let endsBehindQuote = false;
  /** Where the record starts of which nothing was seen yet, and where a quote would open a field. */
  let start = state === RECORD_START ? at.INPUT : NOWHERE;
  let opening = state === RECORD_START || state === FIELD_START ? at.INPUT : NOWHERE;
  /** Where a LF would belong to the CR before it. */
  let behindCr = isAfterCr !== 0 ? at.INPUT : NOWHERE;
  /** The second quote of two. */
  let doubled: usize = NOWHERE;
  let lastStart: usize = NOWHERE;
  let records: i32 = 0;
  let lines: i32 = 0;
  if (state === AFTER_QUOTE) {
    const first: u32 = load<u8>(at.INPUT);
    isQuoted = first === quote;
    if (isQuoted) doubled = at.INPUT;
    else isBroken = first !== delimiter && first !== LF && first !== CR;
  }
  for (let block = at.INPUT; block < end; block += BLOCK) {
    const bytes = v128.load(block);
    let stops = v128.bitmask<u8>(
      v128.or(
        v128.eq<u8>(bytes, quotes),
        v128.or(v128.eq<u8>(bytes, lineFeeds), v128.eq<u8>(bytes, returns)),
      ),
    );
    if (block + BLOCK > end) stops &= (1 << (<i32>(end - block))) - 1;
    while (stops !== 0) {
      const p = block + <usize>ctz<i32>(stops);
      stops &= stops - 1;
      const byte: u32 = load<u8>(p);
      if (byte === quote) {
        if (p === doubled || isBroken) continue;
        if (!isQuoted) {
          isQuoted = p === opening || (p > at.INPUT && load<u8>(p - 1) === delimiter);
          continue;
        }
        if (p + 1 === end) {
          endsBehindQuote = true;
          continue;
        }
        const next: u32 = load<u8>(p + 1);
        if (next === quote) {
          doubled = p + 1;
          continue;
        }
        isQuoted = false;
        isBroken = next !== delimiter && next !== LF && next !== CR;
        start = NOWHERE;
        opening = NOWHERE;
        continue;
      }
      const isSecondHalf = byte === LF && p === behindCr;
      if (!isSecondHalf) lines++;
      if (byte === CR) behindCr = p + 1;
      if (isQuoted) continue;
      if (!isSecondHalf && p !== start) records++;
      isBroken = false;
      start = p + 1;
      opening = p + 1;
      lastStart = p + 1;
    }
  }
  const last: u32 = load<u8>(end - 1);
  let newState = UNQUOTED;
  if (endsBehindQuote) newState = AFTER_QUOTE;
  else if (isQuoted) newState = QUOTED;
  else if (isBroken) newState = BROKEN;
  else if (start === end) newState = RECORD_START;
  else if (last === delimiter) newState = FIELD_START;
  setResult(at.SKIP_STATE, newState);
  setResult(at.SKIP_RECORDS, records);
  setResult(at.SKIP_LINES, lines);
  setResult(at.SKIP_LAST_START, lastStart === NOWHERE ? -1 : <i32>(lastStart - at.INPUT));
}

function setResult(index: i32, value: i32): void {
  store<i32>(at.PARAMETERS + ((<usize>index) << 2), value);
}
