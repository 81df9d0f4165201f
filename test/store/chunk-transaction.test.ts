import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { NO_FAILPOINTS } from "../../src/core/failpoint.ts";
import type { JobStore } from "../../src/core/store-ports.ts";
import type { PartAssignment, RunnerStore, SupervisorStore } from "../../src/core/runner-ports.ts";
import { createJobStore } from "../../src/store/job-store.ts";
import { openRunnerStore } from "../../src/store/runner-store.ts";
import { createSupervisorStore } from "../../src/store/supervisor-store.ts";
import { openTestDatabase, type TestDatabase } from "../support/database.ts";
import {
  aChunk,
  asBinary,
  COPY_COLUMNS,
  insertJob,
  LOSING_DISPATCHER,
  NO_READING,
} from "../support/stored-job.ts";

let database: TestDatabase;
let jobs: JobStore;
let supervision: SupervisorStore;
let runner: RunnerStore;
let runnerId: string;

beforeAll(async () => {
  database = await openTestDatabase();
  jobs = createJobStore(database.pool, LOSING_DISPATCHER);
  supervision = createSupervisorStore(database.pool, "folder_test");
  runner = await openRunnerStore(database.url, NO_FAILPOINTS);
  runnerId = await supervision.insertRunner("worker_test", 1);
});

afterAll(async () => {
  await runner?.close();
  await database?.[Symbol.asyncDispose]();
});

async function claimedPart(
  records = 100,
): Promise<{ jobId: string; staging: string; assignment: PartAssignment }> {
  const job = await insertJob(jobs, { records });
  const message = { jobId: job.id, partNo: 1, epoch: 1 };
  expect(await supervision.claim(runnerId, message, 1000)).toBe("claimed");
  const assignment = await runner.openPart(message);
  if (assignment === null) throw new Error("the part cannot be opened");
  return { jobId: job.id, staging: job.plan.staging, assignment };
}

const commit = (assignment: PartAssignment, chunk: ReturnType<typeof aChunk>) =>
  runner.commitChunk(assignment, "text", COPY_COLUMNS, chunk);

async function countRows(staging: string): Promise<number> {
  const { rows } = await database.pool.query<{ count: number }>(
    `select count(*) from sluice.${staging}`,
  );
  return rows[0]?.count ?? -1;
}

describe("the chunk transaction", () => {
  test("writes rows, rejections, ledger and checkpoint together", async () => {
    const { jobId, staging, assignment } = await claimedPart();

    const outcome = await commit(assignment, aChunk(0, 60, [3, 7]));

    expect(outcome).toEqual({ kind: "committed", rejectedByDatabase: 0 });
    expect(await countRows(staging)).toBe(58);
    expect((await jobs.findJob(jobId))?.progress).toMatchObject({
      read: 60,
      written: 58,
      rejected: 2,
      bytesRead: 600,
    });
    const rejections = await jobs.listRejections(jobId, { limit: 10, afterRecord: 0 });
    expect(rejections.map(({ record, value, code }) => ({ record, value, code }))).toEqual([
      { record: 4, value: "a\tb\\c\nd␀", code: "invalid_integer" },
      { record: 8, value: "a\tb\\c\nd␀", code: "invalid_integer" },
    ]);
    expect(Buffer.from(rejections[0]?.raw ?? []).toString()).toBe("raw\0\t\\ 3");
  });

  test("refuses a chunk that was committed before, and writes none of it", async () => {
    const { staging, assignment } = await claimedPart();
    await commit(assignment, aChunk(0, 50));

    expect(await commit(assignment, aChunk(0, 50))).toEqual({ kind: "left", why: "position" });
    expect(await countRows(staging)).toBe(50);
  });

  test("refuses a chunk of an older epoch", async () => {
    const { jobId, staging, assignment } = await claimedPart();
    await database.pool.query("update sluice.job set epoch = epoch + 1 where id = $1", [jobId]);

    expect(await commit(assignment, aChunk(0, 50))).toEqual({ kind: "left", why: "epoch" });
    expect(await countRows(staging)).toBe(0);
  });

  test.each(["pause", "stop", "hold"])(
    "leaves before it writes when the signal is %s",
    async (signal) => {
      const { jobId, staging, assignment } = await claimedPart();
      await database.pool.query("update sluice.job_signal set wish = $2 where job_id = $1", [
        jobId,
        signal,
      ]);

      expect(await commit(assignment, aChunk(0, 50))).toEqual({ kind: "left", why: "signal" });
      expect(await countRows(staging)).toBe(0);
    },
  );

  test("fails as a whole when the encoder counted other rows than COPY wrote", async () => {
    const { jobId, staging, assignment } = await claimedPart();
    const chunk = aChunk(0, 50);
    const wrong = { ...chunk, counts: { ...chunk.counts, written: 49, rejected: 1 } };

    await expect(commit(assignment, wrong)).rejects.toThrow(
      "COPY wrote 50 rows, the encoder counted 49",
    );
    expect(await countRows(staging)).toBe(0);
    expect((await jobs.findJob(jobId))?.progress.read).toBe(0);
  });

  test("counts right over many chunks on one connection, where the server's counters add up", async () => {
    const { staging, assignment } = await claimedPart(1000);

    for (let from = 0; from < 1000; from += 10)
      await commit(assignment, aChunk(from, from + 10, [from]));

    expect(await countRows(staging)).toBe(900);
  });

  test("isolates the rows that the database refuses and lets the others in", async () => {
    const { jobId, staging, assignment } = await claimedPart();
    await database.pool.query(`alter table sluice.${staging} add check (n <> 13)`);
    const bad = new Set([0, 57, 99]);

    const outcome = await commit(
      assignment,
      aChunk(0, 100, [5], (record) => (bad.has(record) ? "x" : String(record))),
    );

    expect(outcome).toEqual({ kind: "committed", rejectedByDatabase: 4 });
    expect(await countRows(staging)).toBe(95);
    expect((await jobs.findJob(jobId))?.progress).toMatchObject({
      read: 100,
      written: 95,
      rejected: 5,
    });
    const rejections = await jobs.listRejections(jobId, { limit: 10, afterRecord: 0 });
    expect(rejections.map(({ record, code }) => [record, code])).toEqual([
      [1, "invalid_value"],
      [6, "invalid_integer"],
      [14, "check_violation"],
      [58, "invalid_value"],
      [100, "invalid_value"],
    ]);
  });

  test("isolates them in the binary format too", async () => {
    const { jobId, staging, assignment } = await claimedPart();
    await database.pool.query(`alter table sluice.${staging} add check (n not in (0, 13, 99))`);

    const chunk = asBinary(aChunk(0, 100, [5]));
    const outcome = await runner.commitChunk(assignment, "binary", COPY_COLUMNS, chunk);

    expect(outcome).toEqual({ kind: "committed", rejectedByDatabase: 3 });
    const { rows } = await database.pool.query<{ n: number; sum: number; names: string }>(
      `select count(*)::int as n, sum(n)::int as sum, count(distinct name)::text as names from sluice.${staging}`,
    );
    expect(rows).toEqual([{ n: 96, sum: 4950 - 5 - 13 - 99, names: "96" }]);
    const rejections = await jobs.listRejections(jobId, { limit: 10, afterRecord: 0 });
    expect(rejections.map(({ record, code }) => [record, code])).toEqual([
      [1, "check_violation"],
      [6, "invalid_integer"],
      [14, "check_violation"],
      [100, "check_violation"],
    ]);
  });

  test("fails as a whole when a binary chunk has other rows than were counted", async () => {
    const { staging, assignment } = await claimedPart();
    const chunk = asBinary(aChunk(0, 50));
    const wrong = { ...chunk, counts: { ...chunk.counts, written: 49, rejected: 1 } };

    await expect(runner.commitChunk(assignment, "binary", COPY_COLUMNS, wrong)).rejects.toThrow(
      "COPY wrote 50 rows, the encoder counted 49",
    );
    expect(await countRows(staging)).toBe(0);
  });
});

describe("publishing", () => {
  test("waits for every part, then makes the rows visible and ends the job", async () => {
    const { jobId, assignment } = await claimedPart(100);
    await commit(assignment, aChunk(0, 50));
    expect(await runner.publish(assignment, NO_READING)).toBe("not_yet");
    await commit(assignment, aChunk(50, 100, [99]));

    expect(await runner.publish(assignment, NO_READING)).toBe("published");

    const job = await jobs.findJob(jobId);
    expect(job).toMatchObject({
      state: "succeeded",
      staging: null,
      result: { rows: "kept", rowsInserted: 99 },
    });
    const { rows } = await database.pool.query(
      `select * from public.${assignment.plan.target.table} order by n limit 1`,
    );
    expect(rows).toEqual([{ n: 0, name: "name 0" }]);
  });

  test("is refused when the ledger and the parts disagree, and nothing is visible", async () => {
    const { jobId, assignment } = await claimedPart(10);
    await commit(assignment, aChunk(0, 10));
    await database.pool.query("delete from sluice.chunk where job_id = $1", [jobId]);

    await expect(runner.publish(assignment, NO_READING)).rejects.toMatchObject({
      code: "balance_mismatch",
    });
    expect(await jobs.findRelationKind(assignment.plan.target)).toBeNull();
  });

  test("is refused when more was rejected than allowed, whichever runner asks first", async () => {
    const { jobId, assignment } = await claimedPart(10);
    await database.pool.query("update sluice.job set max_rejected = 1 where id = $1", [jobId]);
    await commit(assignment, aChunk(0, 10, [3, 7]));

    await expect(runner.publish(assignment, NO_READING)).rejects.toMatchObject({
      code: "too_many_rejected",
    });
    expect(await jobs.findRelationKind(assignment.plan.target)).toBeNull();
  });
});
