/** What the doors can ask about stored files. */
import type { Page } from "./job-service.ts";
import type { StoredFile } from "./job.ts";
import type { LocalFile } from "./ports.ts";
import type { ResumableUploads } from "./upload-ports.ts";

/** The part of the job service that keeps files, whatever is done with them. */
export interface FileService {
  /**
   * Stores an upload under a new id. Errors: those of `FileStore.put`, `shutting_down`.
   */
  putFile(name: string, source: AsyncIterable<Uint8Array>): Promise<StoredFile>;
  /**
   * Takes a file that lies in the folder of files already under a new id, without copying it. Errors: those of
   * `FileStore.adopt`.
   */
  adoptFile(name: string, file: LocalFile): Promise<StoredFile>;
  /** Uploads that are sent in pieces. */
  readonly uploads: ResumableUploads;
  /** Errors: `not_found`. */
  getFile(fileId: string): Promise<StoredFile>;
  listFiles(filter: {
    readonly limit: number;
    readonly cursor?: string;
  }): Promise<Page<StoredFile>>;
  /** Removes a file. Errors: `not_found`, `file_in_use` while an active or failed job needs it. */
  deleteFile(fileId: string): Promise<void>;
}
