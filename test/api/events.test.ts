import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { progressMessageSchema, timelineEventSchema } from "../../src/api/schemas/history.ts";
import { jobSchema } from "../../src/api/schemas/job.ts";
import { openApiFixture, type ApiFixture } from "./api-fixture.ts";

const CSV = "id\n" + Array.from({ length: 100 }, (_, i) => `${i + 1}\n`).join("");

let api: ApiFixture;
let tableNo = 0;
const open: EventReader[] = [];
beforeAll(async () => {
  api = await openApiFixture();
});
afterEach(async () => {
  for (const reader of open.splice(0)) await reader.close();
  await api.clear();
});
afterAll(() => api?.dispose());

interface Message {
  readonly id: number;
  readonly event: string;
  readonly data: unknown;
}

/** Reads messages of a stream one by one. */
class EventReader {
  readonly response: Response;
  readonly #reader: ReadableStreamDefaultReader<Uint8Array>;
  readonly #decoder = new TextDecoder();
  #text = "";

  constructor(response: Response) {
    if (!response.body) throw new Error("the answer has no body");
    this.response = response;
    this.#reader = response.body.getReader();
    open.push(this);
  }

  /** The next message; comments and settings are passed over. */
  async next(): Promise<Message> {
    for (;;) {
      const end = this.#text.indexOf("\n\n");
      if (end === -1) {
        const { done, value } = await this.#reader.read();
        if (done) throw new Error("the stream ended");
        this.#text += this.#decoder.decode(value, { stream: true });
        continue;
      }
      const block = this.#text.slice(0, end);
      this.#text = this.#text.slice(end + 2);
      const fields = new Map(
        block.split("\n").map((line) => line.split(": ", 2) as [string, string]),
      );
      const event = fields.get("event");
      if (event !== undefined)
        return {
          id: Number(fields.get("id")),
          event,
          data: JSON.parse(block.slice(block.indexOf("data: ") + 6).split("\n")[0] ?? ""),
        };
    }
  }

  /** The next message that `wanted` accepts. */
  async until(wanted: (message: Message) => boolean): Promise<Message> {
    for (;;) {
      const message = await this.next();
      if (wanted(message)) return message;
    }
  }

  async close(): Promise<void> {
    await this.#reader.cancel();
  }
}

async function follow(query: string, lastEventId?: number): Promise<EventReader> {
  const headers = lastEventId === undefined ? {} : { "Last-Event-ID": String(lastEventId) };
  return new EventReader(await api.app.request(`/v1/events${query}`, { headers }));
}

async function aJob(): Promise<string> {
  const file = await api.store(CSV);
  const request = { kind: "import", file, table: `events_${++tableNo}` } as const;
  return (await api.service.createJob(request, { by: "test" })).job.id;
}

const isState = (state: string) => (message: Message) =>
  message.event === "job.updated" && jobSchema.parse(message.data).state === state;

describe("GET /v1/events?job=", () => {
  test("begins with the whole job", async () => {
    const id = await aJob();

    const stream = await follow(`?job=${id}`);
    const first = await stream.next();

    expect(stream.response.headers.get("content-type")).toContain("text/event-stream");
    expect(first.event).toBe("job");
    expect(jobSchema.parse(first.data)).toMatchObject({ id, state: "queued" });
  });

  test("tells a change as its event and then the whole job, under the event's id", async () => {
    const id = await aJob();
    const stream = await follow(`?job=${id}`);
    const first = await stream.next();

    await api.service.act(id, "pause", { by: "dana" }, { reason: "lunch" });
    const event = await stream.until((message) => message.event === "job.paused");
    const updated = await stream.next();

    expect(timelineEventSchema.parse(event.data)).toMatchObject({ job: id, by: "dana" });
    expect(event.id).toBeGreaterThan(first.id);
    expect(isState("paused")(updated)).toBe(true);
    expect(updated.id).toBe(event.id);
  });

  test("tells progress without the whole job", async () => {
    const id = await aJob();
    await api.runner.commit(id, 10);
    const stream = await follow(`?job=${id}`);
    await stream.next();

    await api.runner.commit(id, 15);
    const message = await stream.next();

    expect(message.event).toBe("job.progress");
    expect(progressMessageSchema.parse(message.data)).toMatchObject({
      id,
      progress: { recordsRead: 25 },
      checkpoint: { recordsRead: 25 },
    });
  });

  test("brings what a returning client has missed, in order", async () => {
    const id = await aJob();
    const before = await follow(`?job=${id}`);
    const { id: seen } = await before.next();
    await before.close();
    await api.service.act(id, "pause", { by: "dana" });
    await api.service.act(id, "resume", { by: "dana" });
    const missed = (await api.service.listEvents(id, seen)).map((event) => event.id);

    const after = await follow(`?job=${id}`, seen);
    const first = await after.next();
    const replayed = [];
    for (const _ of missed) replayed.push(await after.next());

    expect(missed.length).toBeGreaterThan(1);
    expect({ event: first.event, id: first.id }).toEqual({ event: "job", id: seen });
    expect(replayed.map((message) => message.id)).toEqual(missed);
    expect(replayed.map((message) => message.event)).toContain("job.paused");
  });

  test("ends when the client goes away", async () => {
    const stream = await follow(`?job=${await aJob()}`);
    await stream.next();

    await expect(stream.close()).resolves.toBeUndefined();
  });

  test("does not begin for a job that does not exist, or with another query", async () => {
    const missing = await api.app.request("/v1/events?job=job_01m84qvwcgffer2s6r76fqcz25");
    const wrong = await api.app.request("/v1/events?jobs=all");

    expect([missing.status, wrong.status]).toEqual([404, 422]);
  });
});

describe("GET /v1/events", () => {
  test("brings what a returning client has missed of every job, in order", async () => {
    const [ended, active] = [await aJob(), await aJob()];
    const before = await follow("");
    await before.until(({ data }) => jobSchema.safeParse(data).data?.id === active);
    const seen = (await api.service.listEvents(active)).at(-1)?.id ?? 0;
    await before.close();
    await api.service.act(ended, "stop", { by: "dana" });
    await api.service.act(active, "pause", { by: "dana" });
    const missed = (await api.service.listEventsOfAll(seen)).map((event) => event.id);

    const after = await follow("", seen);
    const whole = [await after.next(), await after.next()];
    const replayed = [];
    for (const _ of missed) replayed.push(await after.next());

    expect(whole.map(({ event, id }) => ({ event, id }))).toEqual([
      { event: "job", id: seen },
      { event: "job", id: seen },
    ]);
    expect(whole.map(({ data }) => jobSchema.parse(data).state)).toEqual(["stopped", "paused"]);
    expect(replayed.map((message) => message.id)).toEqual(missed);
    expect(replayed.map(({ event }) => event)).toEqual(
      expect.arrayContaining(["job.stopped", "job.paused"]),
    );
  });

  test("follows every active job, new ones too, to its end", async () => {
    const first = await aJob();
    const stream = await follow("");
    const introduced = await stream.next();

    const second = await aJob();
    const newcomer = await stream.until(({ event }) => event === "job");
    await api.service.act(first, "stop", { by: "test" });
    const ended = await stream.until(isState("stopped"));

    expect(jobSchema.parse(introduced.data).id).toBe(first);
    expect(jobSchema.parse(newcomer.data).id).toBe(second);
    expect(jobSchema.parse(ended.data).id).toBe(first);
  });
});
