/** What user code can do to itself: its job fails or stops within seconds, and the service and another job go on. */
import { readdir, readFile } from "node:fs/promises";
import { afterEach, expect, test } from "vitest";
import { expectAllGood } from "../support/all-good.ts";
import { ProcessServiceScene } from "../support/process-service.ts";
import { until } from "../support/until.ts";

const SECOND_MS = 1_000;
const START = { settings: { batchRetryMs: 20 }, environment: { SLUICE_CONCURRENCY: "2" } };

/** Files of processes that do harm in the second batch, to its body. */
function harmful(body: string, options = ""): string {
  return `
import { defineProcess } from "sluice";
export default defineProcess({
  name: "harm",
  batchSize: 100,
  retries: 1,
  ${options}
  async run(batch, ctx) {
    await ctx.tx.query("insert into harm select unnest($1::int[])", [batch.records.map((r) => Number(r.id))]);
    if (!batch.key.endsWith(":1-100")) { ${body} }
  },
});
`;
}

const csv = `id,name\n${Array.from({ length: 400 }, (_, at) => `${at + 1},name ${at + 1}\n`).join("")}`;

let world: ProcessServiceScene;

afterEach(() => world?.[Symbol.asyncDispose]());

async function open(source: string): Promise<void> {
  world = await ProcessServiceScene.open({ "harm.ts": source });
  await world.scene.pool.query("create table harm (id integer primary key)");
}

async function rows(): Promise<number> {
  const { rows: found } = await world.scene.pool.query("select id from harm");
  return found.length;
}

/** That the service answers and another process runs to its end. */
async function expectOthersGoOn(url: string): Promise<void> {
  expect((await fetch(`${url}/healthz`)).status).toBe(200);
  const other = await world.create("swap-columns", csv);
  expect((await world.waitForEnd(other.id)).state).toBe("succeeded");
}

/** Operating system processes of user code that this scene's services have started. */
async function hostsOfUserCode(folder: string): Promise<readonly string[]> {
  const ids = (await readdir("/proc")).filter((name) => /^\d+$/.test(name));
  const found = await Promise.all(
    ids.map(async (id) => {
      const command = await readFile(`/proc/${id}/cmdline`, "utf8").catch(() => "");
      const folderOf = await readFile(`/proc/${id}/environ`, "utf8").catch(() => "");
      return command.includes("process-main.js") && folderOf.includes(folder) ? [id] : [];
    }),
  );
  return found.flat();
}

test.each([
  ["leaves the process", "process.exit(0);", "exit"],
  [
    "rejects a promise that nobody awaits",
    "Promise.reject(new Error('nobody')); await new Promise((r) => setTimeout(r, 5000));",
    "nobody",
  ],
  [
    "throws in a callback",
    "setTimeout(() => { throw new Error('later'); }, 1); await new Promise((r) => setTimeout(r, 5000));",
    "later",
  ],
  ["loops for ever", "for (;;);", "limit"],
  [
    "takes two gigabytes of buffers",
    "const all = []; for (;;) { all.push(Buffer.alloc(64e6, 1)); await new Promise((r) => setTimeout(r, 20)); }",
    "memory",
  ],
  [
    "takes two gigabytes of its heap",
    "const all = []; for (;;) all.push(new Array(1e6).fill(all.length));",
    "memory",
  ],
])("user code that %s fails its job alone", async (_, body, word) => {
  // On a busy machine filling the memory takes longer than a loop has to be waited for.
  const seconds = word === "memory" ? 30 : 3;
  await open(harmful(body, `timeoutSeconds: ${seconds},`));
  const service = await world.start(START);
  const job = await world.create("harm", csv);

  await expectOthersGoOn(service.url);

  const failed = await world.waitForState(job.id, "failed");
  expect(failed.failure?.code).toBe("process_failed");
  expect(failed.failure?.message).toContain(word);
  expect(await rows()).toBe(100);
  expect(failed.progress.read).toBe(100);
  expect(service.isAlive()).toBe(true);
  await expectAllGood(world.scene.pool);
});

test.each([
  ["loops for ever", "for (;;);"],
  ["does not listen", "await new Promise((r) => setTimeout(r, 3_600_000));"],
])("user code that %s is stopped within ten seconds, and its host is gone", async (_, body) => {
  await open(harmful(body, "timeoutSeconds: 3000,"));
  const service = await world.start({ ...START, environment: { ...START.environment, MARK: "x" } });
  const job = await world.create("harm", csv);
  await world.waitForRecords(job.id, 100);
  await expectOthersGoOn(service.url);

  const begun = performance.now();
  const { outcome } = await world.act(job.id, "stop", { rows: "keep" });

  expect(outcome).toBe("reached");
  expect(performance.now() - begun).toBeLessThan(10 * SECOND_MS);
  const stopped = await world.job(job.id);
  expect(stopped).toMatchObject({ state: "stopped", result: { rows: "kept", recordsDone: 100 } });
  await until("nobody works on it", async () => {
    const { rowCount } = await world.scene.pool.query(
      "select from sluice.batch where runner_id is not null",
    );
    return rowCount === 0;
  });
  expect(await rows()).toBe(100);
  await expectOthersGoOn(service.url);
});

test("a service that is killed leaves no host of user code, also when that loops", async () => {
  await open(harmful("for (;;);", "timeoutSeconds: 3000,"));
  const mark = world.scene.path("processes");
  const service = await world.start({
    settings: START.settings,
    environment: { ...START.environment, TEST_MARK: mark },
  });
  const job = await world.create("harm", csv);
  await world.waitForRecords(job.id, 100);
  await until("user code loops", async () => (await hostsOfUserCode(mark)).length > 0);

  await service.end("SIGKILL");

  await until("its host is gone", async () => (await hostsOfUserCode(mark)).length === 0);
  expect((await world.job(job.id)).progress.read).toBe(100);
});
