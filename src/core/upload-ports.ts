/** Ports of uploads that are more than one request: files that are imported while they arrive, and resumable uploads. */
import type { StoredBytes } from "./ports.ts";

/** How a file is read by others while it is written. */
export interface ArrivalOptions {
  /** How often what has come is made durable, in milliseconds, when something has come. */
  readonly noteMs: number;
  /** As soon as so many bytes have come they are made durable and noted, whatever the time. */
  readonly firstNoteBytes: number;
  /** How often `note` is called when nothing has come. */
  readonly idleMs: number;
  /** Told how many bytes are durable, while more may come. One call at a time. What it throws ends the writing. */
  note(durableBytes: number): Promise<void>;
}

/** How much of a file is there, and whether that is all of it. */
export interface Arrived {
  readonly bytes: number;
  readonly isWhole: boolean;
}

/** How the parts of a file that still arrives are cut. */
export interface FollowedUpload {
  /** Looks how much is there. Errors: `upload_incomplete` when no more will come. */
  look(): Promise<Arrived>;
  /** The smallest part that is cut at an offset. */
  leastPartBytes(from: number): number;
  /** The size at which a part is cut although more is there. */
  partBytes(from: number, arrivedBytes: number): number;
}

/** A file that began to arrive and nobody receives any more. */
export interface LostArrival {
  readonly fileId: string;
  /** How many bytes were durable. */
  readonly bytes: number;
  readonly jobIds: readonly string[];
}

/** Files that this worker receives and that are read meanwhile. */
export interface ArrivalStore {
  /** Adds the row of a file before its first byte is written. It is in no list before it is whole. */
  begin(file: {
    readonly id: string;
    readonly name: string;
    readonly bytesAnnounced: number | null;
  }): Promise<void>;
  /**
   * Says that so many bytes are durable, and that the receiver lives. `lost`: others have given the upload up, or the
   * file was deleted; `stopped`: the job that reads from it was stopped, undone or forgotten.
   */
  note(
    fileId: string,
    bytes: number,
    jobId: string | null,
  ): Promise<"expected" | "lost" | "stopped">;
  /**
   * The file is whole: fixes size, digest and version, and with them where the search for parts of its jobs ends. False
   * when the upload was given up meanwhile; then nothing was changed. May be called again.
   */
  finish(
    fileId: string,
    whole: { readonly bytes: number; readonly sha256: string; readonly version: string | null },
  ): Promise<boolean>;
  /** The file will never be whole: takes it from its receiver and from the files that there are. */
  end(fileId: string): Promise<void>;
  /**
   * Arrivals of this worker, which asks before it receives any, so they are of an earlier run; or with `unseenMs` those of
   * anybody whose receiver was not seen for so long, by the clock of the database.
   */
  findLost(
    which: { readonly unseenMs: number } | { readonly own: true },
  ): Promise<readonly LostArrival[]>;
}

/** A file that is sent in pieces, over any number of connections. */
export interface ResumableUpload {
  /** The id that its file gets. */
  readonly id: string;
  /** Name of the file. */
  readonly name: string;
  /** How many bytes are durable, from the first on. */
  readonly bytes: number;
  /** How many there will be; null while the sender has not said. */
  readonly bytesTotal: number | null;
  /** What the sender said of it, for the sender alone. */
  readonly metadata: Readonly<Record<string, string | null>>;
  /** When something came last. */
  readonly seenAt: Date;
  /** Whether its file is there. */
  readonly isFinished: boolean;
}

/**
 * Uploads that can be resumed. What `find` says is durable is there after any crash, and nothing behind it is. One piece
 * at a time is taken; the last byte makes the file.
 */
export interface ResumableUploads {
  /** How long an unfinished upload is kept after its last byte, in milliseconds. */
  readonly expiryMs: number;
  newId(): string;
  /** Begins an upload. One of 0 bytes is a file at once. */
  begin(
    upload: Pick<ResumableUpload, "id" | "name" | "bytesTotal" | "metadata">,
  ): Promise<ResumableUpload>;
  /** Null for what never was, was ended or has expired, and when its file was deleted. */
  find(id: string): Promise<ResumableUpload | null>;
  /** Says how long it will be. Errors: `not_found`. */
  declare(id: string, bytesTotal: number): Promise<void>;
  /**
   * Takes a piece that begins at `offset`, and returns how much is durable then: all of it, and all that came of a source
   * that threw, which is thrown again. Errors: `not_found`, also when it is ended meanwhile; `upload_offset_mismatch`;
   * `upload_busy` when another service takes one; `file_too_large`, `storage_full`, `storage_failed`.
   */
  append(id: string, offset: number, source: AsyncIterable<Uint8Array>): Promise<number>;
  /** Ends an unfinished upload and removes what came. Errors: `not_found`. */
  end(id: string): Promise<void>;
  /** Removes what nobody went on with, and what an end that broke off has left. */
  clean(): Promise<void>;
}

/** Rows of resumable uploads. */
export interface ResumableUploadStore {
  insert(
    upload: Pick<ResumableUpload, "id" | "name" | "bytesTotal" | "metadata">,
  ): Promise<ResumableUpload>;
  find(id: string): Promise<ResumableUpload | null>;
  declare(id: string, bytesTotal: number): Promise<boolean>;
  /** Takes it for this worker, unless another was seen with it within `leaseMs`. */
  claim(id: string, leaseMs: number): Promise<boolean>;
  /** Says that `bytes` are durable where `before` were. False when it was ended, or somebody else has taken it. */
  note(id: string, before: number, bytes: number): Promise<boolean>;
  /** Lets go of it. */
  release(id: string): Promise<void>;
  /** The file is whole: adds its row. May be called again. False when it was ended. */
  finish(id: string, stored: StoredBytes): Promise<boolean>;
  /** From here on it is not found. False when it was not, or is finished. */
  end(id: string): Promise<boolean>;
  /** Forgets an upload that was ended. */
  forget(id: string): Promise<void>;
  /** Ends what was not seen for `expiryMs`, and lists all that was ended or is finished for as long. */
  listOver(
    expiryMs: number,
  ): Promise<readonly { readonly id: string; readonly isFinished: boolean }[]>;
}

/** Where the bytes of resumable uploads are until they are a file. Errors: `storage_full`, `storage_failed`. */
export interface UploadFiles {
  /**
   * Appends behind the first `offset` bytes; what is behind them is cut off. Whatever is noted is durable, and all of it
   * is noted in the end, also when `source` throws, which is thrown again. Returns the length. Errors also:
   * `file_too_large`, `source_changed` when less than `offset` bytes are there.
   */
  append(
    id: string,
    offset: number,
    source: AsyncIterable<Uint8Array>,
    options: ArrivalOptions & { readonly maxBytes: number },
  ): Promise<number>;
  /** Makes a file of it under its id, durably. May be called again. */
  complete(id: string, bytes: number): Promise<StoredBytes>;
  /** Removes what is not a file. */
  remove(id: string): Promise<void>;
}
