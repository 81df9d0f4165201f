/** The body of a request as bytes that are read as they come. */
import type { IncomingMessage } from "node:http";
import { SluiceError } from "../../core/errors.ts";
import type { AppContext, AppEnv, AppInfo } from "../app-context.ts";
import { gunzip } from "./gunzip.ts";

/** What a form may hold besides its file: fields, headers, boundaries. */
const FORM_OVERHEAD_BYTES = 2 * 1024 * 1024;

/**
 * The bytes of the body, in order, as fast as they are taken; empty without a body. `Content-Encoding: gzip` is undone. Leaving the loop early does not
 * cut the connection, so that a refusal can still be sent. Throws what the connection throws when the client goes away.
 */
export function requestBytes(c: AppContext): AsyncIterable<Uint8Array> {
  // Without a server there are no bindings at all, whatever the type says.
  const incoming = (c.env as AppEnv["Bindings"] | undefined)?.incoming;
  const bytes = incoming ? piecesOf(incoming) : (c.req.raw.body ?? emptyBytes());
  return contentEncoding(c) === "gzip" ? gunzip(bytes) : bytes;
}

/** Only `next` and `return`: the iterator's `throw` would cut the connection. */
function piecesOf(incoming: IncomingMessage): AsyncIterable<Uint8Array> {
  // A message without `setEncoding` yields buffers.
  const pieces = incoming.iterator({ destroyOnReturn: false }) as AsyncIterator<Uint8Array>;
  return {
    [Symbol.asyncIterator]: () => ({
      next: () => pieces.next(),
      return: async () => {
        await pieces.return?.();
        return { done: true, value: undefined };
      },
    }),
  };
}

function contentEncoding(c: AppContext): string {
  return (c.req.header("content-encoding") ?? "identity").toLowerCase();
}

/** How many bytes `requestBytes` will yield, as the sender announces it; null when it does not, or packs them on the way. */
export function announcedBytes(c: AppContext): number | null {
  const announced = c.req.header("content-length");
  return announced === undefined || contentEncoding(c) === "gzip" ? null : Number(announced);
}

async function* emptyBytes(): AsyncGenerator<Uint8Array> {
  // No body, no bytes.
}

/**
 * Refuses a body that cannot be stored as it is, before a byte of it is read. Errors: `file_too_large` when it
 * announces more than `maxUploadBytes`, `unsupported_format` when it is compressed in another way than by gzip.
 */
export function checkBodyHeaders(c: AppContext, info: AppInfo): void {
  const encoding = contentEncoding(c);
  if (encoding !== "identity" && encoding !== "gzip")
    throw new SluiceError(
      "unsupported_format",
      `Expected a body with Content-Encoding: gzip or without, got ${JSON.stringify(encoding.slice(0, 40))}. Send the file unpacked.`,
    );
  const maxBytes = info.maxUploadBytes ?? Number.POSITIVE_INFINITY;
  const isForm = c.req.header("content-type")?.startsWith("multipart/") ?? false;
  const announced = Number(c.req.header("content-length") ?? 0);
  if (announced > maxBytes + (isForm ? FORM_OVERHEAD_BYTES : 0))
    throw new SluiceError(
      "file_too_large",
      `Expected at most ${maxBytes} bytes, but ${announced} are announced. Raise SLUICE_MAX_UPLOAD_BYTES, or split the file.`,
      { details: { maxBytes } },
    );
}
