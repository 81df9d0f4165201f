/** `GET /v1/jobs/{jobId}/activity`. */
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { openApiFixture, type ApiFixture } from "./api-fixture.ts";

const NOTHING = { jobsAhead: null, workerLostAt: null, lock: null, recordsUndone: null };

let api: ApiFixture;
beforeAll(async () => {
  api = await openApiFixture();
});
afterEach(() => api.clear());
afterAll(() => api?.dispose());

async function created(table: string, extra: object = {}): Promise<string> {
  const file = await api.store("id\n1\n");
  const { body } = await api.post("/v1/jobs", { kind: "import", file, table, ...extra });
  return String(body["id"]);
}

test("of a job that waits it says how many are before it", async () => {
  const first = await created("activity_first");
  const second = await created("activity_second");

  const answers = [first, second].map((id) => api.call(`/v1/jobs/${id}/activity`));

  expect((await Promise.all(answers)).map(({ body }) => body)).toEqual([
    { ...NOTHING, job: first, jobsAhead: 0 },
    { ...NOTHING, job: second, jobsAhead: 1 },
  ]);
});

test("of a job that rests there is nothing to say", async () => {
  const id = await created("activity_paused", { startPaused: true });

  const { status, body } = await api.call(`/v1/jobs/${id}/activity`);

  expect({ status, body }).toEqual({ status: 200, body: { ...NOTHING, job: id } });
});

test("of a job that there is none of it is not found", async () => {
  const { status, body } = await api.call(`/v1/jobs/job_${"0".repeat(26)}/activity`);

  expect({ status, code: body["code"] }).toEqual({ status: 404, code: "not_found" });
});
