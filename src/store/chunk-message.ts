/**
 * The chunk transaction as one message: gate, COPY of the rows, COPY of the rejections, check.
 *
 * It is a single simple query, so the server runs it as one implicit transaction: rows, rejections, ledger and
 * checkpoint commit together or not at all, in one round trip and without a moment in which the client has to speak.
 * The chunk is complete in memory before the message is sent. Protocol:
 * https://www.postgresql.org/docs/current/protocol-flow.html (simple query with several statements, COPY operations).
 */
import type pg from "pg";
import type { CopyPayload } from "./copy-payload.ts";

/** Bytes of one CopyData frame. Frames of 8 to 64 KiB are all alike to the server; one per row would be slow. */
const FRAME_BYTES = 64 * 1024;

/** The connection as `pg` gives it to a query that writes its own messages. */
interface WireConnection {
  query(text: string): void;
  endCopyFrom(): void;
  readonly stream: { cork(): void; write(bytes: Uint8Array): boolean; uncork(): void };
}

/** What a test wants to do while the transaction of a message is open. */
export interface MessageHooks {
  /** The server asks for the first COPY's data: the gate has passed, the transaction is open. */
  readonly opened?: () => void;
  /** The last byte was handed to the socket: whether the server commits is not known here. */
  readonly sent?: () => void;
}

/** Rows that each COPY of the message wrote, in order. */
export type CopyCounts = readonly number[];

/**
 * A query with COPY FROM STDIN statements in it, whose data is in memory. Given to `client.query`; `done` settles
 * when the server is ready again.
 */
export class ChunkMessage implements pg.Submittable {
  readonly done: Promise<CopyCounts>;
  readonly #text: string;
  readonly #payloads: readonly CopyPayload[];
  readonly #hooks: MessageHooks;
  #nextPayload = 0;
  readonly #counts: number[] = [];
  #resolve: (counts: CopyCounts) => void = () => undefined;
  #reject: (error: Error) => void = () => undefined;

  /** `payloads` are the data of the COPY statements of `text`, in order. */
  constructor(text: string, payloads: readonly CopyPayload[], hooks: MessageHooks = {}) {
    this.#text = text;
    this.#payloads = payloads;
    this.#hooks = hooks;
    this.done = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
    // The caller may ask for `done` after the error arrived; it still gets it.
    this.done.catch(() => undefined);
  }

  submit(connection: pg.Connection): void {
    wire(connection).query(this.#text);
  }

  handleCopyInResponse(connection: pg.Connection): void {
    const { stream } = wire(connection);
    const payload = this.#payloads[this.#nextPayload] ?? [];
    if (this.#nextPayload === 0) this.#hooks.opened?.();
    this.#nextPayload += 1;
    stream.cork();
    for (const bytes of payload)
      for (let start = 0; start < bytes.length; start += FRAME_BYTES)
        writeFrame(stream, bytes.subarray(start, start + FRAME_BYTES));
    wire(connection).endCopyFrom();
    stream.uncork();
    if (this.#nextPayload === this.#payloads.length) this.#hooks.sent?.();
  }

  handleCommandComplete(message: { readonly text: string }): void {
    const copied = /^COPY (\d+)$/.exec(message.text);
    if (copied !== null) this.#counts.push(Number(copied[1]));
  }

  /** After an error the server skips the rest of the message and rolls back. */
  handleError(error: Error): void {
    this.#reject(error);
  }

  handleReadyForQuery(): void {
    this.#resolve(this.#counts);
  }

  /** The gate and the check return one row each, of nothing. */
  handleRowDescription(): void {
    /* nothing to read */
  }

  handleDataRow(): void {
    /* nothing to read */
  }

  handleEmptyQuery(): void {
    /* cannot happen: the message always holds the gate */
  }
}

/** One CopyData message. Written to the socket as it is: `pg` would copy every frame into a buffer of its own. */
function writeFrame(stream: WireConnection["stream"], bytes: Uint8Array): void {
  const header = Buffer.allocUnsafe(5);
  header[0] = 0x64; // 'd'
  header.writeUInt32BE(bytes.length + 4, 1);
  stream.write(header);
  stream.write(bytes);
}

/** pg's types do not list the COPY methods of its own connection, nor its socket (pg 8, `lib/connection.js`). */
function wire(connection: pg.Connection): WireConnection {
  return connection as unknown as WireConnection;
}
