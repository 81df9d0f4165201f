/**
 * Turns text of other encodings into UTF-8.
 *
 * A byte that is not of the encoding becomes `INVALID`, which UTF-8 never has: the check of UTF-8 that every record
 * passes anyway finds it, and U+FFFD stays what it is in files that hold it. Which byte of the source stands behind a
 * byte of the text is found by decoding again, from a place that is known; so nothing is kept for each character.
 */
/** The byte of the text that stands for a byte of the source that is not of its encoding. */
export const INVALID = 0xff;

/** A stretch of bytes: to read from, or to write to. */
export interface ByteSpan {
  readonly bytes: Uint8Array;
  readonly start: number;
  readonly end: number;
}

/** How far a call came. */
export interface Transcoded {
  /** Bytes of the source that were used. */
  readonly read: number;
  /** Bytes of the text that they became. */
  readonly written: number;
}

/** A transcoder has no state: what a character becomes depends on its bytes alone. */
export interface Transcoder {
  /** The most bytes of text that one byte of the source becomes. */
  readonly growth: number;
  /**
   * Turns characters of `from` into text in `into` until one of them is used up. When `into.bytes` is empty, the text
   * is counted and not written. A character that `from` cuts is left, or with `isFinal` is
   * invalid.
   */
  transcode(from: ByteSpan, into: ByteSpan, isFinal: boolean): Transcoded;
}
