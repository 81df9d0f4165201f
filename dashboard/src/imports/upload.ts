/**
 * The upload that is on its way. It goes on while other screens are shown, is tried again when the connection breaks, and ends
 * at the columns of its file. What it is is kept in the browser, so that after a reload, or another day, the person can
 * choose the same file and the rest is sent. One tab sends: it holds a lock for as long.
 */
import { signal } from "@preact/signals";
import { announce } from "../announce.ts";
import { toApiError, type ApiError } from "../api/request.ts";
import { goTo, place } from "../router.ts";
import { keep, recall } from "../storage.ts";
import { keepDraft, type Draft } from "./draft.ts";
import { beginUpload, endUpload, isPassing, offsetOf, sendRest } from "./tus.ts";

const KEPT = "upload";
const RETRIES_MS = [1000, 2000, 4000, 8000, 16_000];
/** Screens from which the end of an upload leads on to the columns. */
const WAITING_ROOMS = new Set(["/", "/jobs", "/import"]);

/** What tells a file again when a person chooses it. */
type FileMark = Pick<File, "name" | "size" | "lastModified">;

/**
 * An upload. `sending`: bytes go out; `waiting`: they will again in a moment; `paused` by the person; `failed`: see
 * `error`; `kept`: of an earlier visit, and the browser does not have its file any more.
 */
export interface Upload {
  readonly file: FileMark;
  /** Null before the service has answered. */
  readonly id: string | null;
  readonly sentBytes: number;
  readonly state: "sending" | "waiting" | "paused" | "failed" | "kept";
  readonly error: ApiError | null;
}

/** The upload, or null when there is none. */
export const upload = signal<Upload | null>(null);

/** What is done with a file beside sending it. */
export interface UploadOptions {
  /** What is decided of its import already. */
  readonly draft?: Draft;
  /** What comes when the file is there. Default: the columns of its import, unless the person is elsewhere by then. */
  readonly onDone?: (fileId: string) => void;
  /** Whether the upload can be continued after a reload. A file that the page has made cannot. Default true. */
  readonly isKept?: boolean;
}

/** The bytes of the upload, while this page has them. */
let source: File | null = null;
let options: UploadOptions = {};
let ending: AbortController | null = null;

function note(change: Partial<Upload>): void {
  if (upload.value !== null) upload.value = { ...upload.value, ...change };
}

/** Takes a file that a person chose: the rest of the upload that waits for it, or a new one in the place of any other. */
export function takeFile(file: File, how: UploadOptions = {}): void {
  const waiting = upload.value;
  if (waiting?.state === "kept" && isSame(waiting.file, file)) {
    source = file;
    void send();
    return;
  }
  cancelUpload();
  source = file;
  options = how;
  const { name, size, lastModified } = file;
  upload.value = {
    file: { name, size, lastModified },
    id: null,
    sentBytes: 0,
    state: "sending",
    error: null,
  };
  void send();
}

/** Stops sending. What arrived is kept. */
export function pauseUpload(): void {
  ending?.abort(new Error("The upload was paused."));
  note({ state: "paused" });
}

/** Goes on with an upload that was paused, or failed. */
export function continueUpload(): void {
  if (source !== null) void send();
}

/** Gives the upload up; the service keeps nothing of it. */
export function cancelUpload(): void {
  ending?.abort(new Error("The upload was given up."));
  const id = upload.value?.id ?? null;
  // When it cannot be told, the service forgets it by itself.
  if (id !== null) endUpload(id).catch(() => undefined);
  forget();
}

function forget(): void {
  upload.value = null;
  source = null;
  options = {};
  keep(KEPT, null);
}

/** Looks for an upload of an earlier visit that nobody goes on with, and asks how much of it is there. */
export async function findKept(): Promise<void> {
  const text = recall(KEPT);
  if (text === null || upload.value !== null) return;
  try {
    const { id, file } = JSON.parse(text) as { id: string; file: FileMark }; // written below
    if (await isElsewhere(id)) return;
    const sentBytes = await offsetOf(id);
    if (upload.value !== null) return;
    if (sentBytes >= file.size) keep(KEPT, null);
    else upload.value = { file, id, sentBytes, state: "kept", error: null };
  } catch (thrown) {
    // Where the service does not answer it is asked again another time.
    if (toApiError(thrown).status === 404) keep(KEPT, null);
  }
}

function isSame(one: FileMark, other: FileMark): boolean {
  return (
    one.name === other.name && one.size === other.size && one.lastModified === other.lastModified
  );
}

async function send(): Promise<void> {
  const mine = new AbortController();
  ending = mine;
  addEventListener("beforeunload", warn);
  try {
    await sendUntilWhole(mine.signal);
  } catch (thrown) {
    if (mine.signal.aborted) return;
    const error = toApiError(thrown);
    // What the service does not know any more is sent from the start.
    note({ state: "failed", error, ...(error.status === 404 ? { id: null, sentBytes: 0 } : {}) });
    return;
  } finally {
    if (ending === mine) removeEventListener("beforeunload", warn);
  }
  const { name } = upload.value?.file ?? { name: "" };
  const id = upload.value?.id ?? "";
  const { draft, onDone } = options;
  if (draft !== undefined) keepDraft(id, null, draft);
  forget();
  announce(`${name} is uploaded.`);
  if (onDone !== undefined) onDone(id);
  else if (WAITING_ROOMS.has(place.value.path)) goTo(`/import/${id}`);
}

async function sendUntilWhole(ended: AbortSignal): Promise<void> {
  let failures = 0;
  for (;;) {
    let offset = 0;
    try {
      await sendOnce(ended, (from) => {
        offset = from;
      });
      return;
    } catch (thrown) {
      ended.throwIfAborted();
      const error = toApiError(thrown);
      if ((upload.value?.sentBytes ?? 0) > offset) failures = 0;
      const pause = RETRIES_MS[failures];
      if (!isPassing(error) || pause === undefined) throw error;
      failures += 1;
      note({ state: "waiting" });
      await new Promise((resolve) => setTimeout(resolve, pause));
      ended.throwIfAborted();
    }
  }
}

/** Sends what the service does not have yet. `onOffset` is told where that begins. */
async function sendOnce(ended: AbortSignal, onOffset: (offset: number) => void): Promise<void> {
  if (source === null) throw new Error("The page does not have the file any more.");
  const file = source;
  const known = upload.value?.id ?? null;
  const id = known ?? (await beginUpload(file));
  ended.throwIfAborted();
  if (known === null) {
    note({ id });
    if (options.isKept !== false) keep(KEPT, JSON.stringify({ id, file: upload.value?.file }));
  }
  const offset = known === null ? 0 : await offsetOf(id);
  ended.throwIfAborted();
  onOffset(offset);
  note({ sentBytes: offset, state: "sending", error: null });
  if (offset === file.size) return;
  const onProgress = (sentBytes: number): void => {
    if (!ended.aborted) note({ sentBytes });
  };
  await alone(id, () => sendRest(id, file, offset, { onProgress, signal: ended }));
}

function lockOf(id: string): string {
  return `sluice.upload.${id}`;
}

/** Holds the lock of an upload meanwhile. Pages of plain http from another machine have no locks. */
function alone(id: string, work: () => Promise<void>): Promise<void> {
  return "locks" in navigator ? navigator.locks.request(lockOf(id), work) : work();
}

/** Whether another tab sends it. */
async function isElsewhere(id: string): Promise<boolean> {
  if (!("locks" in navigator)) return false;
  return navigator.locks.request(lockOf(id), { ifAvailable: true }, (lock) => lock === null);
}

/** The browser asks before it closes a tab that uploads. */
function warn(event: BeforeUnloadEvent): void {
  event.preventDefault();
}
