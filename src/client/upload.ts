/** Uploading a file as a stream, with the bytes counted as the connection takes them. */
import type { FileView } from "../api/schemas/file.ts";
import { sendForJson, type Connection } from "./transport.ts";

/** The bytes of a file: in pieces, in order, or all at once. */
export type UploadSource = AsyncIterable<Uint8Array> | Uint8Array;

/** How a file is uploaded. */
export interface UploadOptions {
  /** Told how many bytes have been handed to the connection so far. Called once a piece. */
  readonly onProgress?: (bytes: number) => void;
  /** Ends the upload; the service keeps nothing of it. */
  readonly signal?: AbortSignal;
}

/** Uploads `source` under `name`. Pieces are read only as fast as they are sent. */
export async function streamUpload(
  connection: Connection,
  name: string,
  source: UploadSource,
  options: UploadOptions,
): Promise<FileView> {
  const pieces = piecesOf(source)[Symbol.asyncIterator]();
  let bytes = 0;
  let isOver = false;
  const failures: unknown[] = [];
  const body = new ReadableStream<Uint8Array>(
    {
      pull: async (controller) => {
        try {
          // A source that always has a piece at hand would otherwise be read on and on before the abort gets a turn.
          options.signal?.throwIfAborted();
          const piece = await pieces.next();
          if (piece.done === true) return controller.close();
          bytes += piece.value.byteLength;
          controller.enqueue(piece.value);
          if (!isOver) options.onProgress?.(bytes);
        } catch (error) {
          failures.push(error);
          controller.error(error);
        }
      },
      cancel: async () => {
        await pieces.return?.();
      },
    },
    { highWaterMark: 0 },
  );
  try {
    return await sendForJson<FileView>(connection, {
      method: "PUT",
      path: `/v1/files/${encodeURIComponent(name)}`,
      body,
      headers: { "content-type": "text/csv" },
      signal: options.signal,
    });
  } catch (error) {
    if (failures.length > 0) throw failures[0]; // the source broke, not the connection
    throw error;
  } finally {
    isOver = true;
  }
}

async function* piecesOf(source: UploadSource): AsyncGenerator<Uint8Array, void, undefined> {
  if (source instanceof Uint8Array) yield source;
  else yield* source;
}
