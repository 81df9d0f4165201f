/** Two services and one process: what one had in hand when it was killed or frozen is done by the other, once. */
import { afterEach, beforeEach, expect, test } from "vitest";
import { expectAllGood } from "../support/all-good.ts";
import { ProcessServiceScene } from "../support/process-service.ts";
import type { ServiceProcess } from "../support/service.ts";
import { startTeamService, type TeamService } from "../support/team-service.ts";
import { until } from "../support/until.ts";

const TEAMS = 2_000;
/** Short, so that a rescue by lease is quick. At least three heartbeats. */
const SHORT_LEASE = { heartbeatMs: 300, leaseMs: 1_500, sweepMs: 300 };

const csv = `name\n${Array.from({ length: TEAMS }, (_, at) => `Team ${at + 1}\n`).join("")}`;

let teams: TeamService;
let world: ProcessServiceScene;

beforeEach(async () => {
  teams = await startTeamService();
  world = await ProcessServiceScene.open();
});
afterEach(async () => {
  await world?.[Symbol.asyncDispose]();
  await teams?.[Symbol.asyncDispose]();
});

/** Starts one of several services over the same files. */
function startOne(folder: string): Promise<ServiceProcess> {
  return world.start({
    folder,
    settings: SHORT_LEASE,
    environment: {
      SLUICE_FILES: world.scene.path("service", "files"),
      SLUICE_FAILPOINT: "chunk_gap:*:sleep=30",
    },
  });
}

async function expectEachOnce(jobId: string): Promise<void> {
  const end = await world.waitForEnd(jobId);
  expect(end).toMatchObject({ state: "succeeded", progress: { written: TEAMS } });
  const { rows } = await world.scene.pool.query(
    "select count(*)::int as rows, count(distinct key)::int as keys from teams",
  );
  expect(rows).toEqual([{ rows: TEAMS, keys: TEAMS }]);
  expect(teams.teams.size).toBe(TEAMS);
  expect(teams.made()).toBe(TEAMS);
  await expectAllGood(world.scene.pool);
}

test("the other goes on with what a killed one had in hand", async () => {
  const first = await startOne("first");
  const job = await world.create("create-teams", csv, { params: { baseUrl: teams.url } });
  await world.waitForRecords(job.id, 400);
  await startOne("second");

  await first.end("SIGKILL");

  await expectEachOnce(job.id);
});

test("a frozen one that wakes up after its work was taken over commits nothing", async () => {
  const first = await startOne("first");
  const job = await world.create("create-teams", csv, { params: { baseUrl: teams.url } });
  await world.waitForRecords(job.id, 400);

  process.kill(first.pid, "SIGSTOP");
  await startOne("second");
  await world.waitForRecords(job.id, 1_000);
  process.kill(first.pid, "SIGCONT");

  await expectEachOnce(job.id);
  expect(first.isAlive()).toBe(true);
});

test("a job that is stopped while its service is frozen is undone by the other", async () => {
  const first = await startOne("first");
  const job = await world.create("create-teams", csv, { params: { baseUrl: teams.url } });
  await world.waitForRecords(job.id, 400);
  await startOne("second");

  process.kill(first.pid, "SIGSTOP");
  await world.act(job.id, "stop");

  const end = await world.waitForEnd(job.id);
  expect(end).toMatchObject({ state: "stopped", result: { rows: "undone", recordsFailed: 0 } });
  process.kill(first.pid, "SIGCONT");
  await until("what the frozen one had open is over", async () => {
    const { rowCount } = await world.scene.pool.query(
      `select from pg_stat_activity where application_name like 'sluice%' and datname = current_database()
        and state = 'idle in transaction' and xact_start < now() - interval '5 s'`,
    );
    return rowCount === 0;
  });
  const { rows } = await world.scene.pool.query("select count(*)::int as rows from teams");
  expect(rows).toEqual([{ rows: 0 }]);
  await expectAllGood(world.scene.pool);
});
