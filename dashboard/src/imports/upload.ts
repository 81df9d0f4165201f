/** The upload that is on its way. It goes on while other screens are shown, and ends at the columns of its file. */
import { signal } from "@preact/signals";
import { announce } from "../announce.ts";
import { uploadFile } from "../api/calls.ts";
import { toApiError, type ApiError } from "../api/request.ts";
import { goTo, place } from "../router.ts";

/** An upload, under way or broken off. */
export interface Upload {
  readonly file: File;
  readonly sentBytes: number;
  /** Why it broke off; null while it goes on. */
  readonly error: ApiError | null;
}

/** The upload, or null when there is none. */
export const upload = signal<Upload | null>(null);

/** Screens from which the end of an upload leads on to the columns. */
const WAITING_ROOMS = new Set(["/", "/jobs", "/import"]);

let ending: AbortController | null = null;

/** Uploads a file. Another upload that is under way is given up. */
export async function startUpload(file: File): Promise<void> {
  cancelUpload();
  const mine = new AbortController();
  ending = mine;
  upload.value = { file, sentBytes: 0, error: null };
  const note = (change: Partial<Upload>): void => {
    if (!mine.signal.aborted && upload.value !== null)
      upload.value = { ...upload.value, ...change };
  };
  addEventListener("beforeunload", warn);
  try {
    const stored = await uploadFile(file, (sentBytes) => note({ sentBytes }), mine.signal);
    upload.value = null;
    announce(`${file.name} is uploaded.`);
    if (WAITING_ROOMS.has(place.value.path)) goTo(`/import/${stored.id}`);
  } catch (thrown) {
    note({ error: toApiError(thrown) });
  } finally {
    removeEventListener("beforeunload", warn);
  }
}

/** Gives the upload up; the service keeps nothing of it. */
export function cancelUpload(): void {
  ending?.abort(new Error("The upload was given up."));
  ending = null;
  upload.value = null;
}

/** The browser asks before it closes a tab that uploads. */
function warn(event: BeforeUnloadEvent): void {
  event.preventDefault();
}
