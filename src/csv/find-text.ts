/** Finds out from the first bytes of a source how its text is read: encoding, dialect, and where records begin. */
import type { Dialect } from "../core/import-plan.ts";
import type { ReadingOptions } from "../core/reading-options.ts";
import type { RecordStart } from "./boundary-finder.ts";
import { findDialect } from "./dialect.ts";
import { makeTranscoder } from "./make-transcoder.ts";
import type { TextOrigin } from "./source-window.ts";
import { findEncoding, type FileSample } from "./text-encoding.ts";
import type { Transcoder } from "./transcoder.ts";

/** The first text of a source, in UTF-8. */
export interface TextSample extends FileSample {
  /** Which byte of the source stands behind a byte of the text. */
  readonly origin: TextOrigin;
}

/** How the text of a source is read. */
export interface FoundText {
  /** Canonical name. */
  readonly encoding: string;
  /** Null where the text is the source. */
  readonly transcoder: Transcoder | null;
  readonly dialect: Dialect;
  readonly text: TextSample;
  /** Where the first record starts; its byte is an index of the text. */
  readonly start: RecordStart;
}

/**
 * `sample` are the first bytes of the source. Errors: `empty_file`, `unsupported_encoding`, `encoding_required`,
 * `unsupported_format`, `invalid_request`.
 */
export function findText(sample: FileSample, reading: ReadingOptions): FoundText {
  const { encoding, markLength } = findEncoding(sample, reading.encoding);
  const transcoder = makeTranscoder({ encoding, replacesNul: reading.nul === "replace" });
  const text = transcoder === null ? plainSample(sample) : decode(sample, markLength, transcoder);
  const found = findDialect(text, transcoder === null ? markLength : 0, reading);
  return { encoding, transcoder, text, ...found };
}

function plainSample(sample: FileSample): TextSample {
  const { bytes, isWhole } = sample;
  const origin: TextOrigin = {
    offsetOf: (index) => index,
    sourceByteAt: (index) => bytes[index] ?? 0,
  };
  return { bytes, isWhole, origin };
}

function decode(sample: FileSample, markLength: number, transcoder: Transcoder): TextSample {
  const { isWhole } = sample;
  const from = { bytes: sample.bytes, start: markLength, end: sample.bytes.length };
  const room = new Uint8Array((from.end - from.start) * transcoder.growth);
  const into = { bytes: room, start: 0, end: room.length };
  const { written } = transcoder.transcode(from, into, isWhole);
  const offsetOf = (index: number): number => {
    const counted = { bytes: new Uint8Array(0), start: 0, end: index };
    return markLength + transcoder.transcode(from, counted, isWhole).read;
  };
  const sourceByteAt = (index: number): number => sample.bytes[offsetOf(index)] ?? 0;
  // A copy, so that the room for text that grows is let go.
  return { bytes: room.slice(0, written), isWhole, origin: { offsetOf, sourceByteAt } };
}
