/**
 * Files that Sluice writes for a job that is to be created. The row is there before the first byte, as that of an upload that
 * is imported while it arrives, so that whatever is left by a process that died is found by it.
 */
import type { EngineSettings } from "../core/engine-settings.ts";
import { SluiceError, uploadIncomplete } from "../core/errors.ts";
import type { Failpoints } from "../core/failpoint.ts";
import type { StoredFile } from "../core/job.ts";
import type { FileStore, StoredBytes } from "../core/ports.ts";
import type { JobStore } from "../core/store-ports.ts";
import type { ArrivalStore } from "../core/upload-ports.ts";

/** What files are written with. */
export interface WritingTools {
  readonly jobs: Pick<JobStore, "newFileId">;
  readonly files: FileStore;
  readonly uploads: { readonly arrivals: ArrivalStore };
  readonly settings: Pick<EngineSettings, "uploadNoteMs" | "heartbeatMs">;
  readonly maxUploadBytes: number;
  readonly failpoints: Failpoints;
}

/** A file that was written: durable, and known to nobody before the job is. */
export interface WrittenFile {
  readonly file: StoredFile;
  readonly made: StoredBytes & { readonly id: string };
  /** Creates the job. The file is removed when that throws, or tells another outcome than `created`. */
  readonly whileOpen: <T extends { readonly outcome: string }>(
    create: () => Promise<T>,
  ) => Promise<T>;
}

/** Writes a file. Errors: those of `FileStore.put`, and what `source` throws; then nothing is left. */
export async function writeFile(
  tools: WritingTools,
  name: string,
  source: AsyncIterable<Uint8Array>,
): Promise<WrittenFile> {
  const { jobs, files, uploads, settings, maxUploadBytes, failpoints } = tools;
  const id = jobs.newFileId();
  await uploads.arrivals.begin({ id, name, bytesAnnounced: null });
  const whileOpen = async <T>(work: () => Promise<T>): Promise<T> => {
    try {
      return await work();
    } catch (error) {
      await abandon(tools, id, error);
      throw error;
    }
  };
  const stored = await whileOpen(() =>
    files.put(id, source, {
      maxBytes: maxUploadBytes,
      arrival: {
        noteMs: settings.uploadNoteMs,
        firstNoteBytes: Number.POSITIVE_INFINITY,
        idleMs: settings.heartbeatMs,
        note: async (bytes) => {
          if ((await uploads.arrivals.note(id, bytes, null)) === "lost")
            throw uploadIncomplete(bytes);
        },
      },
    }),
  );
  await failpoints.hit("file_written");
  return {
    file: { id, name, ...stored, createdAt: new Date(0) },
    made: { id, ...stored },
    whileOpen: async (create) => {
      const created = await whileOpen(create);
      if (created.outcome !== "created") await abandon(tools, id, null);
      return created;
    },
  };
}

/**
 * Removes a file that no job came to need. Where nobody knows whether one did, as after a lost connection, it is left to
 * the search for lost uploads, which knows by its row.
 */
async function abandon(
  { files, uploads }: WritingTools,
  id: string,
  cause: unknown,
): Promise<void> {
  if (cause instanceof SluiceError && cause.code === "database_unavailable") return;
  try {
    await files.remove(id);
    await uploads.arrivals.end(id);
  } catch {
    // The first error is the one to tell. The row is still there, and leads the search for lost uploads to the bytes.
  }
}
