/**
 * The window of a source that is not UTF-8: keeps the source beside its text.
 *
 * Offsets of records are offsets of the source, but records are found in the text. Which byte of the source a place of
 * the text comes from is counted by decoding again from the last place that was asked for: questions come in order, so
 * each byte is decoded at most twice, and nothing is kept for each character.
 */
import type { ByteSource } from "../core/ports.ts";
import { byteAt, withRoom } from "./bytes.ts";
import { unstretched, type SourceWindow, type TextWindow } from "./source-window.ts";
import type { Transcoder } from "./transcoder.ts";

/** Room for one more character, of any length. */
const SPARE_BYTES = 16;
const NOWHERE = new Uint8Array(0);

/** See `TextWindow`. Continues only from windows of its own kind. */
export class TranscodedWindow implements TextWindow {
  readonly #transcoder: Transcoder;
  readonly #source: SourceWindow;
  #text: Uint8Array = new Uint8Array(0);
  #length = 0;
  /** How much of the source window has become text. */
  #transcoded = 0;
  /** A place that is known in both: an index of the text, and of the source window. */
  #knownText = 0;
  #knownSource = 0;
  #hasEnded = false;

  constructor(transcoder: Transcoder, source: SourceWindow) {
    this.#transcoder = transcoder;
    this.#source = source;
  }

  get bytes(): Uint8Array {
    return this.#text;
  }

  get length(): number {
    return this.#length;
  }

  get endOffset(): number {
    return this.#source.endOffset;
  }

  offsetOf(index: number): number {
    return this.#source.offsetOf(this.#sourceIndex(index));
  }

  indexOf(offset: number): number {
    const sourceIndex = this.#source.indexOf(offset);
    if (sourceIndex < this.#knownSource) this.#forgetKnown();
    const { written } = this.#transcoder.transcode(
      { bytes: this.#source.bytes, start: this.#knownSource, end: sourceIndex },
      { bytes: NOWHERE, start: 0, end: Infinity },
      true, // a character begins at the offset, so none is cut there
    );
    this.#knownText += written;
    this.#knownSource = sourceIndex;
    return this.#knownText;
  }

  sourceByteAt(index: number): number {
    return byteAt(this.#source.bytes, this.#sourceIndex(index));
  }

  begin(firstByte: number): void {
    this.#source.begin(firstByte);
    this.#reset(NOWHERE, 0);
  }

  continueFrom(previous: TextWindow, index: number): void {
    if (!(previous instanceof TranscodedWindow)) throw new TypeError("windows of one source only");
    const sourceIndex = previous.#sourceIndex(index);
    const transcoded = previous.#transcoded - sourceIndex;
    const hasEnded = previous.#hasEnded;
    this.#source.continueFrom(previous.#source, sourceIndex);
    this.#reset(previous.#text.subarray(index, previous.#length), transcoded);
    this.#hasEnded = hasEnded;
  }

  async fill(source: ByteSource, wanted: number): Promise<number> {
    const count = await this.#source.fill(source, wanted);
    this.#hasEnded = count === 0;
    this.#transcode();
    return count;
  }

  #reset(text: Uint8Array, transcoded: number): void {
    this.#text = withRoom(unstretched(this.#text, this.#length, text.length), text.length);
    this.#text.set(text);
    this.#length = text.length;
    this.#transcoded = transcoded;
    this.#forgetKnown();
    this.#hasEnded = false;
  }

  #forgetKnown(): void {
    this.#knownText = 0;
    this.#knownSource = 0;
  }

  #transcode(): void {
    const { bytes, length } = this.#source;
    // Room for text that grows is made as it is needed: most does not.
    for (let read = -1; read !== 0 && this.#transcoded < length;) {
      this.#text = withRoom(this.#text, this.#length + (length - this.#transcoded) + SPARE_BYTES);
      const done = this.#transcoder.transcode(
        { bytes, start: this.#transcoded, end: length },
        { bytes: this.#text, start: this.#length, end: this.#text.length },
        this.#hasEnded,
      );
      read = done.read;
      this.#transcoded += read;
      this.#length += done.written;
    }
  }

  #sourceIndex(index: number): number {
    if (index < this.#knownText) this.#forgetKnown();
    const { read, written } = this.#transcoder.transcode(
      { bytes: this.#source.bytes, start: this.#knownSource, end: this.#source.length },
      { bytes: NOWHERE, start: 0, end: index - this.#knownText },
      this.#hasEnded,
    );
    this.#knownText += written;
    this.#knownSource += read;
    return this.#knownSource;
  }
}
