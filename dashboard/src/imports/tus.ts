/**
 * One file over the protocol tus 1.0, as far as this page needs it: begin, ask for the offset, send the rest in one piece,
 * give up. What the service acknowledges is durable; a piece that breaks off is continued from the offset that it tells.
 */
import { ApiError, callerHeaders, errorOf, send, unreachable } from "../api/request.ts";

const TUS = { "tus-resumable": "1.0.0" };

/** Begins an upload, and returns the id that its file gets. */
export async function beginUpload(file: File): Promise<string> {
  const response = await send("/v1/uploads", {
    method: "POST",
    headers: {
      ...TUS,
      "upload-length": String(file.size),
      "upload-metadata": `filename ${base64(file.name)}`,
    },
  });
  return response.headers.get("location")?.split("/").at(-1) ?? "";
}

/** How much of an upload is there. Errors: `not_found` when it has expired, or was given up. */
export async function offsetOf(id: string): Promise<number> {
  try {
    const response = await send(pathOf(id), { method: "HEAD", headers: TUS });
    return Number(response.headers.get("upload-offset"));
  } catch (thrown) {
    // An answer to HEAD has no words of its own.
    if (thrown instanceof ApiError && thrown.status === 404) throw gone();
    throw thrown;
  }
}

/** Gives an upload up. What came is removed. */
export async function endUpload(id: string): Promise<void> {
  await send(pathOf(id), { method: "DELETE", headers: TUS });
}

/**
 * Sends the bytes of `file` from `offset` on. `onProgress` hears how many of the file are sent. Errors: `ApiError`; an
 * abort throws the signal's reason.
 */
export function sendRest(
  id: string,
  file: File,
  offset: number,
  { onProgress, signal }: { onProgress: (bytes: number) => void; signal: AbortSignal },
): Promise<void> {
  // `fetch` says nothing of what it has sent.
  const request = new XMLHttpRequest();
  request.open("PATCH", pathOf(id));
  const headers = {
    ...callerHeaders(),
    ...TUS,
    "content-type": "application/offset+octet-stream",
    "upload-offset": String(offset),
  };
  for (const [name, value] of Object.entries(headers)) request.setRequestHeader(name, value);
  request.upload.addEventListener("progress", ({ loaded }) => onProgress(offset + loaded));
  return new Promise((resolve, reject) => {
    signal.addEventListener("abort", () => request.abort());
    request.addEventListener("abort", () => reject(signal.reason));
    request.addEventListener("error", () => reject(unreachable()));
    request.addEventListener("load", () => {
      if (request.status === 204) resolve();
      else reject(errorOf(request.status, request.responseText));
    });
    request.send(file.slice(offset));
  });
}

/** Whether sending again may help: no answer, a service that starts or is busy, an offset that is another by now. */
export function isPassing({ status }: ApiError): boolean {
  return status === 0 || status === 409 || status === 423 || status === 503;
}

function gone(): ApiError {
  return new ApiError(404, {
    code: "not_found",
    title: "The service does not have this upload any more",
    detail: "It was given up, or nobody went on with it for three days.",
  });
}

function pathOf(id: string): string {
  return `/v1/uploads/${id}`;
}

function base64(text: string): string {
  return btoa(String.fromCharCode(...new TextEncoder().encode(text)));
}
