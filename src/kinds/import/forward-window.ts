/** A window that moves forward over a source, and opens it anew where that is cheaper than reading on. */
import { SluiceError } from "../../core/errors.ts";
import type { ByteSource } from "../../core/ports.ts";
import type { SourceOpening } from "./source-opening.ts";
import { SourceWindow } from "./source-window.ts";

const NOTHING = new Uint8Array(0);

/** A place in a source with the bytes behind it, as far as they were read. One call at a time. */
export class ForwardWindow {
  readonly #opening: SourceOpening;
  readonly #readBytes: number;
  readonly #window = new SourceWindow();
  #source: ByteSource | null = null;
  #used = 0;

  /** `readBytes` is how much is read at once, at least 1. */
  constructor(opening: SourceOpening, readBytes: number) {
    this.#opening = opening;
    this.#readBytes = readBytes;
  }

  /** The bytes that hold the place at index `used` and end before `length`. Another array after `seek` and `fill`. */
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
    return this.#window.firstByte + this.#used;
  }

  /** Whether the source ends where the window does. */
  get isFinal(): boolean {
    return this.#window.firstByte + this.#window.length === this.#opening.endByte;
  }

  /** Moves over bytes of the window. */
  advance(count: number): void {
    this.#used += count;
  }

  /** Goes to an offset. Errors: `source_changed`. */
  async seek(byte: number): Promise<void> {
    const held = this.length - this.#used;
    const ahead = byte - this.byte;
    const isNear = ahead >= 0 && ahead - held <= this.#opening.readOverBytes;
    if (this.#source === null || !isNear) return this.#openAt(byte);
    while (byte > this.byte + (this.length - this.#used)) {
      this.#used = this.length;
      await this.fill();
    }
    this.#used += byte - this.byte;
  }

  /** Reads on, at least a byte, and more the more there is already. Errors: `source_changed` at the end. */
  async fill(): Promise<void> {
    const source = this.#source;
    if (source === null) throw new RangeError("seek goes before fill");
    const known = this.#window.bytes.subarray(this.#used, this.length);
    this.#window.begin(this.byte, known);
    this.#used = 0;
    const count = await this.#window.fill(source, Math.max(this.#readBytes, known.length));
    if (count > 0) return;
    throw new SluiceError(
      "source_changed",
      `Expected ${this.#opening.endByte} bytes in the file, but it ends at byte ${this.byte + this.length}.`,
    );
  }

  /** Frees the handle. May be called twice. */
  async close(): Promise<void> {
    await this.#source?.close();
    this.#source = null;
  }

  async #openAt(byte: number): Promise<void> {
    await this.close();
    this.#source = await this.#opening.openAt(byte);
    this.#window.begin(byte, NOTHING);
    this.#used = 0;
  }
}
