/**
 * The one place where the records that are read again come from: the source as it was before it was packed, opened at
 * an offset.
 */
import type { ImportPlan } from "../../core/import-plan.ts";
import type { ByteSource, FileStore } from "../../core/ports.ts";

/** How much is read over rather than opening the source anew, in bytes. */
const READ_OVER_BYTES = 256 * 1024;

/** How a source is opened. */
export interface SourceOpening {
  /** The source from an offset to its end. Errors: `source_changed`. */
  readonly openAt: (byte: number) => Promise<ByteSource>;
  /** Size of the source, which the plan has pinned. */
  readonly endByte: number;
  /**
   * A gap up to this length is read over; behind a longer one the source is opened anew. Infinite where opening means
   * reading from the beginning.
   */
  readonly readOverBytes: number;
}

/** Opens the source of a plan. */
export function sourceOpening(files: FileStore, { source }: ImportPlan): SourceOpening {
  return {
    openAt: (byte) => files.open(source.file, { start: byte, end: source.bytes }),
    endByte: source.bytes,
    readOverBytes: READ_OVER_BYTES,
  };
}
