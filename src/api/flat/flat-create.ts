/**
 * `POST /create`: a form becomes a stored file becomes the active job.
 *
 * Which of two simultaneous calls gets the job is decided by the database alone. Whatever is not going to be a job
 * leaves no file: an upload that cannot win is read to its end and dropped, so that every client hears its answer,
 * and a stored file is deleted on every way out but the good one.
 */
import type { ErrorCode } from "../../core/error-table.ts";
import { SluiceError } from "../../core/errors.ts";
import type { JobService } from "../../core/job-service.ts";
import type { Job, StoredFile } from "../../core/job.ts";
import type { AppContext, Log, RouteTools } from "../app-context.ts";
import { isMultipart, readFileForm } from "../upload/file-form.ts";
import { checkBodyHeaders, requestBytes } from "../upload/request-body.ts";
import { flatRequestOf } from "./flat-request.ts";

/** What became of a `POST /create`. */
export type CreateOutcome =
  | { readonly kind: "started"; readonly job: Job }
  | { readonly kind: "busy" }
  | { readonly kind: "file_missing" };

type Taken = { readonly kind: "stored"; readonly file: StoredFile } | { readonly kind: "dropped" };

/**
 * Stores the file of the request and starts a job over it. A missing file is told before an active job. Errors: those
 * of the upload, and of deciding how the file is imported or run.
 */
export async function createFlat(c: AppContext, tools: RouteTools): Promise<CreateOutcome> {
  const { service, log } = tools;
  const contentType = c.req.header("content-type");
  if (!isMultipart(contentType)) return { kind: "file_missing" };
  checkBodyHeaders(c, tools.info);

  const isBusy = (await service.findFlatJob()) !== null;
  const form = await readFileForm<Taken>(contentType, requestBytes(c), {
    receive: async (name, source) =>
      isBusy ? drop(source) : { kind: "stored", file: await service.putFile(name, source) },
    discard: (taken) => release(taken, service, log),
  });
  if (!form.file) return { kind: "file_missing" };
  if (form.file.kind === "dropped") return { kind: "busy" };

  const { file } = form.file;
  let job: Job | null = null;
  try {
    const asked = flatRequestOf(form.fields, tools.info.create ?? "import");
    const { by } = c.get("actor");
    job =
      asked.kind === "import"
        ? await startImport(service, file, asked.table, by)
        : await service.createFlatJob({ ...asked, file: file.id }, { by });
  } finally {
    if (!job) await release(form.file, service, log);
  }
  return job ? { kind: "started", job } : { kind: "busy" };
}

/** Makes a new table where there is none of this name, and otherwise adds to it. */
async function startImport(
  service: JobService,
  file: StoredFile,
  table: string | undefined,
  by: string,
): Promise<Job | null> {
  const request = { kind: "import", file: file.id, ...(table && { table }) } as const;
  try {
    return await service.createFlatJob({ ...request, mode: "create" }, { by });
  } catch (error) {
    if (!hasCode(error, "table_exists")) throw error;
    try {
      return await service.createFlatJob({ ...request, mode: "append" }, { by });
    } catch (second) {
      // There is no table yet: another job is about to make it, as the first error says.
      throw hasCode(second, "table_not_found") ? error : second;
    }
  }
}

function hasCode(error: unknown, code: ErrorCode): boolean {
  return error instanceof SluiceError && error.code === code;
}

async function drop(source: AsyncIterable<Uint8Array>): Promise<Taken> {
  const pieces = source[Symbol.asyncIterator]();
  while (!(await pieces.next()).done);
  return { kind: "dropped" };
}

async function release(taken: Taken, service: JobService, log: Log): Promise<void> {
  if (taken.kind === "dropped") return;
  try {
    await service.deleteFile(taken.file.id);
  } catch (error) {
    // The refusal is what the client has to hear; the file is found in the list of files.
    log("warn", "the file of a refused create was not deleted", { file: taken.file.id, error });
  }
}
