/** Opens the source of a plan, packed or not, at an offset. */
import type { ReadingPlan } from "../../core/import-plan.ts";
import type { ByteSource, FileStore } from "../../core/ports.ts";
import { openSource } from "../../csv/packed-source.ts";
import { storedFile } from "./read-sample.ts";

/** How much is read over rather than opening the source anew, in bytes. */
const READ_OVER_BYTES = 256 * 1024;

/** How a source is opened. */
export interface SourceOpening {
  /** The source from an offset to its end. Errors: `source_changed`, `inflate_failed`. */
  readonly openAt: (byte: number) => Promise<ByteSource>;
  /** Size of the source, which the plan has pinned. */
  readonly endByte: number;
  /**
   * A gap up to this length is read over; behind a longer one the source is opened anew. Infinite where opening means
   * reading from the beginning.
   */
  readonly readOverBytes: number;
}

/** How the source of a plan is opened. */
export function sourceOpening(files: FileStore, plan: ReadingPlan): SourceOpening {
  const { bytes, packing } = plan.source;
  return {
    openAt: (byte) => openPlanned(files, plan, { start: byte, end: bytes }),
    endByte: bytes,
    readOverBytes: packing === undefined ? READ_OVER_BYTES : Infinity,
  };
}

/** The source of a plan from `start` on, at least to `end`. */
export function openPlanned(
  files: FileStore,
  { source, reading }: ReadingPlan,
  range: { readonly start: number; readonly end: number },
): Promise<ByteSource> {
  const { packing, bytes, file } = source;
  const stored = storedFile(files, { id: file, bytes: packing?.storedBytes ?? bytes });
  return openSource(stored, { packing, limits: reading }, range);
}
