/** Decides how the records of a file are told apart, for every kind of job that reads one. */
import type { ReadingPlan } from "../../core/import-plan.ts";
import type { StoredFile } from "../../core/job.ts";
import type { SourceSample } from "../../core/ports.ts";
import { decideReading, type ReadingOptions } from "../../core/reading-options.ts";
import { refuseOtherFormats } from "../../csv/file-format.ts";
import { findText, type FoundText } from "../../csv/find-text.ts";
import { readHeader, type Header } from "./read-header.ts";

/** The beginning of a stored file. */
export interface ReadingInput extends SourceSample {
  readonly file: StoredFile;
  /** Version of the stored file; absent where nothing is read from it later. */
  readonly sourceVersion?: string;
}

/** How a file is read, with the text and the header that this was told by. */
export interface PlannedReading {
  readonly plan: ReadingPlan;
  readonly file: FoundText;
  readonly header: Header;
}

/** Errors: the refusals of a file, see `planImport`. */
export function planReading(input: ReadingInput, options: ReadingOptions): PlannedReading {
  const reading = decideReading(options);
  const file = readText(input, options);
  const header = readHeader(file, reading);
  const plan: ReadingPlan = {
    dialect: file.dialect,
    reading,
    width: header.texts.length,
    encoding: file.encoding,
    start: { byte: file.text.origin.offsetOf(header.start.byte), line: header.start.line },
    source: sourceOf(input),
  };
  return { plan, file, header };
}

/** The text of the sample. Errors: those of `findText`, `unsupported_format`, `nested_compression`. */
export function readText(
  { sample, isWhole, packing }: SourceSample,
  options: ReadingOptions,
): FoundText {
  refuseOtherFormats(sample, packing !== undefined);
  return findText({ bytes: sample, isWhole }, options);
}

function sourceOf({
  file,
  sourceVersion,
  sourceBytes,
  packing,
}: ReadingInput): ReadingPlan["source"] {
  return {
    file: file.id,
    bytes: sourceBytes ?? file.bytes,
    sha256: file.sha256,
    ...(sourceVersion === undefined ? {} : { version: sourceVersion }),
    ...(packing === undefined ? {} : { packing }),
  };
}
