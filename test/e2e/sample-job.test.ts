/** Sample jobs: a worker of their own, killed in the middle by a person. */
import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { WorkerLossesView } from "../../src/api/schemas/sample.ts";
import { expectAllGood } from "../support/all-good.ts";
import { FaultScene } from "../support/fault-scene.ts";
import { flightsFile } from "../support/flights.ts";
import type { ServiceProcess } from "../support/service.ts";
import { until } from "../support/until.ts";

const flights = flightsFile(1);
/** 50,000 records in five seconds. */
const SPEED = { maxRecordsPerSecond: 10_000 };
const FOREIGN_LEASE = { heartbeatMs: 300, leaseMs: 1_500, sweepMs: 300 };
let scene: FaultScene;

beforeEach(async () => {
  scene = await FaultScene.open();
});
afterEach(() => scene?.[Symbol.asyncDispose]());

async function startSample(service: ServiceProcess, table = "flights"): Promise<string> {
  const file = await service.client.uploadFile("flights.csv", flights.bytes);
  const job = await service.client.createJob({
    kind: "import",
    file: file.id,
    table,
    sample: true,
    ...SPEED,
  });
  return job.id;
}

function killWorker(service: ServiceProcess, jobId: string): Promise<Response> {
  return fetch(`${service.url}/v1/jobs/${jobId}/kill-worker`, { method: "POST" });
}

async function lossesOf(service: ServiceProcess, jobId: string): Promise<WorkerLossesView> {
  const answer = await fetch(`${service.url}/v1/jobs/${jobId}/worker-losses`);
  return (await answer.json()) as WorkerLossesView; // the service's own type
}

/** Workers that hold parts of a job, or have runners at all. */
async function workersOf(jobId: string | null): Promise<readonly string[]> {
  const { rows } = await scene.pool.query<{ worker: string }>(
    `select distinct r.worker from sluice.runner r where $1::text is null
      or exists (select from sluice.part p where p.runner_id = r.id and p.job_id = $1) order by 1`,
    [jobId],
  );
  return rows.map(({ worker }) => worker);
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

function childOf(service: ServiceProcess): Promise<number> {
  return until("the worker of the sample is there", async () => {
    const all = await readFile(`/proc/${service.pid}/task/${service.pid}/children`, "utf8");
    for (const pid of all.trim().split(" ").map(Number)) {
      const words = await readFile(`/proc/${pid}/cmdline`, "utf8").catch(() => "");
      if (words.includes("sample-worker-main")) return pid;
    }
    return false;
  });
}

test("a killed worker is replaced, and no row is lost or written twice", async () => {
  const service = await scene.start();
  const jobId = await startSample(service);
  await scene.waitForShare(jobId, 0.2);

  const answer = await killWorker(service, jobId);

  expect(answer.status).toBe(200);
  const atOnce = await lossesOf(service, jobId);
  expect(atOnce.losses).toHaveLength(1);
  expect(isAlive(atOnce.losses[0]?.pid ?? 0)).toBe(false);
  const after = await until("the job is taken over", async () => {
    const found = await lossesOf(service, jobId);
    return found.losses[0]?.takenOverAt != null && found;
  });
  expect(after.rows).toMatchObject({ rowsLost: 0, rowsWrittenTwice: 0, isLedgerWhole: true });
  expect(after.rows?.rowsStored).toBe(after.rows?.recordsWritten);
  expect(after.rows?.where).toBe("staging");
  await scene.expectImported(jobId, "flights", flights.sums);
  expect((await lossesOf(service, jobId)).rows).toEqual({
    where: "target",
    recordsWritten: 50_000,
    rowsStored: 50_000,
    rowsLost: 0,
    rowsWrittenTwice: 0,
    isLedgerWhole: true,
  });
  const events = await service.client.getTimeline(jobId);
  expect(events.items.map(({ type }) => type)).toContain("job.worker_lost");
});

test("lost and doubled rows are told, also where their numbers make up for each other", async () => {
  const service = await scene.start();
  const jobId = await startSample(service);
  await scene.expectImported(jobId, "flights", flights.sums);

  await scene.pool.query(
    "delete from flights where ctid in (select ctid from flights order by ctid limit 3)",
  );
  await scene.pool.query("insert into flights select * from flights limit 3");

  expect((await lossesOf(service, jobId)).rows).toMatchObject({
    recordsWritten: 50_000,
    rowsStored: 50_000,
    rowsLost: 3,
    rowsWrittenTwice: 3,
  });
});

test("the worker takes no other job, no other lane takes the sample, and it ends with the job", async () => {
  const service = await scene.start({ environment: { SLUICE_CONCURRENCY: "2" } });
  const own = (await readFile(scene.path("service", "worker-id"), "utf8")).trim();
  const sample = await startSample(service);
  const file = await service.client.uploadFile("flights.csv", flights.bytes);
  const other = await service.client.createJob({
    kind: "import",
    file: file.id,
    table: "others",
    ...SPEED,
  });
  await scene.waitForShare(sample, 0.2);
  await scene.waitForShare(other.id, 0.2);

  const [child] = (await workersOf(null)).filter((worker) => worker !== own);
  expect(await workersOf(sample)).toEqual([child]);
  expect(await workersOf(other.id)).toEqual([own]);
  await scene.expectImported(sample, "flights", flights.sums);
  await scene.expectImported(other.id, "others", flights.sums);
  await until("the worker is gone", async () => (await workersOf(null)).length === 1);
  await until(
    "its folder is gone",
    async () => !existsSync(scene.path("service", "samples", sample)),
  );
});

test("the worker ends with its service, and the next start goes on with the sample", async () => {
  const service = await scene.start();
  const jobId = await startSample(service);
  await scene.waitForShare(jobId, 0.2);
  const child = await childOf(service);

  await service.end("SIGKILL");

  await until("the worker has ended", async () => !isAlive(child));
  const next = await scene.start();
  await scene.expectImported(jobId, "flights", flights.sums);
  expect((await lossesOf(next, jobId)).rows).toMatchObject({ rowsLost: 0, rowsWrittenTwice: 0 });
});

test("the sample of a service that does not come back is a job as any other", async () => {
  const environment = { SLUICE_FILES: scene.path("files") };
  const first = await scene.start({ folder: "first", settings: FOREIGN_LEASE, environment });
  const jobId = await startSample(first);
  await scene.waitForShare(jobId, 0.2);
  await first.end("SIGKILL");

  const second = await scene.start({ folder: "second", settings: FOREIGN_LEASE, environment });

  await scene.expectImported(jobId, "flights", flights.sums);
  expect((await killWorker(second, jobId)).status).toBe(409);
});

test("SIGTERM ends service and worker with the rows in hand saved", async () => {
  const service = await scene.start();
  const jobId = await startSample(service);
  await scene.waitForShare(jobId, 0.2);
  const child = await childOf(service);

  expect(await service.end("SIGTERM")).toBe(0);

  expect(isAlive(child)).toBe(false);
  expect(await scene.stored(jobId)).toMatchObject({ state: "queued", rescues: 0 });
  expect((await scene.pool.query("select from sluice.runner")).rowCount).toBe(0);
  await expectAllGood(scene.pool);
});

test("only a sample at work has a worker to kill", async () => {
  const service = await scene.start();
  const file = await service.client.uploadFile("flights.csv", flights.bytes);
  const plain = await service.client.createJob({
    kind: "import",
    file: file.id,
    table: "plain",
    startPaused: true,
  });
  const direct = await fetch(`${service.url}/v1/jobs`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({
      kind: "import",
      file: file.id,
      table: "plain",
      mode: "append",
      sample: true,
    }),
  });

  const refused = await killWorker(service, plain.id);
  const unknown = await killWorker(service, "job_01m84qvwcgffer2s6r76fqcz25");

  expect(refused.status).toBe(409);
  expect(await refused.json()).toMatchObject({ code: "transition_not_allowed", state: "paused" });
  expect(unknown.status).toBe(404);
  expect(direct.status).toBe(422);
  expect(await lossesOf(service, plain.id)).toEqual({ job: plain.id, losses: [], rows: null });
});

test("the worker of a service with a private PostgreSQL has its URL neither on its command line nor in its environment", async () => {
  const service = await scene.start({ folder: "private", databaseUrl: undefined });
  await startSample(service);
  const child = await childOf(service);

  const said = ["cmdline", "environ"].map((name) => readFile(`/proc/${child}/${name}`, "utf8"));

  expect((await Promise.all(said)).join()).not.toMatch(/postgres(ql)?:/);
});
