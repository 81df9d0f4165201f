/**
 * Multipart forms with one file, read as they come.
 *
 * The parser takes the next piece of the body only when the receiver of the file has taken the one before, so a form
 * of any size needs little memory. Whatever ends the form early (the receiver refuses, the client goes away, the form
 * breaks off) ends the receiver too, and a file that was already received is discarded: either the whole form counts
 * or nothing of it.
 */
import type { Readable } from "node:stream";
import { Busboy, type BusboyConfig, type BusboyInstance } from "@fastify/busboy";
import { SluiceError } from "../../core/errors.ts";
import { invalidRequest } from "../problem-details.ts";
import { senderName } from "./sender-name.ts";

/** The key under which a form carries its file. */
export const FILE_KEY = "file";

const LIMITS: BusboyConfig["limits"] = {
  fieldNameSize: 100,
  fieldSize: 64 * 1024,
  fields: 20,
  parts: 30,
  headerPairs: 100,
  headerSize: 16 * 1024,
};

/** What takes the file of a form. */
export interface FileReceiver<T> {
  /** Takes the file's bytes to their end. */
  receive(name: string, source: AsyncIterable<Uint8Array>): Promise<T>;
  /** Undoes `receive`, because the form turned out to be wrong after it. */
  discard(received: T): Promise<void>;
}

/** A form that was read to its end. */
export interface FileForm<T> {
  /** What `receive` returned; null when no file came under the key `file`. */
  readonly file: T | null;
  readonly fields: ReadonlyMap<string, string>;
}

/** Whether a request says that its body is a multipart form. */
export function isMultipart(contentType: string | undefined): contentType is string {
  return /^multipart\/form-data\s*;/i.test(contentType ?? "");
}

/**
 * Reads a form. Files under other keys are passed over. Errors: `malformed_request`; `invalid_request` for a second
 * file, or for more or longer fields than anybody needs; what `receive` throws; what the connection throws.
 */
export async function readFileForm<T>(
  contentType: string,
  body: AsyncIterable<Uint8Array>,
  receiver: FileReceiver<T>,
): Promise<FileForm<T>> {
  const parser = openParser(contentType);
  const reading = new FormReading(parser, receiver);
  try {
    await pump(body, parser, reading.signal);
    return { file: await reading.file, fields: reading.fields };
  } catch (error) {
    await reading.abandon(error);
    throw error;
  }
}

/** Feeds the parser to the end of the body. Rejects at once with the signal's reason, even while the sender is silent. */
async function pump(
  body: AsyncIterable<Uint8Array>,
  parser: BusboyInstance,
  signal: AbortSignal,
): Promise<void> {
  const pieces = body[Symbol.asyncIterator]();
  for (;;) {
    const step = await unlessAborted(signal, pieces.next());
    if (step.done) break;
    const piece = step.value;
    await unlessAborted(
      signal,
      new Promise<void>((resolve) => {
        // Called when the parser can take more. Its errors come as events, which abort the signal.
        parser.write(piece, () => resolve());
      }),
    );
  }
  await unlessAborted(
    signal,
    new Promise<void>((resolve) => {
      parser.once("finish", resolve);
      parser.end();
    }),
  );
  signal.throwIfAborted();
}

/** Not `Promise.race`: it would keep a reaction on the signal for every piece of the body. */
function unlessAborted<T>(signal: AbortSignal, promise: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const stop = (): void => reject(signal.reason as Error); // this file aborts with errors only
    if (signal.aborted) stop();
    signal.addEventListener("abort", stop, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener("abort", stop));
  });
}

function openParser(contentType: string): BusboyInstance {
  try {
    return new Busboy({ headers: { "content-type": contentType }, limits: LIMITS });
  } catch (error) {
    throw malformed(error);
  }
}

/** One form while it is read. */
class FormReading<T> {
  readonly fields = new Map<string, string>();
  readonly #receiver: FileReceiver<T>;
  readonly #end = new AbortController();
  #stream: Readable | null = null;
  #received: Promise<T> | null = null;

  constructor(parser: BusboyInstance, receiver: FileReceiver<T>) {
    this.#receiver = receiver;
    parser.on("file", (key, stream, name) => this.#take(key, stream, name));
    parser.on("field", (key, value, _keyIsCut, valueIsCut) => {
      if (valueIsCut) this.#refuse(`/${key}`, "too_big", "Expected at most 64 KiB of text.");
      else this.fields.set(key, value);
    });
    parser.on("error", (error) => this.#end.abort(malformed(error)));
    for (const limit of ["fieldsLimit", "partsLimit"] as const)
      parser.on(limit, () => this.#refuse("", "too_big", "Expected at most 20 fields."));
  }

  /** Aborted with the reason when the form is refused before its end. */
  get signal(): AbortSignal {
    return this.#end.signal;
  }

  get file(): Promise<T | null> {
    return this.#received ?? Promise.resolve(null);
  }

  /** Ends the receiver and undoes what it has done. */
  async abandon(reason: unknown): Promise<void> {
    this.#stream?.destroy(reason instanceof Error ? reason : new Error(String(reason)));
    const received = await this.#received?.catch(() => null);
    if (received) await this.#receiver.discard(received);
  }

  #take(key: string, stream: Readable, name: string | undefined): void {
    // A form field without a chosen file arrives as a file without a name.
    if (key !== FILE_KEY || !name) {
      stream.resume();
      return;
    }
    if (this.#received) {
      stream.resume();
      this.#refuse(`/${FILE_KEY}`, "too_big", "Expected one file, got several.");
      return;
    }
    // The receiver hears of errors by reading; after its end nobody does, and Node would end the process.
    stream.on("error", () => undefined);
    this.#stream = stream;
    this.#received = this.#receiver.receive(senderName(name), stream);
    this.#received.catch((error: unknown) => this.#end.abort(error));
  }

  #refuse(pointer: string, code: string, detail: string): void {
    this.#end.abort(invalidRequest([{ pointer, code, detail }]));
  }
}

function malformed(cause: unknown): SluiceError {
  return new SluiceError(
    "malformed_request",
    "Expected a complete multipart form with its boundary, but it cannot be read. Send the file again.",
    { cause },
  );
}
