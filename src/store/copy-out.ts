/**
 * COPY TO STDOUT whose bytes go past the driver.
 *
 * The server sends one message a row. The driver would make an object of each; here the rows are cut out of what the
 * socket delivers and gathered in blocks, and every other message goes to the driver as it came. While the one who takes
 * the blocks has to wait, the socket is not read, so that the server waits too and memory does not grow.
 * Protocol: https://www.postgresql.org/docs/current/protocol-message-formats.html (CopyData, ReadyForQuery).
 */
import type { Socket } from "node:net";
import type pg from "pg";
import type { RowSink } from "../core/export-ports.ts";

const COPY_DATA = 0x64; // 'd'
const READY = 0x5a; // 'Z'
/** A message's type and length. */
const HEAD_BYTES = 5;
const BLOCK_BYTES = 256 * 1024;
const LINE_FEED = 0x0a;
const CARRIAGE_RETURN = 0x0d;

interface WireConnection {
  query(text: string): void;
  readonly stream: Socket;
}

type Listener = (data: Buffer) => void;

/** A query with one COPY TO STDOUT in it. Given to `client.query`; `done` settles when the server is ready again. */
export class CopyOut implements pg.Submittable {
  /** Rows that were copied. */
  readonly done: Promise<number>;
  readonly #text: string;
  readonly #sink: RowSink;
  readonly #isCrlf: boolean;
  #block = Buffer.allocUnsafe(BLOCK_BYTES);
  #held = 0;
  /** Bytes of a row that are still to come. */
  #rowLeft = 0;
  /** The beginning of a message that is not whole yet. */
  #rest: Buffer | null = null;
  #stream: Socket | null = null;
  #listeners: Listener[] = [];
  #waiting: Promise<void> | null = null;
  /** What is left to do when the last block is taken. */
  #onIdle: (() => void) | null = null;
  #rows = 0;
  #error: Error | null = null;
  #resolve: (rows: number) => void = () => undefined;
  #reject: (error: Error) => void = () => undefined;

  /** With `lineEnd` `crlf` each row's line feed becomes carriage return and line feed. */
  constructor(text: string, sink: RowSink, lineEnd: "lf" | "crlf" = "lf") {
    this.#text = text;
    this.#sink = sink;
    this.#isCrlf = lineEnd === "crlf";
    this.done = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
    // The caller may ask for `done` after the error arrived; it still gets it.
    this.done.catch(() => undefined);
  }

  submit(connection: pg.Connection): void {
    // pg's types do not list the socket of its own connection (pg 8, `lib/connection.js`).
    const { stream } = connection as unknown as WireConnection;
    this.#stream = stream;
    this.#listeners = stream.listeners("data") as Listener[]; // the driver's parser, which takes buffers
    stream.removeAllListeners("data");
    stream.on("data", this.#take);
    (connection as unknown as WireConnection).query(this.#text);
  }

  readonly #take = (data: Buffer): void => {
    let bytes = data;
    if (this.#rest !== null) {
      bytes = Buffer.concat([this.#rest, data]);
      this.#rest = null;
    }
    let at = 0;
    while (at < bytes.length) {
      if (this.#rowLeft > 0) {
        const length = Math.min(this.#rowLeft, bytes.length - at);
        this.#rowLeft -= length;
        this.#keep(bytes, at, length, this.#rowLeft === 0);
        at += length;
        continue;
      }
      if (bytes.length - at < HEAD_BYTES) break;
      const length = bytes.readUInt32BE(at + 1) + 1;
      if (bytes[at] === COPY_DATA) {
        this.#rowLeft = length - HEAD_BYTES;
        at += HEAD_BYTES;
        continue;
      }
      if (bytes.length - at < length) break;
      const isReady = bytes[at] === READY;
      // Ready is the last that the server says: what the driver reads next is its own.
      if (isReady) this.#detach();
      this.#pass(bytes.subarray(at, at + length));
      at += length;
      if (isReady && at < bytes.length) return this.#pass(bytes.subarray(at));
    }
    if (at < bytes.length) this.#rest = Buffer.from(bytes.subarray(at));
    if (this.#waiting !== null) this.#stream?.pause();
  };

  #pass(message: Buffer): void {
    for (const listener of this.#listeners) listener(message);
  }

  #keep(bytes: Buffer, start: number, length: number, isEnd: boolean): void {
    const isTurned = isEnd && this.#isCrlf && bytes[start + length - 1] === LINE_FEED;
    const needed = length + (isTurned ? 1 : 0);
    if (this.#held + needed > this.#block.length) this.#flush(Math.max(needed, BLOCK_BYTES));
    bytes.copy(this.#block, this.#held, start, start + length);
    this.#held += length;
    if (!isTurned) return;
    this.#block[this.#held - 1] = CARRIAGE_RETURN;
    this.#block[this.#held] = LINE_FEED;
    this.#held += 1;
  }

  #flush(nextBytes = BLOCK_BYTES): void {
    if (this.#held === 0) {
      if (this.#block.length < nextBytes) this.#block = Buffer.allocUnsafe(nextBytes);
      return;
    }
    const full = this.#block.subarray(0, this.#held);
    this.#block = Buffer.allocUnsafe(nextBytes);
    this.#held = 0;
    if (this.#error !== null) return;
    const busy = this.#sink(full);
    if (busy === undefined) return;
    const waiting: Promise<void> = busy.then(
      () => this.#goOn(waiting),
      (error: unknown) => {
        // The rest is read and dropped, so that the connection stays of use.
        this.#error = error instanceof Error ? error : new Error(String(error));
        this.#goOn(waiting);
      },
    );
    this.#waiting = waiting;
  }

  #goOn(waited: Promise<void>): void {
    if (this.#waiting !== waited) return;
    this.#waiting = null;
    this.#stream?.resume();
    this.#onIdle?.();
  }

  #detach(): void {
    if (this.#stream === null) return;
    this.#stream.removeListener("data", this.#take);
    for (const listener of this.#listeners) this.#stream.on("data", listener);
    this.#stream.resume();
    this.#stream = null;
  }

  handleCommandComplete(message: { readonly text: string }): void {
    const copied = /^COPY (\d+)$/.exec(message.text);
    if (copied !== null) this.#rows = Number(copied[1]);
  }

  /** Also called when the connection breaks, and then never ready again. */
  handleError(error: Error): void {
    this.#error ??= error;
    this.#reject(this.#error);
  }

  handleReadyForQuery(): void {
    this.#flush();
    const settle = (): void =>
      this.#error === null ? this.#resolve(this.#rows) : this.#reject(this.#error);
    if (this.#waiting === null) settle();
    else this.#onIdle = settle;
  }

  handleRowDescription(): void {
    /* `set local` describes nothing */
  }

  handleDataRow(): void {
    /* nothing to read */
  }

  handleEmptyQuery(): void {
    /* cannot happen: there is always the COPY */
  }

  handleCopyData(): void {
    /* rows do not come this way */
  }
}
