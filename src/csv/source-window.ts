/**
 * The stretch of a source that records are read from, in one piece, so that every record in it can be shown again.
 *
 * What is scanned is text in UTF-8. In files of UTF-8 that is the source itself; for others there is a window that
 * transcodes (`transcoded-window.ts`). Both say which byte of the source stands behind a byte of the text.
 */
import type { ByteSource } from "../core/ports.ts";
import { byteAt, withRoom } from "./bytes.ts";
import { TranscodedWindow } from "./transcoded-window.ts";
import type { Transcoder } from "./transcoder.ts";

/** How much is read at once, in bytes. */
export const READ_BYTES = 1024 * 1024;
/** A window that a large record has stretched is let go when a new one begins, if more than this was written. */
const KEPT_BYTES = 16 * READ_BYTES;

/** Where the bytes that are scanned come from. */
export interface TextOrigin {
  /** Offset in the source of what became the character that begins at `index` of the text. */
  offsetOf(index: number): number;
  /** The byte of the source there. */
  sourceByteAt(index: number): number;
}

/** A window that grows at its end. One call of `fill` at a time. */
export interface TextWindow extends TextOrigin {
  /** The text, of which the first `length` bytes are there. Another array after `fill`. */
  readonly bytes: Uint8Array;
  readonly length: number;
  /** Offset in the source of the first byte that was not read yet. */
  readonly endOffset: number;
  /** Index of the character that begins at `offset` of the source, or of the end of the text. It is in the window. */
  indexOf(offset: number): number;
  /** Begins anew, empty, at an offset of the source. */
  begin(firstByte: number): void;
  /** Begins anew at the character at `index` of `previous`, which may be this window itself. */
  continueFrom(previous: TextWindow, index: number): void;
  /**
   * Reads up to `wanted` more bytes of the source, fewer only at its end. Returns how many; 0 says that the source has
   * ended, and then all its text is there.
   */
  fill(source: ByteSource, wanted: number): Promise<number>;
}

/** An empty window; `transcoder` is null where the text is the source. */
export function makeWindow(transcoder: Transcoder | null): TextWindow {
  return transcoder === null
    ? new SourceWindow()
    : new TranscodedWindow(transcoder, new SourceWindow());
}

/**
 * The list itself, or an empty one where a long record has stretched it and little is needed now. `written` is how much
 * of it was: the rest takes no room of the machine, and a new list for each chunk would cost more than reading it.
 */
export function unstretched(bytes: Uint8Array, written: number, needed: number): Uint8Array {
  return written > KEPT_BYTES && needed < READ_BYTES ? new Uint8Array(0) : bytes;
}

/** The window of a source that is UTF-8. */
export class SourceWindow implements TextWindow {
  #bytes: Uint8Array = new Uint8Array(0);
  #length = 0;
  #firstByte = 0;

  get bytes(): Uint8Array {
    return this.#bytes;
  }

  get length(): number {
    return this.#length;
  }

  get endOffset(): number {
    return this.#firstByte + this.#length;
  }

  offsetOf(index: number): number {
    return this.#firstByte + index;
  }

  indexOf(offset: number): number {
    return offset - this.#firstByte;
  }

  sourceByteAt(index: number): number {
    return byteAt(this.#bytes, index);
  }

  begin(firstByte: number): void {
    this.#bytes = unstretched(this.#bytes, this.#length, 0);
    this.#firstByte = firstByte;
    this.#length = 0;
  }

  continueFrom(previous: TextWindow, index: number): void {
    const known = previous.bytes.subarray(index, previous.length);
    this.#firstByte = previous.offsetOf(index);
    this.#bytes = withRoom(unstretched(this.#bytes, this.#length, known.length), known.length);
    this.#length = known.length;
    this.#bytes.set(known);
  }

  async fill(source: ByteSource, wanted: number): Promise<number> {
    const goal = this.#length + wanted;
    this.#bytes = withRoom(this.#bytes, goal);
    const before = this.#length;
    while (this.#length < goal) {
      const count = await source.read(this.#bytes.subarray(this.#length, goal));
      if (count === 0) break;
      this.#length += count;
    }
    return this.#length - before;
  }
}
