/** Undoing an import that has succeeded, by a service that is killed in the middle and by the command line. */
import { afterAll, beforeAll, expect, test } from "vitest";
import { expectAllGood } from "../support/all-good.ts";
import { runCommand, type CliEnd } from "../support/cli.ts";
import { FaultScene } from "../support/fault-scene.ts";
import { flightsFile } from "../support/flights.ts";
import { startImport, waitForEnd } from "../support/import-job.ts";
import type { ServiceProcess } from "../support/service.ts";

/** A lease that no test outlives: what goes on before, goes on without it. */
const NO_LEASE = { leaseMs: 3_600_000 };

const flights = flightsFile(1);
let scene: FaultScene;
let service: ServiceProcess;

beforeAll(async () => {
  scene = await FaultScene.open();
  service = await scene.start({ settings: NO_LEASE });
});
afterAll(() => scene?.[Symbol.asyncDispose]());

async function countOf(table: string): Promise<number> {
  const { rows } = await scene.pool.query<{ count: number }>(
    `select count(*)::int as count from ${table}`,
  );
  return rows[0]?.count ?? -1;
}

function sluice(...words: string[]): Promise<CliEnd> {
  return runCommand(words, { cwd: scene.path(), environment: { SLUICE_URL: service.url } });
}

async function imported(table: string, mode: "create" | "append" = "create"): Promise<string> {
  const { id } = await startImport(service.client, flights.bytes, { table, mode });
  expect((await waitForEnd(service.client, id)).state).toBe("succeeded");
  return id;
}

test("an undo goes on with the next service when the one that was asked is killed", async () => {
  const id = await imported("killed");
  await scene.pool.query("insert into killed (origin) values ('MINE')");
  const held = await scene.pool.connect();
  try {
    // A lock on a row of the job holds the undo in the middle of a stretch.
    await held.query("begin; select from killed where origin <> 'MINE' limit 1 for update");
    const answer = service.client.act(id, "undo").catch(() => "no answer");
    await scene.waitFor(id, "is undoing its rows", ({ phase }) => phase === "undoing");
    await service.end("SIGKILL");
    expect(await answer).toBe("no answer");
  } finally {
    await held.query("rollback");
    held.release();
  }
  expect(await scene.stored(id)).toMatchObject({ state: "undoing", phase: "undoing" });

  service = await scene.start({ settings: NO_LEASE });

  await scene.waitForState(id, "undone");
  expect(await countOf("killed")).toBe(1);
  expect((await service.client.getReceipt(id)).undo).toEqual({
    removed: 50_000,
    restored: 0,
    left: 0,
    failed: 0,
    failedReasons: [],
  });
  await expectAllGood(scene.pool);
});

test("sluice undo says what it removed and what others have kept from it", async () => {
  const made = await imported("made");
  const first = await sluice("undo", made, "--reason", "wrong month");
  expect(first).toMatchObject({ code: 0 });
  expect(first.stdout).toBe("↶ Undone. Removed 50,000 rows; public.made is dropped.\n");

  // A serial column writes every row anew, so that nothing is known of them.
  const changed = await imported("changed");
  await scene.pool.query("alter table changed add id serial primary key");
  const { code, stdout, stderr } = await sluice("undo", changed);
  expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
  expect(stderr).toContain("public.changed was emptied or written anew since");
  expect(await countOf("changed")).toBe(50_000);
});

test("sluice undo tells what is referred to, and the receipt by what", async () => {
  await scene.pool
    .query(`create table referred (id serial primary key, date timestamptz, delay int, distance int,
    origin text, destination text)`);
  const id = await imported("referred", "append");
  await scene.pool
    .query(`create table seen_too (flight int constraint seen_flight references referred);
    insert into seen_too values (7), (9); update referred set delay = 0 where id <= 3`);

  const { stdout, code } = await sluice("undo", id);

  expect(code).toBe(0);
  expect(stdout.split("\n").slice(0, 1)).toEqual([
    "↶ Undone. Removed 49,995 rows from public.referred. 3 rows were changed or deleted by others since and left. " +
      "2 rows were left, because the table refused.",
  ]);
  expect((await sluice("show", id, "--receipt")).stdout).toContain(
    "2 rows left:  rows of public.seen_too refer to them (seen_flight)",
  );
  expect(await countOf("referred")).toBe(5);
  await expectAllGood(scene.pool);
});

test("rows that a stop has kept can be undone, and counted before", async () => {
  const { id } = await startImport(service.client, flights.bytes, {
    table: "kept",
    pauseAfter: 1000,
  });
  await scene.waitForState(id, "paused");
  await service.client.act(id, "stop", { rows: "keep" });
  const job = await service.client.getJob(id);
  expect(job).toMatchObject({ actions: ["undo", "rerun"], undo: { possible: true, reason: null } });
  expect(Date.parse(job.undo.until ?? "") - Date.parse(job.timing.endedAt ?? "")).toBe(
    7 * 24 * 60 * 60 * 1000,
  );

  expect(await service.client.previewUndo(id)).toEqual({
    rowsRemoved: 1000,
    rowsRestored: 0,
    rowsLeft: 0,
    isEstimate: false,
    dropsTable: true,
  });

  const { stdout } = await sluice("undo", id);
  expect(stdout).toBe("↶ Undone. Removed 1,000 rows; public.kept is dropped.\n");
  await expectAllGood(scene.pool);
});
