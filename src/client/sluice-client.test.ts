import { expect, test } from "vitest";
import { aJobView } from "../../test/support/a-job-view.ts";
import { answerJson, bodyOf, startTestServer } from "../../test/support/http-server.ts";
import { SluiceApiError, SluiceClient, type JobMessage } from "./index.ts";

const JOB = aJobView();

async function errorOf(promise: Promise<unknown>): Promise<SluiceApiError> {
  const error: unknown = await promise.then(
    () => null,
    (reason: unknown) => reason,
  );
  if (error instanceof SluiceApiError) return error;
  throw new Error(`Expected a SluiceApiError, got ${String(error)}`);
}

async function* pieces(...texts: readonly string[]): AsyncGenerator<Uint8Array> {
  for (const text of texts) yield await Promise.resolve(Buffer.from(text));
}

async function* brokenAfterOne(): AsyncGenerator<Uint8Array> {
  yield await Promise.resolve(Buffer.from("a"));
  throw new Error("the disk is gone");
}

test("a request carries the token, the query and the body", async () => {
  const seen: unknown[] = [];
  await using server = await startTestServer(async (request, response) => {
    seen.push(request.method, request.url, request.headers.authorization, await bodyOf(request));
    answerJson(response, 200, { items: [], next: null });
  });
  const client = new SluiceClient({ url: `${server.url}/`, token: "slu_secret" });

  await client.listJobs({ state: "queued,running", limit: 5 });
  await client.act("job_x", "stop", { rows: "undo" });

  expect(seen).toEqual([
    "GET",
    "/v1/jobs?state=queued%2Crunning&limit=5",
    "Bearer slu_secret",
    "",
    "POST",
    "/v1/jobs/job_x/stop",
    "Bearer slu_secret",
    '{"rows":"undo"}',
  ]);
});

test("an action tells whether its state is reached", async () => {
  await using server = await startTestServer((request, response) =>
    answerJson(response, request.url?.endsWith("pause") === true ? 202 : 200, JOB),
  );
  const client = new SluiceClient({ url: server.url });

  const answers = [await client.act(JOB.id, "pause"), await client.act(JOB.id, "resume")];

  expect(answers.map((answer) => answer.isReached)).toEqual([false, true]);
});

test("processes are asked for by their names, and the log of a job by its lines", async () => {
  const seen: unknown[] = [];
  await using server = await startTestServer(async (request, response) => {
    seen.push(`${request.method ?? ""} ${request.url ?? ""} ${await bodyOf(request)}`.trim());
    answerJson(response, 200, {});
  });
  const client = new SluiceClient({ url: server.url });

  await client.listProcesses();
  await client.getProcess("create-teams");
  await client.createProcess({ process: "notes", file: "file_x", params: { a: 1 } });
  await client.validateProcess({ process: "notes", file: "file_x" });
  await client.listLog("job_x", { limit: 5, cursor: "7" });

  expect(seen).toEqual([
    "GET /v1/processes",
    "GET /v1/processes/create-teams",
    'POST /v1/jobs {"process":"notes","file":"file_x","params":{"a":1},"kind":"process"}',
    'POST /v1/jobs {"process":"notes","file":"file_x","kind":"process","validateOnly":true}',
    "GET /v1/jobs/job_x/log?limit=5&cursor=7",
  ]);
});

test("a problem becomes an error with its code, state, actions and fields", async () => {
  await using server = await startTestServer((_request, response) =>
    answerJson(response, 409, {
      code: "transition_not_allowed",
      title: "The job cannot do this now",
      detail: "The job succeeded.",
      state: "succeeded",
      actions: ["undo"],
      errors: [{ pointer: "/rows", code: "x", detail: "not this" }],
      requestId: "req_1",
    }),
  );
  const client = new SluiceClient({ url: server.url });

  const error = await errorOf(client.act(JOB.id, "resume"));

  expect(error).toMatchObject({
    code: "transition_not_allowed",
    message: "The job succeeded.",
    status: 409,
    state: "succeeded",
    actions: ["undo"],
    errors: [{ pointer: "/rows", detail: "not this" }],
    requestId: "req_1",
  });
});

test("an answer that is none of Sluice's says where it came from", async () => {
  await using server = await startTestServer((_request, response) =>
    response.writeHead(502).end("<h1>Bad gateway</h1>"),
  );

  const error = await errorOf(new SluiceClient({ url: server.url }).getJob("job_x"));

  expect(error).toMatchObject({ code: "internal", status: 502 });
  expect(error.message).toContain(server.url);
});

test("a service that does not run is unreachable, and not alive", async () => {
  const server = await startTestServer((_request, response) => response.end());
  await server[Symbol.asyncDispose]();
  const client = new SluiceClient({ url: server.url });

  const error = await errorOf(client.listJobs());

  expect(error).toMatchObject({ code: "service_unreachable", status: 0 });
  expect(error.message).toContain("ECONNREFUSED");
  expect(await client.isAlive(1000)).toBe(false);
});

test("an upload is streamed under its name, and counted", async () => {
  const seen: string[] = [];
  await using server = await startTestServer(async (request, response) => {
    seen.push(request.method ?? "", request.url ?? "", await bodyOf(request));
    answerJson(response, 201, { id: "file_x" });
  });
  const counted: number[] = [];

  await new SluiceClient({ url: server.url }).uploadFile("my people.csv", pieces("ab", "cde"), {
    onProgress: (bytes) => counted.push(bytes),
  });

  expect(seen).toEqual(["PUT", "/v1/files/my%20people.csv", "abcde"]);
  expect(counted).toEqual([2, 5]);
});

test("an upload keeps nothing of what it has sent", async () => {
  const piece = Buffer.alloc(1024 * 1024, "a");
  let mostHeld = 0;
  async function* source(): AsyncGenerator<Uint8Array> {
    for (let count = 0; count < 256; count++) {
      mostHeld = Math.max(mostHeld, process.memoryUsage().arrayBuffers);
      yield await Promise.resolve(Buffer.from(piece));
    }
  }
  await using server = await startTestServer(async (request, response) => {
    for await (const _ of request);
    answerJson(response, 201, { id: "file_x" });
  });
  const heldBefore = process.memoryUsage().arrayBuffers;

  await new SluiceClient({ url: server.url }).uploadFile("a.csv", source());

  expect(mostHeld - heldBefore).toBeLessThan(160 * 1024 * 1024);
});

test("bytes in memory are uploaded as they are", async () => {
  let body = "";
  await using server = await startTestServer(async (request, response) => {
    body = await bodyOf(request);
    answerJson(response, 201, { id: "file_x" });
  });

  await new SluiceClient({ url: server.url }).uploadFile("a.csv", Buffer.from("a,b\n1,2\n"));

  expect(body).toBe("a,b\n1,2\n");
});

test("what the source of an upload throws is thrown again", async () => {
  await using server = await startTestServer((request, response) => {
    request.resume().on("error", () => response.destroy());
  });

  const upload = new SluiceClient({ url: server.url }).uploadFile("a.csv", brokenAfterOne());

  await expect(upload).rejects.toThrow("the disk is gone");
});

test("an aborted upload ends at once", async () => {
  await using server = await startTestServer((request) =>
    request.on("error", () => undefined).resume(),
  );
  const abort = new AbortController();
  async function* endless(): AsyncGenerator<Uint8Array> {
    for (;;) {
      yield await Promise.resolve(Buffer.from("a"));
      abort.abort(new Error("enough"));
    }
  }

  const upload = new SluiceClient({ url: server.url }).uploadFile("a.csv", endless(), {
    signal: abort.signal,
  });

  await expect(upload).rejects.toThrow("enough");
});

test("following goes on after the connection broke, from the last event seen", async () => {
  const lastIds: unknown[] = [];
  await using server = await startTestServer((request, response) => {
    lastIds.push(request.headers["last-event-id"]);
    response.writeHead(200, { "content-type": "text/event-stream" });
    const state = lastIds.length === 1 ? "running" : "succeeded";
    response.write(
      `id: ${lastIds.length}\nevent: job\ndata: ${JSON.stringify({ ...JOB, state })}\n\n`,
    );
    if (lastIds.length === 1)
      response.write("event: job.progress\ndata: {", () => response.destroy());
  });
  const stop = new AbortController();
  const connections: boolean[] = [];
  const states: unknown[] = [];

  const messages = new SluiceClient({ url: server.url }).follow({
    job: JOB.id,
    signal: stop.signal,
    onConnection: ({ isConnected }) => connections.push(isConnected),
  });
  for await (const message of messages) {
    if (message.type !== "job") continue;
    states.push(message.job.state);
    if (message.job.state === "succeeded") stop.abort();
  }

  expect(states).toEqual(["running", "succeeded"]);
  expect(lastIds).toEqual([undefined, "1"]);
  expect(connections).toEqual([true, false, true]);
});

test("each kind of message is told apart, and kinds of a newer service are passed over", async () => {
  await using server = await startTestServer((_request, response) => {
    response.writeHead(200, { "content-type": "text/event-stream" });
    response.write(": hello\n\nid: 1\nevent: reset\ndata: {}\n\n");
    response.write('event: job.progress\ndata: {"id":"job_x"}\n\n');
    response.write('event: job.paused\ndata: {"id":7}\n\n');
    response.write(`event: job.updated\ndata: ${JSON.stringify(JOB)}\n\n`);
  });
  const stop = new AbortController();
  const types: JobMessage["type"][] = [];

  for await (const message of new SluiceClient({ url: server.url }).follow({
    signal: stop.signal,
  })) {
    types.push(message.type);
    if (message.type === "job.updated") stop.abort();
  }

  expect(types).toEqual(["job.progress", "timeline", "job.updated"]);
});

test("following a job that does not exist is an error, not a retry", async () => {
  await using server = await startTestServer((_request, response) =>
    answerJson(response, 404, { code: "not_found", detail: "There is no such job." }),
  );
  const messages = new SluiceClient({ url: server.url }).follow({
    job: "job_x",
    signal: new AbortController().signal,
  });

  const error = await errorOf(messages.next());

  expect(error.code).toBe("not_found");
});
