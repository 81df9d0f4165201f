/**
 * Ten thousand teams in another service, by the process of the package: killed again and again, each team is made once
 * there and has one row here; stopped half-way, none is left.
 */
import { randomInt } from "node:crypto";
import { afterEach, beforeEach, expect, test } from "vitest";
import { expectAllGood } from "../support/all-good.ts";
import { ProcessServiceScene } from "../support/process-service.ts";
import { startTeamService, type TeamService } from "../support/team-service.ts";

const TEAMS = 10_000;
const KILLS = 5;
/** The gap makes the hole of a wrong protocol wide enough to be hit. */
const START = {
  settings: { leaseMs: 3_600_000, sweepMs: 200 },
  environment: { SLUICE_FAILPOINT: "chunk_gap:*:sleep=10" },
};

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

/** A generator of numbers from 0 to 1 that a seed repeats. */
function randomOf(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

interface Rows {
  readonly rows: number;
  readonly keys: number;
  readonly ids: number;
}

async function rows(): Promise<Rows | undefined> {
  const found = await world.scene.pool.query<Rows>(
    "select count(*)::int as rows, count(distinct key)::int as keys, count(distinct id)::int as ids from teams",
  );
  return found.rows[0];
}

test("each team is made once although the service is killed five times", async () => {
  const seed = Number(process.env["TEST_SEED"] ?? randomInt(2 ** 31));
  const random = randomOf(seed);
  let service = await world.start(START);
  const job = await world.create("create-teams", csv, { params: { baseUrl: teams.url } });

  for (let kill = 1; kill <= KILLS; kill += 1) {
    const at = Math.floor(((kill - random()) * TEAMS) / KILLS);
    await world.waitForRecords(job.id, Math.min(at, TEAMS - 400));
    await new Promise((resolve) => setTimeout(resolve, random() * 200));
    await service.end("SIGKILL");
    service = await world.start(START);
  }
  const end = await world.waitForEnd(job.id);

  expect({ seed, state: end.state, failure: end.failure }).toMatchObject({ state: "succeeded" });
  expect({ seed, ...(await rows()) }).toEqual({ seed, rows: TEAMS, keys: TEAMS, ids: TEAMS });
  expect({ seed, teams: teams.teams.size, made: teams.made() }).toEqual({
    seed,
    teams: TEAMS,
    made: TEAMS,
  });
  expect(end.progress).toMatchObject({ read: TEAMS, written: TEAMS });
  await expectAllGood(world.scene.pool);
});

test("all teams that were made are deleted when the job is stopped half-way", async () => {
  const service = await world.start(START);
  const job = await world.create("create-teams", csv, { params: { baseUrl: teams.url } });
  await world.waitForRecords(job.id, TEAMS / 2);
  expect(teams.teams.size).toBeGreaterThanOrEqual(TEAMS / 2);

  await world.act(job.id, "stop");

  const end = await world.waitForEnd(job.id);
  expect(end).toMatchObject({ state: "stopped", result: { rows: "undone", recordsFailed: 0 } });
  expect(end.result?.recordsUndone).toBeGreaterThanOrEqual(TEAMS / 2);
  expect(teams.teams.size).toBe(0);
  expect((await rows())?.rows).toBe(0);
  await expectAllGood(world.scene.pool);
  expect(service.isAlive()).toBe(true);
});
