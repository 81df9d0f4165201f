/** Ports of imports whose file still arrives: who receives it, how much is there, and what became of it. */

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
