/** Chooses the transcoder of an encoding. */
import { TableTranscoder } from "./table-transcoder.ts";
import type { Transcoder } from "./transcoder.ts";
import { Utf16Transcoder } from "./utf16-transcoder.ts";

/** What a transcoder does besides. */
export interface TranscoderOptions {
  /** Canonical name of the encoding. */
  readonly encoding: string;
  /** NUL becomes U+FFFD. */
  readonly replacesNul: boolean;
}

/** The transcoder of an encoding; null when the text is the source as it is. */
export function makeTranscoder({ encoding, replacesNul }: TranscoderOptions): Transcoder | null {
  if (encoding === "utf-8" && !replacesNul) return null;
  if (encoding === "utf-16le") return new Utf16Transcoder(false, replacesNul);
  if (encoding === "utf-16be") return new Utf16Transcoder(true, replacesNul);
  return new TableTranscoder(encoding, replacesNul);
}
