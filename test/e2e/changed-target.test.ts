/** The target of an import changes between its start and its publishing. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { expectAllGood } from "../support/all-good.ts";
import { FaultScene } from "../support/fault-scene.ts";
import { flightsFile } from "../support/flights.ts";
import { startImport } from "../support/import-job.ts";
import type { ServiceProcess } from "../support/service.ts";

const TARGET =
  "create table target (date timestamptz, delay int, distance int, origin text, destination text)";

const flights = flightsFile(1);
let scene: FaultScene;
let service: ServiceProcess;

beforeAll(async () => {
  scene = await FaultScene.open();
  service = await scene.start();
});
afterAll(() => scene?.[Symbol.asyncDispose]());

beforeEach(() => scene.pool.query("drop table if exists target"));

/** Starts an import that pauses itself after some records. */
async function pausedImport(mode: "create" | "append"): Promise<string> {
  if (mode === "append") await scene.pool.query(TARGET);
  const body = { table: "target", mode, pauseAfter: 5_000 };
  const { id } = await startImport(service.client, flights.bytes, body);
  await scene.waitForState(id, "paused");
  return id;
}

test("a target that appears before publishing is left as it is, and the job goes on when it is gone", async () => {
  const id = await pausedImport("create");
  await scene.pool.query("create table target (other int)");

  await service.client.act(id, "resume");
  const { failure } = await scene.waitForState(id, "failed");
  expect(failure).toMatchObject({ code: "table_exists" });
  await expectAllGood(scene.pool);

  expect((await scene.pool.query("select other from target")).rowCount).toBe(0);
  await scene.pool.query("drop table target");
  await service.client.act(id, "resume");
  await scene.expectImported(id, "target", flights.sums);
});

describe("a target that changes before publishing", () => {
  test.each([
    ["dropped", "drop table target", TARGET],
    [
      "without a column",
      "alter table target drop column delay",
      "alter table target add column delay int",
    ],
    [
      "of another type",
      "alter table target alter column origin type date using null",
      "alter table target alter column origin type text",
    ],
    [
      "with a trigger that drops rows",
      `create function drop_row() returns trigger language plpgsql as 'begin return null; end';
       create trigger dropping before insert on target for each row execute function drop_row()`,
      "drop trigger dropping on target",
    ],
  ])("is refused when it is %s, and takes the rows when it fits again", async (_, change, back) => {
    const id = await pausedImport("append");
    await scene.pool.query(change);

    await service.client.act(id, "resume");
    await scene.waitForState(id, "failed");
    await expectAllGood(scene.pool);

    await scene.pool.query(back);
    await service.client.act(id, "resume");
    await scene.expectImported(id, "target", flights.sums);
  });

  test("with a constraint takes the rows that fit it", async () => {
    const id = await pausedImport("append");
    await scene.pool.query("alter table target add constraint short check (distance < 300)");

    await service.client.act(id, "resume");

    const { read } = await scene.waitForState(id, "succeeded");
    const { rows } = await scene.pool.query<{ taken: number; rejected: number; code: string }>(
      `select (select count(*)::int from target where distance < 300) as taken, count(*)::int as rejected,
        min(code) as code
        from sluice.rejection where job_id = $1 having min(code) = max(code)`,
      [id],
    );
    expect(rows).toMatchObject([{ code: "check_violation" }]);
    expect((rows[0]?.taken ?? 0) + (rows[0]?.rejected ?? 0)).toBe(read);
    await expectAllGood(scene.pool);
  });

  test("takes the rows when it only has a column more", async () => {
    const id = await pausedImport("append");
    await scene.pool.query("alter table target add column note text default 'none'");

    await service.client.act(id, "resume");

    await scene.expectImported(id, "target", flights.sums);
  });
});
