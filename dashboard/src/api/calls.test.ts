import { afterEach, expect, test, vi } from "vitest";
import { inspectFile } from "./calls.ts";

const PART = { table: "people" };

afterEach(() => {
  vi.unstubAllGlobals();
});

/** The service answers one part, and then the stream ends with this. */
function answerAndBreak(end: Error): void {
  let isFirst = true;
  const body = new ReadableStream<Uint8Array>({
    pull: (controller) => {
      if (isFirst) controller.enqueue(new TextEncoder().encode(`${JSON.stringify(PART)}\n`));
      else controller.error(end);
      isFirst = false;
    },
  });
  vi.stubGlobal("fetch", () => Promise.resolve(new Response(body)));
}

test("a check that breaks off says that the service does not answer", async () => {
  answerAndBreak(new TypeError("network error"));
  const heard: unknown[] = [];

  await expect(
    inspectFile("file_1", {}, new AbortController().signal, (part) => heard.push(part)),
  ).rejects.toMatchObject({ name: "ApiError", code: "service_unreachable", status: 0 });
  expect(heard).toEqual([PART]);
});

test("a check that nobody waits for any more ends with the reason for that", async () => {
  const reason = new Error("Another question has been asked.");
  answerAndBreak(new DOMException("aborted", "AbortError"));

  await expect(inspectFile("file_1", {}, AbortSignal.abort(reason), () => undefined)).rejects.toBe(
    reason,
  );
});
