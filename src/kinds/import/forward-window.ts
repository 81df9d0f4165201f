/** A window that moves forward over a source, and opens it anew where that is cheaper than reading on. */
import { SluiceError } from "../../core/errors.ts";
import type { ByteSource } from "../../core/ports.ts";
import { skip } from "../../csv/packed-source.ts";
import { makeWindow, type TextOrigin, type TextWindow } from "../../csv/source-window.ts";
import type { Transcoder } from "../../csv/transcoder.ts";
import type { SourceOpening } from "./source-opening.ts";

/** How a window reads. */
export interface ForwardWindowOptions {
  /** How much is read at once, at least 1. */
  readonly readBytes: number;
  /** Makes text of the source; null for its very bytes. */
  readonly transcoder: Transcoder | null;
}

/** A place in a source with the text behind it, as far as it was read. Offsets are those of the source. One call at a time. */
export class ForwardWindow {
  readonly #opening: SourceOpening;
  readonly #readBytes: number;
  readonly #window: TextWindow;
  #source: ByteSource | null = null;
  #used = 0;
  #byte = 0;
  #isFinal = false;

  constructor(opening: SourceOpening, { readBytes, transcoder }: ForwardWindowOptions) {
    this.#opening = opening;
    this.#readBytes = readBytes;
    this.#window = makeWindow(transcoder);
  }

  /** The text that holds the place at index `used` and ends before `length`. Another array after `seek` and `fill`. */
  get bytes(): Uint8Array {
    return this.#window.bytes;
  }

  get used(): number {
    return this.#used;
  }

  get length(): number {
    return this.#window.length;
  }

  /** Offset of the place in the source. */
  get byte(): number {
    return this.#byte;
  }

  /** Whether the source ends where the window does. Only `fill` finds that out. */
  get isFinal(): boolean {
    return this.#isFinal;
  }

  /** Which byte of the source stands behind an index of the text. Cheapest for indexes in order. */
  get origin(): TextOrigin {
    return this.#window;
  }

  /** Moves over text of the window. */
  advance(count: number): void {
    this.#used += count;
    this.#byte = this.#window.offsetOf(this.#used);
  }

  /** Goes to an offset where a character begins. Errors: `source_changed`. */
  async seek(byte: number): Promise<void> {
    const gap = byte - this.#window.endOffset;
    const isNear = byte >= this.#byte && gap <= this.#opening.readOverBytes;
    if (this.#source === null || !isNear) return this.#openAt(byte);
    if (gap > 0) {
      const skipped = await skip(this.#source, gap);
      if (skipped < gap) throw this.#changed(byte - gap + skipped);
      this.#begin(byte);
    }
    this.#used = this.#window.indexOf(byte);
    this.#byte = byte;
  }

  /**
   * Reads on, and more the more there is already; or finds that this is the end. Errors: `source_changed` when that
   * was known, or the source should be longer.
   */
  async fill(): Promise<void> {
    const source = this.#source;
    if (source === null) throw new RangeError("seek goes before fill");
    const window = this.#window;
    window.continueFrom(window, this.#used);
    this.#used = 0;
    if ((await window.fill(source, Math.max(this.#readBytes, window.length))) > 0) return;
    if (this.#isFinal || window.endOffset !== this.#opening.endByte)
      throw this.#changed(window.endOffset);
    this.#isFinal = true;
  }

  /** Frees the handle. May be called twice. */
  async close(): Promise<void> {
    await this.#source?.close();
    this.#source = null;
  }

  async #openAt(byte: number): Promise<void> {
    await this.close();
    this.#source = await this.#opening.openAt(byte);
    this.#begin(byte);
  }

  #begin(byte: number): void {
    this.#window.begin(byte);
    this.#used = 0;
    this.#byte = byte;
    this.#isFinal = false;
  }

  #changed(endByte: number): SluiceError {
    return new SluiceError(
      "source_changed",
      `Expected ${this.#opening.endByte} bytes in the file, but it ends at byte ${endByte}.`,
    );
  }
}
