/** Two services with folders of their own over one database and one folder of files. */
import { readFile, readdir } from "node:fs/promises";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { FaultScene } from "../support/fault-scene.ts";
import { flightsFile } from "../support/flights.ts";
import { startImport } from "../support/import-job.ts";
import type { ServiceProcess } from "../support/service.ts";
import { SlowUpload } from "../support/slow-upload.ts";
import { until } from "../support/until.ts";

/** Short, so that a rescue by lease is quick. At least three heartbeats. */
const SHORT_LEASE = { heartbeatMs: 300, leaseMs: 1_500, sweepMs: 300 };
const SLOW_CHUNKS = "chunk_gap:*:sleep=30";

const flights = flightsFile(2);
let scene: FaultScene;

beforeEach(async () => {
  scene = await FaultScene.open();
});
afterEach(() => scene?.[Symbol.asyncDispose]());

function startOne(folder: string): Promise<ServiceProcess> {
  return scene.start({
    folder,
    settings: SHORT_LEASE,
    environment: { SLUICE_FILES: scene.path("files"), SLUICE_FAILPOINT: SLOW_CHUNKS },
  });
}

/** Waits until a service has a part of a job in hand. */
function waitForClaim(folder: string, jobId: string): Promise<true> {
  return until(`${folder} works on the job`, async () => {
    const worker = await workerOf(folder);
    const { rowCount } = await scene.pool.query(
      `select from sluice.part p join sluice.runner r on r.id = p.runner_id
        where p.job_id = $1 and r.worker = $2 and p.part_no > 0`,
      [jobId, worker],
    );
    return rowCount !== 0;
  });
}

async function temporaryFiles(): Promise<readonly string[]> {
  return (await readdir(scene.path("files"))).filter((name) => name.endsWith(".part"));
}

async function workerOf(folder: string): Promise<string> {
  return (await readFile(scene.path(folder, "worker-id"), "utf8")).trim();
}

describe("of two services over one database", () => {
  test("the other rescues what a killed one worked on", async () => {
    const first = await startOne("first");
    const job = await startImport(first.client, flights.bytes, { table: "flights" });
    await waitForClaim("first", job.id);
    await startOne("second");
    await scene.waitForShare(job.id, 0.2);

    await first.end("SIGKILL");

    await scene.expectImported(job.id, "flights", flights.sums);
  });

  test("a frozen one that wakes up after its work was rescued commits nothing and takes nothing back", async () => {
    const first = await startOne("first");
    const job = await startImport(first.client, flights.bytes, { table: "flights" });
    await waitForClaim("first", job.id);
    await scene.waitForShare(job.id, 0.1);

    process.kill(first.pid, "SIGSTOP");
    await startOne("second");
    await scene.waitFor(job.id, "is rescued", (stored) => stored.epoch > 1);
    await waitForClaim("second", job.id);
    const { epoch } = await scene.stored(job.id);
    process.kill(first.pid, "SIGCONT");

    await scene.expectImported(job.id, "flights", flights.sums);
    expect(await epochsAfter(job.id, epoch)).toEqual([]);
    expect((await scene.stored(job.id)).epoch).toBe(epoch);
  });

  test("one that starts leaves alone what the other receives, and one that starts again removes what it left", async () => {
    const first = await startOne("first");
    const upload = new SlowUpload(first.url, "/v1/files/flights.csv", flights.bytes.length);
    const cutOff = new SlowUpload(first.url, "/v1/files/half.csv", flights.bytes.length);
    const middle = flights.bytes.length / 2;
    await Promise.all([upload, cutOff].map((each) => each.send(flights.bytes.subarray(0, middle))));
    await until("both arrive", async () => (await temporaryFiles()).length === 2);

    const second = await startOne("second");
    await upload.send(flights.bytes.subarray(middle));
    const answer = await upload.end();

    expect(answer.status).toBe(201);
    expect(await temporaryFiles()).toHaveLength(1);
    await first.end("SIGKILL");
    await second.end("SIGTERM");
    await startOne("second");
    expect(await temporaryFiles()).toHaveLength(1);
    await startOne("first");
    expect(await temporaryFiles()).toEqual([]);
  });

  test("both work on the parts of one job", async () => {
    const large = flightsFile(3);
    const first = await startOne("first");
    await startOne("second");
    const job = await startImport(first.client, large.bytes, { table: "flights" });

    await Promise.all([waitForClaim("first", job.id), waitForClaim("second", job.id)]);

    await scene.expectImported(job.id, "flights", large.sums);
  });
});

/** Chunks that were committed after those of `epoch` had begun, under an older one. */
async function epochsAfter(jobId: string, epoch: number): Promise<readonly number[]> {
  const { rows } = await scene.pool.query<{ epoch: number }>(
    `select epoch from sluice.chunk where job_id = $1 and epoch < $2 and committed_at >
      (select min(committed_at) from sluice.chunk where job_id = $1 and epoch = $2)`,
    [jobId, epoch],
  );
  return rows.map((row) => row.epoch);
}

test("a service with another folder of files is refused while one works, and the jobs of that one go on", async () => {
  await startOne("a");

  await expect(scene.start({ folder: "b" })).rejects.toThrow(
    "Another service on this database keeps its files in another folder",
  );
});

test("a service with another folder of files starts when the other has ended", async () => {
  const first = await startOne("a");
  await first.end("SIGTERM");

  const second = await scene.start({ folder: "b" });

  expect(second.isAlive()).toBe(true);
});
