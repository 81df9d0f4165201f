/**
 * Uploads that are sent in pieces. The row says how much is durable, and only that is told to the sender; a piece cuts off
 * whatever is behind it. The last byte makes the file: the bytes take their name first, then the row of the file is
 * added. A process that dies between the two leaves an upload of full length without a file, which `find` completes.
 */
import type { EngineSettings } from "../core/engine-settings.ts";
import { SluiceError } from "../core/errors.ts";
import type { FileStore } from "../core/ports.ts";
import type {
  ResumableUpload,
  ResumableUploads,
  ResumableUploadStore,
  UploadFiles,
} from "../core/upload-ports.ts";

/** What resumable uploads are received with. */
export interface ResumableUploadTools {
  readonly store: ResumableUploadStore;
  readonly files: UploadFiles;
  /** Where whole files are. */
  readonly stored: Pick<FileStore, "remove">;
  readonly settings: Pick<
    EngineSettings,
    "leaseMs" | "heartbeatMs" | "uploadNoteMs" | "uploadExpiryMs"
  >;
  readonly maxUploadBytes: number;
  readonly newId: () => string;
}

/** See `ResumableUploads` for the promises. */
export function createResumableUploads(tools: ResumableUploadTools): ResumableUploads {
  const { store, settings, newId } = tools;
  const inTurn = createTurns();
  const find = async (id: string): Promise<ResumableUpload | null> => {
    const upload = await store.find(id);
    if (upload === null || upload.isFinished || upload.bytes !== upload.bytesTotal) return upload;
    return inTurn(id, async () => {
      await finish(tools, upload);
      return store.find(id);
    });
  };
  const append: ResumableUploads["append"] = (id, offset, source) =>
    inTurn(id, () => takePiece(tools, id, offset, source));
  const end: ResumableUploads["end"] = async (id) => {
    if (!(await store.end(id))) throw notThere(id);
    await inTurn(id, () => remove(tools, id));
  };
  return {
    expiryMs: settings.uploadExpiryMs,
    newId,
    begin: async (upload) => {
      const begun = await store.insert(upload);
      if (upload.bytesTotal !== 0) return begun;
      await append(upload.id, 0, nothing());
      return { ...begun, isFinished: true };
    },
    find,
    declare: async (id, bytesTotal) => {
      if (!(await store.declare(id, bytesTotal))) throw notThere(id);
    },
    append,
    end,
    clean: async () => {
      for (const { id, isFinished } of await store.listOver(settings.uploadExpiryMs))
        await inTurn(id, () => (isFinished ? store.forget(id) : remove(tools, id)));
    },
  };
}

async function takePiece(
  tools: ResumableUploadTools,
  id: string,
  offset: number,
  source: AsyncIterable<Uint8Array>,
): Promise<number> {
  const { store, files, settings, maxUploadBytes } = tools;
  const upload = await store.find(id);
  if (upload === null) throw notThere(id);
  if (upload.bytes !== offset)
    throw new SluiceError(
      "upload_offset_mismatch",
      `Expected a piece that begins at byte ${upload.bytes}, got one at ${offset}. Ask for the offset again with HEAD.`,
    );
  if (upload.isFinished) return upload.bytes;
  if (!(await store.claim(id, settings.leaseMs)))
    throw new SluiceError("upload_busy", "Another service takes a piece of this upload now.");
  let noted = offset;
  const bytes = await files
    .append(id, offset, source, {
      maxBytes: Math.min(maxUploadBytes, upload.bytesTotal ?? maxUploadBytes),
      noteMs: settings.uploadNoteMs,
      idleMs: settings.heartbeatMs,
      firstNoteBytes: 0,
      note: async (durable) => {
        if (!(await store.note(id, noted, durable))) throw notThere(id);
        noted = durable;
      },
    })
    .catch(async (error: unknown) => {
      // Should this fail, nobody else can go on before the lease is over.
      await store.release(id).catch(() => undefined);
      throw error;
    });
  const now = await store.find(id);
  if (now !== null && now.bytesTotal === bytes) await finish(tools, { ...now, bytes });
  else await store.release(id);
  return bytes;
}

async function finish(
  { store, files }: ResumableUploadTools,
  { id, bytes }: ResumableUpload,
): Promise<void> {
  if (!(await store.finish(id, await files.complete(id, bytes)))) throw notThere(id);
}

/**
 * The bytes first, also those that have the name of a file and no row: a row without bytes leads here again, bytes without
 * a row would stay.
 */
async function remove({ store, files, stored }: ResumableUploadTools, id: string): Promise<void> {
  await files.remove(id);
  await stored.remove(id);
  await store.forget(id);
}

function notThere(id: string): SluiceError {
  return new SluiceError(
    "not_found",
    `There is no upload ${id}: it was ended, or nobody has gone on with it for too long.`,
  );
}

async function* nothing(): AsyncGenerator<Uint8Array> {
  // No bytes.
}

/** Runs what concerns one upload one after the other, within this process. */
function createTurns() {
  const last = new Map<string, Promise<unknown>>();
  return async <Result>(id: string, work: () => Promise<Result>): Promise<Result> => {
    const before = last.get(id) ?? Promise.resolve();
    // The one before has its own caller to tell of its error.
    const mine = before.catch(() => undefined).then(work);
    last.set(id, mine);
    try {
      return await mine;
    } finally {
      if (last.get(id) === mine) last.delete(id);
    }
  };
}
