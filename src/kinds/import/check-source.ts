/** Whether the stored file is still the one that a plan was made for. */
import { SluiceError } from "../../core/errors.ts";
import type { ReadingPlan } from "../../core/import-plan.ts";
import type { FileStore } from "../../core/ports.ts";

/**
 * Errors: `source_changed` when the file is gone, or is not the one that the plan was made for any more. One that arrives
 * only has to be there: what it will be is not known yet.
 */
export async function checkSource(files: FileStore, plan: ReadingPlan): Promise<void> {
  if (plan.source.isArriving === true)
    return (await files.open(plan.source.file, { start: 0, end: 0 })).close();
  const stat = await files.stat(plan.source.file);
  const { bytes, packing, version } = plan.source;
  const expected = packing?.storedBytes ?? bytes;
  if (stat?.bytes !== expected) throw changedSource(expected, stat?.bytes ?? null);
  if (version === undefined || stat.version === version) return;
  throw new SluiceError(
    "source_changed",
    "The file was written to since the job was created. Put the first one back, with its time, or import the new one.",
  );
}

/** The file has another size than expected. `actual` is null when there is none. */
export function changedSource(expected: number, actual: number | null): SluiceError {
  if (actual === null)
    return new SluiceError(
      "source_changed",
      "The file is gone from the folder of files (SLUICE_FILES). Put it back there and resume, or send it again.",
    );
  return new SluiceError(
    "source_changed",
    `Expected ${expected} bytes in the file, as when the job was created, but found ${actual}.`,
  );
}
