/** A service that dies between the row of a file and its bytes: when it is written for a retry, and when it is deleted. */
import { readdir } from "node:fs/promises";
import { afterEach, beforeEach, expect, test } from "vitest";
import { expectAllGood } from "../support/all-good.ts";
import { FaultScene } from "../support/fault-scene.ts";
import { until } from "../support/until.ts";

const NO_LEASE = { leaseMs: 3_600_000 };
let scene: FaultScene;

beforeEach(async () => {
  scene = await FaultScene.open();
});
afterEach(() => scene?.[Symbol.asyncDispose]());

const stored = async (): Promise<readonly string[]> =>
  (await readdir(scene.path("service", "files"))).filter((name) => name.startsWith("file_"));

test("a service killed between the file of a retry and its job leaves neither, and the rows can be retried", async () => {
  const victim = await scene.start({
    settings: NO_LEASE,
    environment: { SLUICE_FAILPOINT: "file_written:1" },
  });
  const file = await victim.client.uploadFile("people.csv", Buffer.from("id,age\n1,7\n2,old\n"));
  const types = { age: "integer" };
  const { id } = await victim.client.createJob({
    kind: "import",
    file: file.id,
    table: "p",
    types,
  });
  await scene.waitForState(id, "succeeded");
  await victim.client.correctRecords(id, [{ record: 2, values: { age: "8" } }]);

  await expect(victim.client.retryJob(id)).rejects.toMatchObject({ code: "service_unreachable" });
  await victim.ended;
  const next = await scene.start({ settings: NO_LEASE });

  await until("the file of the retry is gone", async () => (await stored()).length === 1);
  const { rows: left } = await scene.pool.query(
    "select from sluice.file where receiver is not null union all select from sluice.retry",
  );
  expect(left).toEqual([]);
  const child = await next.client.retryJob(id);
  await scene.waitForState(child.id, "succeeded");
  const { rows } = await scene.pool.query("select id, age from p order by id");
  expect(rows).toEqual([
    { id: 1, age: 7 },
    { id: 2, age: 8 },
  ]);
  await expectAllGood(scene.pool);
});

test("a service killed between deleting a file and removing its bytes removes them at its next start", async () => {
  const victim = await scene.start({ environment: { SLUICE_FAILPOINT: "file_deleted:1" } });
  const kept = await victim.client.uploadFile("kept.csv", Buffer.from("id\n1\n"));
  const file = await victim.client.uploadFile("people.csv", Buffer.from("id\n1\n"));

  await expect(victim.client.deleteFile(file.id)).rejects.toMatchObject({
    code: "service_unreachable",
  });
  await victim.ended;
  expect((await stored()).toSorted()).toEqual([kept.id, file.id].toSorted());
  const next = await scene.start();

  await until("the bytes are gone", async () => !(await stored()).includes(file.id));
  expect(await stored()).toEqual([kept.id]);
  await expect(next.client.getFile(file.id)).rejects.toMatchObject({ code: "not_found" });
});
