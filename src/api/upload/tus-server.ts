/**
 * The protocol tus 1.0 over the engine's resumable uploads. The library knows requests and headers; what is stored, what is
 * durable and when it is a file is decided by `ResumableUploads`. A second request for an upload asks the first to let go,
 * which a connection that died unnoticed does at the latest after `DRAIN_MS`; `HEAD` waits for nobody, since what is durable
 * is known at any time.
 */
import type { Readable } from "node:stream";
import {
  DataStore,
  ERRORS as TUS_ERRORS,
  MemoryLocker,
  Server,
  Upload,
  type Locker,
} from "@tus/server";
import type { ErrorCode } from "../../core/error-table.ts";
import { SluiceError } from "../../core/errors.ts";
import type { ResumableUpload, ResumableUploads } from "../../core/upload-ports.ts";
import { senderName } from "./sender-name.ts";
import { UPLOADS_PATH } from "./uploads-path.ts";

const DRAIN_MS = 3_000;

/** Header names that belong to the protocol; the library sets others for pages of other origins, which may not call. */
const OWN_HEADERS = /^(tus-.*|upload-.*|location|cache-control|connection)$/;

/** Answers requests of the protocol. */
export interface TusServer {
  /** Errors: those of `ResumableUploads`; `malformed_request`, `upload_protocol` for what is not tus 1.0. */
  answer(request: Request): Promise<Response>;
}

/** Makes the server of the protocol. A file may have `maxBytes`. */
export function createTusServer(
  uploads: ResumableUploads,
  maxBytes: number | undefined,
): TusServer {
  // What the store threw, by request: the library would make a text of it.
  const thrown = new WeakMap<object, SluiceError>();
  const locker = new MemoryLocker();
  const server = new Server({
    path: UPLOADS_PATH,
    relativeLocation: true,
    datastore: new UploadDataStore(uploads),
    namingFunction: () => uploads.newId(),
    // The reader has no part in the turns of writers.
    locker: (request) => (request.method === "HEAD" ? NO_LOCKER : locker),
    lockDrainTimeout: DRAIN_MS,
    disableTerminationForFinishedUploads: true,
    allowedOrigins: () => false,
    ...(maxBytes === undefined ? {} : { maxSize: maxBytes }),
    onResponseError: (request, error) => {
      if (error instanceof SluiceError) thrown.set(request, error);
      return undefined;
    },
  });
  return {
    answer: async (request) => {
      const response = await server.handleWeb(request);
      const error = thrown.get(request);
      if (error !== undefined) throw error;
      if (response.status >= 400) throw await errorOf(response);
      const headers = [...response.headers].filter(([name]) => OWN_HEADERS.test(name));
      return new Response(response.body, { status: response.status, headers });
    },
  };
}

/** The library's store over the engine's uploads. */
class UploadDataStore extends DataStore {
  readonly #uploads: ResumableUploads;

  constructor(uploads: ResumableUploads) {
    super();
    this.#uploads = uploads;
    this.extensions = [
      "creation",
      "creation-with-upload",
      "creation-defer-length",
      "termination",
      "expiration",
    ];
  }

  override async create(upload: Upload): Promise<Upload> {
    const metadata = upload.metadata ?? {};
    const begun = await this.#uploads.begin({
      id: upload.id,
      name: senderName(metadata["filename"] ?? metadata["name"] ?? undefined),
      bytesTotal: upload.size ?? null,
      metadata,
    });
    upload.creation_date = begun.seenAt.toISOString();
    return upload;
  }

  override async getUpload(id: string): Promise<Upload> {
    const upload = await this.#uploads.find(id);
    // The library expects what it calls errors.
    // eslint-disable-next-line typescript/only-throw-error
    if (upload === null) throw TUS_ERRORS.FILE_NOT_FOUND;
    return toTus(upload);
  }

  override write(stream: Readable, id: string, offset: number): Promise<number> {
    // Leaving the loop must not destroy the stream: the library would tell of that, and not of why. A stream without
    // encoding yields buffers.
    const pieces = stream.iterator({ destroyOnReturn: false }) as AsyncIterableIterator<Uint8Array>;
    return this.#uploads.append(id, offset, pieces);
  }

  override remove(id: string): Promise<void> {
    return this.#uploads.end(id);
  }

  override declareUploadLength(id: string, bytesTotal: number): Promise<void> {
    return this.#uploads.declare(id, bytesTotal);
  }

  override getExpiration(): number {
    return this.#uploads.expiryMs;
  }
}

/** An upload lives as long as somebody goes on with it: its time begins anew with each piece. */
function toTus({ id, bytes, bytesTotal, metadata, seenAt }: ResumableUpload): Upload {
  return new Upload({
    id,
    offset: bytes,
    metadata: { ...metadata },
    creation_date: seenAt.toISOString(),
    ...(bytesTotal === null ? {} : { size: bytesTotal }),
  });
}

const NO_LOCKER: Locker = {
  newLock: () => ({ lock: () => Promise.resolve(), unlock: () => Promise.resolve() }),
};

const CODES: Readonly<Record<number, ErrorCode>> = {
  404: "not_found",
  409: "upload_offset_mismatch",
  410: "not_found",
  412: "upload_protocol",
  413: "file_too_large",
};

async function errorOf(response: Response): Promise<SluiceError> {
  const text = (await response.text()).trim();
  if (response.status >= 500)
    return text === TUS_ERRORS.ERR_LOCK_TIMEOUT.body
      ? new SluiceError("upload_busy", "Another request takes a piece of this upload now.")
      : new SluiceError("internal", text);
  // Of a request that had to let go, or whose client went away; nobody reads it then.
  if (text === TUS_ERRORS.ABORTED.body)
    return new SluiceError("upload_busy", "The upload went on with another request.");
  const code = CODES[response.status] ?? "malformed_request";
  return new SluiceError(code, `The request is not one of tus 1.0 for this upload: ${text}.`);
}
