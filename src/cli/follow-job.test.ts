import { once } from "node:events";
import type { ServerResponse } from "node:http";
import { Writable } from "node:stream";
import { expect, test } from "vitest";
import { aJobView, NOW, type JobViewParts } from "../../test/support/a-job-view.ts";
import { answerJson, startTestServer, type TestServer } from "../../test/support/http-server.ts";
import { SluiceClient } from "../client/index.ts";
import { createFollowDisplay } from "./follow-display.ts";
import { followJob, type FollowContext } from "./follow-job.ts";
import { createOutput, type Output } from "./terminal/output.ts";

/** An output that is no terminal, and what was written to its standard error. */
function plainOutput(): { readonly output: Output; readonly text: () => string } {
  let text = "";
  const stderr = new Writable({
    write: (chunk: Buffer, _encoding, done) => {
      text += chunk.toString();
      done();
    },
  });
  const stdout = new Writable({ write: (_chunk, _encoding, done) => done() });
  const options = { color: "never", canRedraw: true, isQuiet: false } as const;
  return { output: createOutput({ stdout, stderr, ...options }), text: () => text };
}

function contextOn(server: TestServer, output = plainOutput().output): FollowContext {
  return {
    client: new SluiceClient({ url: server.url }),
    output,
    input: { stdin: process.stdin, isInteractive: false },
    isOwnService: false,
  };
}

function send(response: ServerResponse, type: string, data: unknown): void {
  response.write(`event: ${type}\ndata: ${JSON.stringify(data)}\n\n`);
}

/** A service whose stream tells each of the views, one after the other. */
function startService(...views: readonly JobViewParts[]): Promise<TestServer> {
  return startTestServer((_request, response) => {
    response.writeHead(200, { "content-type": "text/event-stream" });
    for (const view of views) send(response, "job.updated", aJobView(view));
  });
}

test("following ends when the job ends, with its last view", async () => {
  await using server = await startService({}, { state: "succeeded", phase: null });

  const end = await followJob(aJobView({ state: "queued" }), contextOn(server));

  expect([end.kind, end.job.state]).toEqual(["ended", "succeeded"]);
});

test("a job that has ended already is not waited for", async () => {
  await using server = await startService();

  const end = await followJob(aJobView({ state: "stopped" }), contextOn(server));

  expect(end.kind).toBe("ended");
});

test("progress messages move the figures, and the rest of the job stays", async () => {
  await using server = await startTestServer((_request, response) => {
    response.writeHead(200, { "content-type": "text/event-stream" });
    const { id, progress, checkpoint } = aJobView();
    send(response, "job.progress", { id, progress: { ...progress, recordsRead: 9 }, checkpoint });
    send(response, "job.updated", aJobView({ state: "stopped" }));
  });
  const seen: unknown[] = [];

  await followJob(aJobView(), {
    ...contextOn(server),
    onJob: (job) => seen.push([job.state, job.progress.recordsRead, job.name]),
  });

  expect(seen).toContainEqual(["running", 9, "people.csv → public.people"]);
});

test("a pause that somebody else asked for is waited out", async () => {
  await using server = await startService(
    {
      state: "paused",
      phase: null,
      stateReason: { code: "paused", by: "dana", at: "2026-11-23T17:37:00.000Z" },
    },
    { state: "succeeded", phase: null },
  );
  const { output, text } = plainOutput();

  const end = await followJob(aJobView(), contextOn(server, output));

  expect(end.kind).toBe("ended");
  expect(text()).toContain("❚❚ Paused 48%");
});

test("a job that paused as asked is left where no key could resume it", async () => {
  const paused = {
    state: "paused",
    phase: null,
    pauseAfter: 10,
    progress: { recordsRead: 10 },
  } as const;
  await using server = await startService(paused);

  const end = await followJob(aJobView({ pauseAfter: 10 }), contextOn(server));

  expect([end.kind, end.job.state]).toEqual(["left", "paused"]);
});

test("a signal leaves a job of another service running", async () => {
  await using server = await startService({});
  const context = contextOn(server);
  let isFirst = true;

  const end = await followJob(aJobView(), {
    ...context,
    onJob: () => {
      if (!isFirst) process.emit("SIGTERM");
      isFirst = false;
    },
  });

  expect([end.kind, end.job.state]).toEqual(["left", "running"]);
});

test("a signal pauses a job of our own service before it is left", async () => {
  const actions: (string | undefined)[] = [];
  await using server = await startTestServer((request, response) => {
    if (request.method === "POST") {
      actions.push(request.url?.split("/").at(-1));
      return answerJson(response, 200, aJobView({ state: "paused", phase: null }));
    }
    response.writeHead(200, { "content-type": "text/event-stream" });
    send(response, "job", aJobView());
  });
  let isFirst = true;

  const end = await followJob(aJobView(), {
    ...contextOn(server),
    isOwnService: true,
    onJob: (job) => {
      if (!isFirst && job.state === "running") process.emit("SIGINT");
      isFirst = false;
    },
  });

  expect(actions).toEqual(["pause"]);
  expect([end.kind, end.job.state]).toEqual(["left", "paused"]);
});

test("a signal leaves a job of our own service that cannot be paused because the database is away", async () => {
  await using server = await startTestServer((request, response) => {
    if (request.method === "POST")
      return answerJson(response, 503, {
        code: "database_unavailable",
        detail: "Away.",
        status: 503,
      });
    response.writeHead(200, { "content-type": "text/event-stream" });
    send(response, "job", aJobView());
  });
  let isFirst = true;

  const end = await followJob(aJobView(), {
    ...contextOn(server),
    isOwnService: true,
    onJob: () => {
      if (!isFirst) process.emit("SIGINT");
      isFirst = false;
    },
  });

  expect([end.kind, end.job.state]).toEqual(["left", "running"]);
});

test("what keeps a service from answering is said once, in its words, and no progress meanwhile", () => {
  const { output, text } = plainOutput();
  const display = createFollowDisplay(output, { isOwnService: true });
  const show = (seconds: number, trouble: string | null): void =>
    display.show({
      job: aJobView(),
      prompt: null,
      retryMs: trouble === null ? null : 250,
      trouble,
      now: NOW + seconds * 1000,
    });

  show(0, null);
  show(10, "The database is away.");
  show(20, "The database is away.");
  show(30, null);

  expect(text().trim().split("\n")).toEqual([
    "! The database is away.",
    "▶ Running 48%  482,310 rows  21,480/s  about 25 s left  12 rejected",
  ]);
});

test("following ends when nobody reads any more", async () => {
  await using server = await startService({});
  const until = new AbortController();

  const following = followJob(aJobView(), { ...contextOn(server), until: until.signal });
  const aborted = once(until.signal, "abort");
  until.abort();
  await aborted;

  expect((await following).kind).toBe("left");
});

test("where lines are not redrawn there is one every ten seconds, and one for a pause", () => {
  const { output, text } = plainOutput();
  const display = createFollowDisplay(output, { isOwnService: false });
  const show = (seconds: number, parts: JobViewParts = {}): void =>
    display.show({ job: aJobView(parts), prompt: null, retryMs: null, now: NOW + seconds * 1000 });

  show(0);
  show(9);
  const early = text();
  show(10);
  show(11);
  show(12, { state: "paused", phase: null });

  expect(early).toBe("");
  expect(text().trim().split("\n")).toEqual([
    "▶ Running 48%  482,310 rows  21,480/s  about 25 s left  12 rejected",
    "❚❚ Paused 48%  482,310 rows  12 rejected",
  ]);
});
