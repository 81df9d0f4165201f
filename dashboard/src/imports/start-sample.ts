import { takeFile } from "./upload.ts";

/** Makes the sample, sends it, and leads on to its columns. */
export async function startSample(): Promise<void> {
  const { sampleDraft, sampleFile } = await import("./sample.ts");
  takeFile(sampleFile(), { draft: sampleDraft(), isKept: false });
}
