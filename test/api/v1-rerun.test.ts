import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { importJobSchema, jobSchema } from "../../src/api/schemas/job.ts";
import { jobListSchema } from "../../src/api/schemas/job-request.ts";
import { timelineSchema } from "../../src/api/schemas/history.ts";
import { openApiFixture, type ApiFixture } from "./api-fixture.ts";

const CSV = "id,zip\n1,2139\n2,x\n3,94110\n";

let api: ApiFixture;
let tableNo = 0;
beforeAll(async () => {
  api = await openApiFixture();
});
afterEach(() => api.clear());
afterAll(() => api?.dispose());

const newTable = (): string => `public.rerun_${++tableNo}`;

/** Creates a job in which one record does not fit, and returns its id. */
async function createdId(extra: Record<string, unknown> = {}): Promise<string> {
  const file = await api.store(CSV);
  const types = { zip: "integer" };
  const request = { kind: "import", file, table: newTable(), types, ...extra };
  const { status, body } = await api.post("/v1/jobs", request);
  expect(status).toBe(201);
  return String(body["id"]);
}

const rerun = (id: string, body: unknown = {}, headers: Record<string, string> = {}) =>
  api.post(`/v1/jobs/${id}/rerun`, body, headers);

async function jobOf(id: string) {
  return importJobSchema.parse((await api.call(`/v1/jobs/${id}`)).body);
}

describe("a rerun", () => {
  test("is a new job over the same file, with what was asked before and the corrections", async () => {
    const id = await createdId({ maxRejected: 7, columns: { id: "number" } });
    await api.runner.finish(id);
    const table = newTable();

    const { status, body, headers } = await rerun(id, { table, types: { zip: "text" } });

    const job = jobSchema.parse(body);
    expect(status).toBe(201);
    expect(headers.get("location")).toBe(`/v1/jobs/${job.id}`);
    expect(job).toMatchObject({
      state: "queued",
      file: (await jobOf(id)).file,
      parent: id,
      table,
      types: { zip: "text" },
      columns: { id: "number" },
      maxRejected: 7,
      createdBy: "local",
      links: { parent: `/v1/jobs/${id}` },
    });
    await api.runner.finish(job.id);
    expect((await jobOf(job.id)).progress).toMatchObject({ recordsWritten: 3, recordsRejected: 0 });
  });

  test("takes away what is null", async () => {
    const id = await createdId({ maxRejected: 7, columns: { id: null }, name: "mine" });
    await api.post(`/v1/jobs/${id}/stop`, {});

    const { body } = await rerun(id, { columns: null, types: null, maxRejected: null, name: null });

    expect(jobSchema.parse(body)).toMatchObject({ columns: {}, types: {}, maxRejected: null });
    expect(body["name"]).toMatch(/^people\.csv → public\.rerun_/);
  });

  test("is known to both jobs, and leaves the first as it was", async () => {
    const id = await createdId();
    await api.post(`/v1/jobs/${id}/stop`, { reason: "wrong file" });
    const before = await jobOf(id);

    const { body } = await rerun(id);

    const child = String(body["id"]);
    const children = jobListSchema.parse((await api.call(before.links.children)).body);
    expect(children.items.map((job) => job.id)).toEqual([child]);
    const timelineOf = async (job: string) =>
      timelineSchema.parse((await api.call(`/v1/jobs/${job}/timeline`)).body).items;
    expect((await timelineOf(id)).at(-1)).toMatchObject({
      type: "job.rerun",
      by: "local",
      details: { job: child },
    });
    expect((await timelineOf(child))[0]).toMatchObject({
      type: "job.created",
      details: { parent: id },
    });
    expect(await jobOf(id)).toEqual(before);
  });

  test("still names a job that was forgotten", async () => {
    const id = await createdId();
    await api.post(`/v1/jobs/${id}/stop`, {});
    const child = String((await rerun(id)).body["id"]);

    await api.service.deleteJob(id);

    expect((await jobOf(child)).parent).toBe(id);
  });

  test("with validateOnly decides everything and creates nothing", async () => {
    const id = await createdId();
    await api.runner.finish(id);
    const table = newTable();

    const { status, body } = await rerun(id, { table, types: { zip: "text" }, validateOnly: true });

    expect(status).toBe(200);
    expect(body).toMatchObject({ validateOnly: true, table });
    const children = await api.call(`/v1/jobs?parent=${id}`);
    expect(children.body).toEqual({ items: [], next: null });
  });

  test("is made once under a repeated Idempotency-Key, also when the first is active again", async () => {
    const id = await createdId({ maxRejected: 0 });
    await api.runner.commit(id, 5);
    await api.runner.fail(id);
    const key = { "Idempotency-Key": "again-1" };
    const table = newTable();
    const first = await rerun(id, { table }, key);
    await api.post(`/v1/jobs/${id}/resume`, {});

    const second = await rerun(id, { table }, key);
    const other = await rerun(id, { table: newTable() }, key);

    expect([first.status, second.status]).toEqual([201, 200]);
    expect(second.body["id"]).toBe(first.body["id"]);
    expect(other).toMatchObject({ status: 422, body: { code: "idempotency_key_reused" } });
  });

  test.each(["queued", "running", "paused"])("is refused while the job is %s", async (state) => {
    const id = await createdId({ startPaused: state === "paused" });
    if (state === "running") await api.runner.commit(id, 1);

    const created = await rerun(id);
    const validated = await rerun(id, { validateOnly: true });

    for (const answer of [created, validated])
      expect(answer).toMatchObject({
        status: 409,
        body: { code: "transition_not_allowed", state },
      });
    expect((await jobOf(id)).actions).not.toContain("rerun");
  });

  test.each(["stopped", "succeeded", "failed", "undone"])(
    "is offered when the job is %s",
    async (state) => {
      const id = await createdId();
      if (state === "stopped") await api.post(`/v1/jobs/${id}/stop`, {});
      else if (state === "succeeded") await api.runner.finish(id);
      else {
        await api.runner.commit(id, 1);
        await api.runner.fail(id);
        if (state === "undone") await api.post(`/v1/jobs/${id}/undo`, {});
      }

      const job = await jobOf(id);
      const { status } = await rerun(id, { table: newTable() });

      expect(job.state).toBe(state);
      expect(job.actions).toContain("rerun");
      expect(status).toBe(201);
    },
  );

  test("into the table that the first has made is refused, and makes no job", async () => {
    const id = await createdId();
    await api.runner.finish(id);

    expect(await rerun(id)).toMatchObject({ status: 409, body: { code: "table_exists" } });
    expect((await api.call(`/v1/jobs?parent=${id}`)).body["items"]).toEqual([]);
  });

  test("of a file that was deleted is refused", async () => {
    const id = await createdId();
    await api.post(`/v1/jobs/${id}/stop`, {});
    await api.service.deleteFile((await jobOf(id)).file);

    expect(await rerun(id)).toMatchObject({ status: 404, body: { code: "not_found" } });
  });

  test.each([
    [{ file: "file_01m84qvm34fc7rq4ee6xdwhyxw" }, "/file"],
    [{ kind: "import" }, "/kind"],
    [{ from: "checkpoint" }, "/from"],
    [{ mode: "merge" }, "/mode"],
  ])("takes nothing but the fields of a request: not %j", async (body, pointer) => {
    expect(await rerun(await createdId(), body)).toMatchObject({
      status: 422,
      body: { errors: [{ pointer }] },
    });
  });
});
