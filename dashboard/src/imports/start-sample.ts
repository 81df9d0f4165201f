import { sampleDraft, sampleFile } from "./sample.ts";
import { takeFile } from "./upload.ts";

/** Makes the sample, sends it, and leads on to its columns. */
export function startSample(): void {
  takeFile(sampleFile(), { draft: sampleDraft(), isKept: false });
}
