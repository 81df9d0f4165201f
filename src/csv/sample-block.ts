/**
 * Reads records out of a block from the middle of a file, of which nobody knows whether it begins inside quotes.
 *
 * Only reading the file from its start would tell for certain, and that takes as long as the import. So the block is
 * read twice: as if it began outside quotes, and as if it began inside, with a quote put before it. In both readings
 * the first record is cut and is left out. The wrong reading gives itself away, because it takes values for separators:
 * records of another width, and text after closing quotes. A reading holds when most of its records are sound. When both
 * hold, as soon happens where every record is on a line of its own, only records that both find are taken: from the
 * place where the two meet they are the same for ever. When neither holds the block is left out.
 *
 * What this is for makes an error harmless. A type is inferred when every sampled value fits it, so a value that is no
 * value can only make a column text; and a block that is left out only leaves a misfit to be found, and rejected, later.
 */
import type { ImportPlan } from "../core/import-plan.ts";
import { LF } from "./bytes.ts";
import { walkSample, type SampleRecord } from "./sample-records.ts";
import { SCAN_OUTCOMES, type ScannedRecord } from "./scanned-record.ts";
import type { Transcoder } from "./transcoder.ts";
import { findInvalidUtf8 } from "./utf8.ts";

/** A stretch of a source. */
export interface SampleBlock {
  readonly bytes: Uint8Array;
  /** Whether the source ends with it. */
  readonly isEnd: boolean;
}

/** How the records of the file are read. */
export type BlockRules = Pick<ImportPlan, "dialect" | "width" | "reading" | "encoding"> & {
  readonly transcoder: Transcoder | null;
};

/** A record of a block, valid until the next step. */
export interface BlockRecord {
  readonly bytes: Uint8Array;
  readonly found: ScannedRecord;
}

/** The sound records of the block whose start is certain enough, in order. */
export function* blockRecords(block: SampleBlock, rules: BlockRules): Generator<BlockRecord> {
  const text = blockText(block, rules);
  const readings = [0, 1].map((quotes) => makeReading({ ...block, bytes: text }, rules, quotes));
  const holding = readings.filter(({ sound, unsound }) => sound.size > 0 && sound.size > unsound);
  const [first, second] = holding;
  if (first === undefined) return;
  for (const { found } of first.walk()) {
    const start = found.start - first.shift;
    if (!first.sound.has(start) || second?.sound.has(start) === false) continue;
    yield { bytes: first.bytes, found };
  }
}

interface BlockReading {
  readonly bytes: Uint8Array;
  /** Bytes that were put before the block. */
  readonly shift: number;
  /** Where sound records start in the block. */
  readonly sound: ReadonlySet<number>;
  readonly unsound: number;
  readonly walk: () => Generator<SampleRecord>;
}

/** Reads the block behind `quotes` quotes. */
function makeReading(block: SampleBlock, rules: BlockRules, quotes: number): BlockReading {
  const { dialect, reading, width } = rules;
  const bytes = new Uint8Array(block.bytes.length + quotes);
  bytes.fill(dialect.quote, 0, quotes);
  bytes.set(block.bytes, quotes);
  const walk = (): Generator<SampleRecord> =>
    walkSample(
      { bytes, isWhole: block.isEnd },
      {
        dialect,
        start: { byte: 0, record: 1, line: 1 },
        limits: reading,
        maxFields: width + 1,
        edits: { reading, width },
      },
    );
  const sound = new Set<number>();
  let unsound = 0;
  for (const { outcome, found } of walk()) {
    if (found.start === 0) continue; // the record that the block begins in
    if (isSound(bytes, found, outcome, width)) sound.add(found.start - quotes);
    else unsound++;
  }
  return { bytes, shift: quotes, sound, unsound, walk };
}

function isSound(
  bytes: Uint8Array,
  found: ScannedRecord,
  outcome: SampleRecord["outcome"],
  width: number,
): boolean {
  if (outcome !== SCAN_OUTCOMES.record || found.fieldCount !== width) return false;
  if (found.largeField >= 0) return false;
  return !found.hasHighBytes || findInvalidUtf8(bytes, found.start, found.end) < 0;
}

/**
 * The text of the block. In encodings of several bytes it may begin inside a character: behind a line end it does not,
 * as LF is never the second byte of one; of UTF-16 blocks begin at even places, and half a pair spoils only the record
 * that is left out.
 */
function blockText({ bytes, isEnd }: SampleBlock, rules: BlockRules): Uint8Array {
  const { transcoder, encoding } = rules;
  if (transcoder === null) return bytes;
  const start = encoding.startsWith("utf-16") ? 0 : bytes.indexOf(LF) + 1;
  const room = new Uint8Array((bytes.length - start) * transcoder.growth);
  const from = { bytes, start, end: bytes.length };
  const { written } = transcoder.transcode(
    from,
    { bytes: room, start: 0, end: room.length },
    isEnd,
  );
  return room.subarray(0, written);
}
