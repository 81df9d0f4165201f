/** Uploading the file of a command, with what is seen of it meanwhile. */
import { SluiceApiError, type FileView } from "../client/index.ts";
import { SluiceError } from "../core/errors.ts";
import type { CommandService } from "./command-service.ts";
import type { Invocation } from "./command.ts";
import type { ImportSource } from "./import-source.ts";
import { createUploadView } from "./upload-view.ts";

/** Uploads the file. Errors: those of `CommandService.upload`. */
export async function uploadSource(
  { output }: Invocation,
  service: CommandService,
  source: ImportSource,
  signal: AbortSignal,
): Promise<FileView> {
  const view = createUploadView(output, source.name, source.bytes);
  try {
    return await service.upload(source, { onProgress: (bytes) => view.show(bytes), signal });
  } finally {
    view.clear();
  }
}

/**
 * Waits for an answer without which there is no job, so that a lost service leaves no doubt: `consequence` says that nothing
 * has happened.
 */
export async function beforeJob<T>(
  answer: Promise<T>,
  source: ImportSource,
  consequence: string,
): Promise<T> {
  try {
    return await answer;
  } catch (cause) {
    if (!(cause instanceof SluiceApiError && cause.code === "service_unreachable")) throw cause;
    throw new SluiceError(
      "service_unreachable",
      `The service went away before it had all of ${source.name}. ${consequence}; run it again.`,
      { cause },
    );
  }
}
