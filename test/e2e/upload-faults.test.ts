/** Services that die, and services that share the work, while a file arrives. */
import { readFile, readdir } from "node:fs/promises";
import { afterEach, beforeEach, expect, test } from "vitest";
import { expectAllGood } from "../support/all-good.ts";
import { FaultScene } from "../support/fault-scene.ts";
import { flightsFile } from "../support/flights.ts";
import { startImport } from "../support/import-job.ts";
import type { ServiceProcess } from "../support/service.ts";
import { SlowUpload, waitForJobOf } from "../support/slow-upload.ts";
import { until } from "../support/until.ts";

const BEGINNING = 6_000_000;
/** A lease that no test outlives: what is found is found at the start. */
const NO_LEASE = { leaseMs: 3_600_000 };
/** A receiver is given up after five leases. */
const SHORT_LEASE = { heartbeatMs: 200, leaseMs: 800, sweepMs: 200 };

const flights = flightsFile(5);
const { bytes } = flights;
let scene: FaultScene;

beforeEach(async () => {
  scene = await FaultScene.open();
});
afterEach(() => scene?.[Symbol.asyncDispose]());

/** Starts an upload, and returns the job once it has committed rows. */
async function begin({ url, client }: ServiceProcess) {
  const upload = new SlowUpload(url, "/v1/import/flights", bytes.length);
  await upload.send(bytes.subarray(0, BEGINNING));
  const { id } = await waitForJobOf(client, "flights");
  await scene.waitFor(id, "has committed rows", ({ read }) => read > 0);
  return { upload, id };
}

async function storedNames(folder = scene.path("service", "files")): Promise<string[]> {
  return (await readdir(folder)).filter((name) => name.startsWith("file_"));
}

async function expectNothingArrives(): Promise<void> {
  const { rows } = await scene.pool.query("select id from sluice.file where receiver is not null");
  expect(rows).toEqual([]);
}

test("a service killed in the middle of an upload leaves a failed job that says so, and no half file", async () => {
  const victim = await scene.start({ settings: NO_LEASE });
  const { id } = await begin(victim);
  await victim.end("SIGKILL");

  const next = await scene.start({ settings: NO_LEASE });

  const failed = await scene.waitForState(id, "failed");
  expect(failed.failure).toMatchObject({ code: "upload_incomplete" });
  await until("the half file is gone", async () => (await storedNames()).length === 0);
  await expectNothingArrives();
  expect((await next.client.getJob(id)).failure?.advice).toContain("Send the whole file again");
  await next.client.act(id, "undo");
  const { rows } = await scene.pool.query(
    "select relname from pg_class where relname like 'stage\\_%' or relname = 'flights'",
  );
  expect(rows).toEqual([]);
  const again = await startImport(next.client, bytes, { table: "flights" });
  await scene.expectImported(again.id, "flights", flights.sums);
});

test("a service killed while its paused job's file arrives fails that job too", async () => {
  const victim = await scene.start({ settings: NO_LEASE });
  const { id } = await begin(victim);
  await victim.client.act(id, "pause");
  await victim.end("SIGKILL");

  await scene.start({ settings: NO_LEASE });

  const failed = await scene.waitForState(id, "failed");
  expect(failed.failure).toMatchObject({ code: "upload_incomplete" });
  await expectAllGood(scene.pool);
});

test("a service killed before the job exists leaves nothing", async () => {
  const victim = await scene.start();
  const upload = new SlowUpload(victim.url, "/v1/import/flights", bytes.length);
  await upload.send(bytes.subarray(0, 1_000_000));
  await until("the file arrives", async () => (await storedNames()).length === 1);
  await victim.end("SIGKILL");

  const next = await scene.start();

  expect(await storedNames()).toEqual([]);
  expect((await next.client.listJobs({})).items).toEqual([]);
  await expectNothingArrives();
});

test("a service that is stopped fails the job at once or at the next start", async () => {
  const victim = await scene.start({ settings: NO_LEASE });
  const { id, upload } = await begin(victim);
  const stopping = victim.end("SIGTERM");
  upload.cut();
  await stopping;

  await scene.start({ settings: NO_LEASE });

  await scene.waitForState(id, "failed");
  expect(await storedNames()).toEqual([]);
  await expectAllGood(scene.pool);
});

test("a job that fails for another reason while its file arrives has the whole file when it is resumed", async () => {
  const lanes = { SLUICE_LANES: "1", SLUICE_FAILPOINT: "chunk_encoded:3:throw" };
  const service = await scene.start({ environment: lanes });
  const { upload, id } = await begin(service);
  const failed = await scene.waitForState(id, "failed");
  await upload.send(bytes.subarray(BEGINNING));

  const answer = await upload.end();

  expect(failed.failure).toMatchObject({ code: "internal" });
  expect(answer).toMatchObject({ status: 201, body: { id, state: "failed", upload: null } });
  await service.client.act(id, "resume");
  await scene.expectImported(id, "flights", flights.sums);
});

test("connections that are cut again and again while the file arrives cost no record", async () => {
  const service = await scene.start();
  const upload = new SlowUpload(service.url, "/v1/import/flights", bytes.length);
  for (let at = 0; at < bytes.length; at += 500_000) {
    await upload.send(bytes.subarray(at, at + 500_000));
    await until("what was sent is noted", async () => {
      const { rows } = await scene.pool.query<{ bytes: number }>("select bytes from sluice.file");
      return (rows[0]?.bytes ?? 0) >= Math.min(at + 500_000, bytes.length);
    });
    await scene.pool.query(
      `select pg_terminate_backend(pid) from pg_stat_activity
        where application_name in ('sluice service', 'sluice runner', 'sluice control')
          and datname = current_database()`,
    );
  }

  const answer = await upload.end();

  expect(answer.status).toBe(201);
  await scene.expectImported(String(answer.body["id"]), "flights", flights.sums);
});

test("a job that is paused and resumed with every piece that comes ends with every record once", async () => {
  const service = await scene.start({ environment: { SLUICE_LANES: "1" } });
  const { upload, id } = await begin(service);
  for (let at = BEGINNING; at < bytes.length; at += 400_000) {
    const pause = await service.client.act(id, "pause");
    const { read } = await scene.stored(id);
    await upload.send(bytes.subarray(at, at + 400_000));
    expect(pause.job.state).toBe("paused");
    expect((await scene.stored(id)).read).toBe(read);
    await service.client.act(id, "resume");
  }

  await upload.end();

  await scene.expectImported(id, "flights", flights.sums);
});

const startOne = (folder: string): Promise<ServiceProcess> =>
  scene.start({
    folder,
    settings: SHORT_LEASE,
    environment: { SLUICE_FILES: scene.path("files"), SLUICE_FAILPOINT: "chunk_gap:*:sleep=30" },
  });

test("of two services the other reads what arrives at the first", async () => {
  const first = await startOne("first");
  await startOne("second");
  const second = (await readFile(scene.path("second", "worker-id"), "utf8")).trim();
  const { upload, id } = await begin(first);
  for (let at = BEGINNING; at < bytes.length; at += 500_000)
    await upload.send(bytes.subarray(at, at + 500_000));
  await until("the other has a part", async () => {
    const { rowCount } = await scene.pool.query(
      `select from sluice.part p join sluice.runner r on r.id = p.runner_id
        where p.job_id = $1 and r.worker = $2`,
      [id, second],
    );
    return rowCount !== 0;
  });

  await upload.end();

  await scene.expectImported(id, "flights", flights.sums);
});

test("of two services the other ends the upload of a killed one", async () => {
  const first = await startOne("first");
  await startOne("second");
  const { id } = await begin(first);

  await first.end("SIGKILL");

  const failed = await scene.waitForState(id, "failed");
  expect(failed.failure).toMatchObject({ code: "upload_incomplete" });
  await until(
    "the half file is gone",
    async () => (await storedNames(scene.path("files"))).length === 0,
  );
  await expectAllGood(scene.pool);
});

test("a receiver that was frozen for so long that it was given up is told so", async () => {
  const first = await startOne("first");
  await startOne("second");
  const { id, upload } = await begin(first);
  process.kill(first.pid, "SIGSTOP");
  await scene.waitForState(id, "failed");
  process.kill(first.pid, "SIGCONT");

  const answer = await upload.answer;

  expect(answer).toMatchObject({ status: 409, body: { code: "upload_incomplete" } });
  await expectNothingArrives();
  await expectAllGood(scene.pool);
});
