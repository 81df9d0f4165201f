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

let delimiter: u32 = 0;
let quote: u32 = 0;
let end: usize = 0;
let isQuoted: bool = false;
let isBroken: bool = false;
let endsBehindQuote: bool = false;
/** Where the record starts of which nothing was seen yet, and where a quote would open a field. */
let start: usize = NOWHERE;
let opening: usize = NOWHERE;
/** Where a LF would belong to the CR before it. */
let behindCr: usize = NOWHERE;
/** The second quote of two. */
let doubled: usize = NOWHERE;
let lastStart: usize = NOWHERE;
let records: i32 = 0;
let lines: i32 = 0;

/** Passes over the first `length` bytes of the input, at least one. A quote is escaped by doubling it. */
export function skip(
  length: i32,
  state: i32,
  isAfterCr: i32,
  delimiterByte: u32,
  quoteByte: u32,
): void {
  delimiter = delimiterByte;
  quote = quoteByte;
  end = at.INPUT + <usize>length;
  begin(state, isAfterCr);
  const quotes = i8x16.splat(<i8>quote);
  const lineFeeds = i8x16.splat(<i8>LF);
  const returns = i8x16.splat(<i8>CR);
  for (let block = at.INPUT; block < end; block += BLOCK) {
    const bytes = v128.load(block);
    let stops = v128.bitmask<u8>(
      v128.or(
        v128.eq<u8>(bytes, quotes),
        v128.or(v128.eq<u8>(bytes, lineFeeds), v128.eq<u8>(bytes, returns)),
      ),
    );
    const left = <i32>(end - block);
    if (left < <i32>BLOCK) stops &= (1 << left) - 1;
    while (stops !== 0) {
      const p = block + <usize>ctz<i32>(stops);
      stops &= stops - 1;
      const byte: u32 = load<u8>(p);
      if (byte === quote) passQuote(p);
      else passLineEnd(p, byte);
    }
  }
  setResult(at.SKIP_STATE, stateBehind());
  setResult(at.SKIP_RECORDS, records);
  setResult(at.SKIP_LINES, lines);
  setResult(at.SKIP_LAST_START, lastStart === NOWHERE ? -1 : <i32>(lastStart - at.INPUT));
}

function begin(state: i32, isAfterCr: i32): void {
  isQuoted = state === QUOTED;
  isBroken = state === BROKEN;
  endsBehindQuote = false;
  start = state === RECORD_START ? at.INPUT : NOWHERE;
  opening = state === RECORD_START || state === FIELD_START ? at.INPUT : NOWHERE;
  behindCr = isAfterCr !== 0 ? at.INPUT : NOWHERE;
  doubled = NOWHERE;
  lastStart = NOWHERE;
  records = 0;
  lines = 0;
  if (state !== AFTER_QUOTE) return;
  const first: u32 = load<u8>(at.INPUT);
  isQuoted = first === quote;
  if (isQuoted) doubled = at.INPUT;
  else isBroken = isText(first);
}

/** Whether the byte may not follow a closing quote. */
function isText(byte: u32): bool {
  return byte !== delimiter && byte !== LF && byte !== CR;
}

function passQuote(p: usize): void {
  if (p === doubled || isBroken) return;
  if (!isQuoted) {
    isQuoted = p === opening || (p > at.INPUT && load<u8>(p - 1) === delimiter);
    return;
  }
  if (p + 1 === end) {
    endsBehindQuote = true;
    return;
  }
  const next: u32 = load<u8>(p + 1);
  if (next === quote) {
    doubled = p + 1;
    return;
  }
  isQuoted = false;
  isBroken = isText(next);
  start = NOWHERE;
  opening = NOWHERE;
}

function passLineEnd(p: usize, byte: u32): void {
  const isSecondHalf = byte === LF && p === behindCr;
  if (!isSecondHalf) lines++;
  if (byte === CR) behindCr = p + 1;
  if (isQuoted) return;
  if (!isSecondHalf && p !== start) records++;
  isBroken = false;
  start = p + 1;
  opening = p + 1;
  lastStart = p + 1;
}

function stateBehind(): i32 {
  if (endsBehindQuote) return AFTER_QUOTE;
  if (isQuoted) return QUOTED;
  if (isBroken) return BROKEN;
  if (start === end) return RECORD_START;
  return load<u8>(end - 1) === delimiter ? FIELD_START : UNQUOTED;
}

function setResult(index: i32, value: i32): void {
  store<i32>(at.PARAMETERS + ((<usize>index) << 2), value);
}
