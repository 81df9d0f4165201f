import { expect, test } from "vitest";
import { aJobView } from "../../test/support/a-job-view.ts";
import { answerJson, startTestServer, type TestServer } from "../../test/support/http-server.ts";
import { SluiceClient } from "../client/index.ts";
import { findJob } from "./job-reference.ts";

const NEWEST = "job_01m84qvwcgffer2s6r76fqcz25";
const TWIN = "job_01m84qvwcz00000000000000aa";
const OLDEST = "job_01m7fqx4cgffer2s6r76fqcz25";

/** A service with three jobs, one a page. */
function startService(ids: readonly string[] = [NEWEST, TWIN, OLDEST]): Promise<TestServer> {
  return startTestServer((request, response) => {
    const url = new URL(request.url ?? "", "http://localhost");
    const named = ids.find((id) => url.pathname.endsWith(id));
    if (named !== undefined) return answerJson(response, 200, aJobView({ id: named }));
    const at = Number(url.searchParams.get("cursor") ?? "0");
    const items = ids.slice(at, at + 1).map((id) => aJobView({ id }));
    answerJson(response, 200, { items, next: at + 1 < ids.length ? String(at + 1) : null });
  });
}

test.each([
  ["last", NEWEST],
  ["LAST", NEWEST],
  [OLDEST, OLDEST],
  ["job_01m7", OLDEST],
  ["01m7", OLDEST],
  ["job_01m84qvwcz", TWIN],
])("%s names %s", async (reference, id) => {
  await using server = await startService();

  const job = await findJob(new SluiceClient({ url: server.url }), reference);

  expect(job.id).toBe(id);
});

test.each([
  ["job_01m84qvw", "2 jobs begin with job_01m84qvw: job_01m84qvwcgff, job_01m84qvwcz00."],
  ["job_zzz", "No job begins with job_zzz."],
  [
    "people.csv",
    'Expected JOB to be an id such as job_01m84qvwcgff, a prefix of one, or last, got "people.csv".',
  ],
])("%s is refused: %s", async (reference, message) => {
  await using server = await startService();

  await expect(findJob(new SluiceClient({ url: server.url }), reference)).rejects.toThrow(message);
});

test("without jobs there is no last one", async () => {
  await using server = await startService([]);

  await expect(findJob(new SluiceClient({ url: server.url }), "last")).rejects.toThrow(
    "There are no jobs yet.",
  );
});
