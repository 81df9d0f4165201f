/** `/metrics`: every figure of the table, and no other; what they count; without the database too. */
import { afterAll, beforeAll, expect, test } from "vitest";
import { METRICS } from "../../src/api/metrics/metric-table.ts";
import { createApp } from "../../src/api/create-app.ts";
import { ENGINE_DEFAULTS } from "../../src/core/engine-settings.ts";
import { createProcessCatalog } from "../../src/kinds/process/process-catalog.ts";
import { createAccessTokens } from "../../src/store/access-tokens.ts";
import { openPool } from "../../src/store/connect.ts";
import { createTestService } from "../support/test-service.ts";
import { openApiFixture, type ApiFixture } from "./api-fixture.ts";

let api: ApiFixture;
beforeAll(async () => {
  api = await openApiFixture();
});
afterAll(() => api?.dispose());

/** The samples of an answer: name with labels → value. */
async function scrape(app: ApiFixture["app"] = api.app): Promise<ReadonlyMap<string, number>> {
  const response = await app.request("/metrics");
  expect(response.headers.get("content-type")).toContain("text/plain; version=0.0.4");
  const lines = (await response.text()).split("\n").filter((line) => /^[a-z]/.test(line));
  return new Map(
    lines.map((line) => [
      line.slice(0, line.lastIndexOf(" ")),
      Number(line.slice(line.lastIndexOf(" "))),
    ]),
  );
}

test("a job shows in the figures while it waits, runs, is paused and is over", async () => {
  const before = await scrape();
  const file = await api.store("id,n\n1,1\n2,x\n3,3\n");
  const { job } = await api.service.createJob(
    { kind: "import", file, table: "counted", types: { n: "integer" } },
    { by: "test" },
  );
  const waiting = await scrape();
  await api.runner.commit(job.id, 1);
  await api.service.act(job.id, "pause", { by: "test" });
  await api.service.act(job.id, "pause", { by: "test" });
  const paused = await scrape();
  await api.service.act(job.id, "resume", { by: "test" });
  await api.runner.finish(job.id);
  const over = await scrape();

  expect(before.get("sluice_database_up")).toBe(1);
  expect(before.get("sluice_waiting_parts")).toBe(0);
  expect(before.get('sluice_lanes{state="free"}')).toBe(1);
  expect(waiting.get('sluice_jobs{kind="import",state="queued"}')).toBe(1);
  expect(waiting.get("sluice_waiting_parts")).toBe(1);
  expect(waiting.get("sluice_longest_wait_seconds")).toBeGreaterThan(0);
  expect(paused.get('sluice_jobs{kind="import",state="paused"}')).toBe(1);
  expect(paused.get('sluice_active_job_records{kind="import",outcome="written"}')).toBe(1);
  expect(paused.get("sluice_pause_seconds_count")).toBe(1);
  expect(paused.get('sluice_pause_seconds_bucket{le="+Inf"}')).toBe(1);
  expect(over.get('sluice_jobs{kind="import",state="succeeded"}')).toBe(1);
  expect(over.get('sluice_jobs{kind="import",state="paused"}')).toBeUndefined();
  expect(over.get('sluice_records_read_total{kind="import"}')).toBe(3);
  expect(over.get('sluice_records_written_total{kind="import"}')).toBe(2);
  expect(over.get('sluice_records_rejected_total{kind="import"}')).toBe(1);
  expect(over.get('sluice_bytes_total{kind="import"}')).toBe(12);
  expect(over.get('sluice_chunk_seconds_count{kind="import"}')).toBe(2);
  expect(over.get('sluice_chunk_seconds_bucket{kind="import",le="10"}')).toBe(2);
  expect(over.get("nodejs_eventloop_lag_seconds")).toBeGreaterThanOrEqual(0);
});

test("every figure of the table is answered, and no other of its own", async () => {
  const names = [...(await scrape()).keys()]
    .map((sample) => sample.replace(/\{.*/, "").replace(/_(bucket|sum|count)$/, ""))
    .filter((name) => name.startsWith("sluice_"));

  // Nothing is active any more.
  expect([...new Set([...names, "sluice_active_job_records"])].toSorted()).toEqual(
    Object.keys(METRICS).toSorted(),
  );
});

test("without the database the figures of the service itself are answered", async () => {
  const pool = openPool("postgresql://nobody@127.0.0.1:1/nothing", "sluice test", 1);
  const catalog = createProcessCatalog({ folder: "none", environment: {} });
  const settings = ENGINE_DEFAULTS;
  const away = {
    pool,
    controlPool: pool,
    filesDir: "none",
    settings,
    catalog,
    nudge: () => undefined,
  };
  const { service } = createTestService(away);

  const figures = await scrape(
    createApp({
      service,
      tokens: createAccessTokens(pool),
      webhooks: api.webhooks,
      judgeUrl: () => null,
      access: { kind: "loopback" },
      info: { version: "1" },
      log: () => undefined,
    }),
  );

  expect(figures.get("sluice_database_up")).toBe(0);
  expect(figures.get('sluice_records_read_total{kind="import"}')).toBe(0);
  expect([...figures.keys()].filter((name) => /sluice_(jobs|lanes|waiting)/.test(name))).toEqual(
    [],
  );
});
