/** Bytes that are written once, read, and written over: one buffer for the life of a reader. */
import { grownBytes } from "./bytes.ts";

const INITIAL_BYTES = 64 * 1024;

/** A buffer that grows. The writer reserves room once, then writes to `bytes` and moves `length` itself. */
export class OutputBuffer {
  #bytes: Uint8Array;
  /** How much is written. Setting it back takes what follows away. */
  length = 0;

  /** `initialBytes`: what is not written takes no room of the machine, and a buffer that is large enough is never copied. */
  constructor(initialBytes = INITIAL_BYTES) {
    this.#bytes = new Uint8Array(initialBytes);
  }

  /** The bytes, of which the first `length` are written. Another array after `reserve`. */
  get bytes(): Uint8Array {
    return this.#bytes;
  }

  /** What is written, as a view that the next write changes. */
  get written(): Uint8Array {
    return this.#bytes.subarray(0, this.length);
  }

  /** Makes room for `extra` more bytes behind `length`. */
  reserve(extra: number): void {
    const needed = this.length + extra;
    if (needed > this.#bytes.length) this.#bytes = grownBytes(this.#bytes, needed);
  }
}
