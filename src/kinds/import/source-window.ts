/** The stretch of a source that a chunk is read from, in one piece, so that every record in it can be shown again. */
import type { ByteSource } from "../../core/ports.ts";
import { grownBytes } from "../../csv/bytes.ts";

/** How much is read at once, in bytes. */
export const READ_BYTES = 1024 * 1024;

/** A window that grows at its end. One call of `fill` at a time. */
export class SourceWindow {
  #bytes: Uint8Array = new Uint8Array(0);
  #length = 0;
  #firstByte = 0;

  /** The bytes, of which the first `length` are read. Another array after `fill`. */
  get bytes(): Uint8Array {
    return this.#bytes;
  }

  get length(): number {
    return this.#length;
  }

  /** Offset in the source of the window's first byte. */
  get firstByte(): number {
    return this.#firstByte;
  }

  /** Begins anew at an offset of the source, with bytes that were already read from there. */
  begin(firstByte: number, known: Uint8Array): void {
    this.#firstByte = firstByte;
    this.#length = known.length;
    if (known.length > this.#bytes.length) this.#bytes = grownBytes(this.#bytes, known.length);
    this.#bytes.set(known);
  }

  /** Reads up to `wanted` more bytes, fewer only at the end of the source. Returns how many. */
  async fill(source: ByteSource, wanted: number): Promise<number> {
    const goal = this.#length + wanted;
    if (goal > this.#bytes.length) this.#bytes = grownBytes(this.#bytes, goal);
    const before = this.#length;
    while (this.#length < goal) {
      const count = await source.read(this.#bytes.subarray(this.#length, goal));
      if (count === 0) break;
      this.#length += count;
    }
    return this.#length - before;
  }
}
