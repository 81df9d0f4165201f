import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { timelineSchema } from "../../src/api/schemas/history.ts";
import { openApiFixture, type ApiFixture } from "./api-fixture.ts";

const CSV = "id,age\n" + Array.from({ length: 100 }, (_, i) => `${i + 1},${i}\n`).join("");

let api: ApiFixture;
let tableNo = 0;
beforeAll(async () => {
  api = await openApiFixture();
});
afterEach(() => api.clear());
afterAll(() => api?.dispose());

/** Creates a job over `csv` in a new table, and returns its id. */
async function createdId(extra: Record<string, unknown> = {}, csv = CSV): Promise<string> {
  const file = await api.store(csv);
  const request = { kind: "import", file, table: `v1_${++tableNo}`, ...extra };
  const { status, body } = await api.post("/v1/jobs", request);
  expect(status).toBe(201);
  return String(body["id"]);
}

describe("actions on a job", () => {
  test("pause, resume and stop a job, and may be repeated", async () => {
    const id = await createdId();
    await api.runner.commit(id, 10);

    const states = [];
    for (const action of ["pause", "pause", "resume", "resume", "stop", "stop"]) {
      const { status, body } = await api.call(`/v1/jobs/${id}/${action}`, { method: "POST" });
      states.push(`${action} ${status} ${String(body["state"])}`);
    }

    expect(states).toEqual([
      "pause 200 paused",
      "pause 200 paused",
      "resume 200 queued",
      "resume 200 queued",
      "stop 200 stopped",
      "stop 200 stopped",
    ]);
  });

  test("take settings and a reason", async () => {
    const id = await createdId({ startPaused: true });

    const { status, body } = await api.post(`/v1/jobs/${id}/resume`, {
      pauseAfter: 50,
      maxRejected: 3,
      reason: "looked at it",
    });

    expect(status).toBe(200);
    expect(body).toMatchObject({ maxRejected: 3, pauseAfter: 50 });
    const timeline = timelineSchema.parse((await api.call(`/v1/jobs/${id}/timeline`)).body);
    expect(timeline.items.at(-1)).toMatchObject({
      by: "local",
      details: { reason: "looked at it" },
    });
  });

  test("undo what has ended, and say before what that would come to", async () => {
    const id = await createdId();
    await api.runner.finish(id);

    const preview = await api.post(`/v1/jobs/${id}/undo`, { validateOnly: true });
    expect(preview).toMatchObject({ status: 200 });
    expect(preview.body).toEqual({
      rowsRemoved: 100,
      rowsRestored: 0,
      rowsLeft: 0,
      isEstimate: false,
      dropsTable: true,
    });

    expect(await api.post(`/v1/jobs/${id}/undo`, {})).toMatchObject({
      status: 200,
      body: {
        state: "undone",
        result: { rows: "undone", rowsRemoved: 100, isTableDropped: true },
        undo: { possible: false, reason: "already_undone" },
      },
    });
    expect(await api.post(`/v1/jobs/${id}/undo`, { validateOnly: true })).toMatchObject({
      status: 409,
      body: { code: "transition_not_allowed", state: "undone" },
    });
  });

  test("that are not possible any more say why", async () => {
    const id = await createdId();
    await api.runner.finish(id);
    await api.database.pool.query("delete from sluice.kept_rows where job_id = $1", [id]);

    for (const body of [{}, { validateOnly: true }])
      expect(await api.post(`/v1/jobs/${id}/undo`, body)).toMatchObject({
        status: 409,
        body: { code: "undo_not_possible", reason: "rows_unknown", state: "succeeded" },
      });
  });

  test("that are impossible tell the state and what is possible", async () => {
    const id = await createdId();
    await api.post(`/v1/jobs/${id}/stop`, {});

    const { status, headers, body } = await api.post(`/v1/jobs/${id}/resume`, {});

    expect(status).toBe(409);
    expect(headers.get("content-type")).toBe("application/problem+json");
    expect(body).toMatchObject({
      type: "/docs/errors/transition_not_allowed",
      status: 409,
      code: "transition_not_allowed",
      state: "stopped",
      actions: ["rerun"],
      instance: `/v1/jobs/${id}/resume`,
      requestId: headers.get("x-request-id"),
    });
  });

  test.each([
    ["stop", { rows: "all" }, "/rows"],
    ["stop", { state: "succeeded" }, "/state"],
    ["pause", { force: "yes" }, "/force"],
    ["resume", { pauseAfter: 0 }, "/pauseAfter"],
    ["undo", { rows: "undo" }, "/rows"],
  ])("%s refuses %j", async (action, body, pointer) => {
    const id = await createdId();

    expect(await api.post(`/v1/jobs/${id}/${action}`, body)).toMatchObject({
      status: 422,
      body: { errors: [{ pointer }] },
    });
  });
});
