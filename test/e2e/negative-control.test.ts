/** Proof that the fault suite can fail: over a broken commit protocol its checks find doubled rows. */
import { afterEach, beforeEach, expect, test } from "vitest";
import { expectAllGood } from "../support/all-good.ts";
import { FaultScene } from "../support/fault-scene.ts";
import { flightsFile, sumsOf } from "../support/flights.ts";
import { startImport } from "../support/import-job.ts";
import { ProcessServiceScene } from "../support/process-service.ts";

/**
 * A gate that looks right as long as nothing breaks: it saves position, counters and ledger together, but only when a
 * part is done, and asks neither where the part is nor for the epoch.
 */
const NAIVE_GATE = `
  create or replace function sluice.chunk_gate(
    p_job text, p_part integer, p_epoch integer, p_from bigint, p_to bigint, p_next_record bigint, p_next_line bigint,
    p_read bigint, p_written bigint, p_rejected bigint, p_filtered bigint, p_staging text
  ) returns void language plpgsql as $$
  declare
    records bigint;
  begin
    perform set_config('sluice.inserted_before',
      coalesce(pg_stat_get_xact_tuples_inserted(p_staging::regclass), 0)::text, true);
    update sluice.part set next_byte = p_to, next_record = p_next_record, next_line = p_next_line,
        records_read = case when p_part = 0 then 0 else p_next_record - first_record end,
        records_written = case when p_part = 0 then 0 else p_next_record - first_record end
      where job_id = p_job and part_no = p_part and (p_part = 0 or p_to = end_byte)
      returning records_read into records;
    if p_part > 0 and found then
      insert into sluice.chunk (job_id, part_no, from_byte, to_byte, epoch, records_read, records_written,
          records_rejected, records_filtered)
        select job_id, part_no, first_byte, p_to, p_epoch, records, records, 0, 0 from sluice.part
        where job_id = p_job and part_no = p_part;
    end if;
  end $$`;

const flights = flightsFile(1);
let scene: FaultScene;

beforeEach(async () => {
  scene = await FaultScene.open();
});
afterEach(() => scene?.[Symbol.asyncDispose]());

/** Kills a service after its first commit, starts the next, and returns the job. */
async function importWithKill(): Promise<string> {
  const environment = { SLUICE_FAILPOINT: "after_commit:1" };
  const victim = await scene.start({ environment });
  const job = await startImport(victim.client, flights.bytes, { table: "flights" });
  await victim.ended;
  await scene.start();
  return job.id;
}

test("over a gate that saves the checkpoint apart from the rows, a kill doubles rows and the checks say so", async () => {
  await scene.pool.query(NAIVE_GATE);

  const jobId = await importWithKill();

  await scene.waitForState(jobId, "succeeded");
  expect((await sumsOf(scene.pool, "flights")).count).toBeGreaterThan(flights.sums.count);
  await expect(scene.expectImported(jobId, "flights", flights.sums)).rejects.toThrow();
});

test("over the same gate the checks find nothing as long as nobody kills the service", async () => {
  await scene.pool.query(NAIVE_GATE);
  const service = await scene.start();

  const job = await startImport(service.client, flights.bytes, { table: "flights" });

  await scene.expectImported(job.id, "flights", flights.sums);
});

test("over the gate as it is, the same kill doubles nothing", async () => {
  const jobId = await importWithKill();

  await scene.expectImported(jobId, "flights", flights.sums);
});

/** As the other, for processes: the batch is not noted, and its checkpoint is saved at the end of the file. */
const NAIVE_PROCESS = `
  create or replace function sluice.process_begin(
    p_job text, p_epoch integer, p_runner text, p_from bigint, p_to bigint, p_first_record bigint, p_last_record bigint,
    p_first_line bigint, p_next_line bigint
  ) returns void language sql as $$ $$;
  create or replace function sluice.PROCESS_GATE language plpgsql as $$
  begin
    update sluice.part set next_byte = p_to, next_record = p_next_record, next_line = p_next_line,
        records_read = p_next_record - 1, records_written = p_next_record - 1
      where job_id = p_job and part_no = 1 and p_to = end_byte;
    insert into sluice.chunk (job_id, part_no, from_byte, to_byte, epoch, records_read, records_written,
        records_rejected, records_filtered)
      select job_id, part_no, first_byte, p_to, p_epoch, records_read, records_written, 0, 0 from sluice.part
      where job_id = p_job and p_to = end_byte;
  end $$`;

const ROWS = 500;
const WRITE = `
import { defineProcess } from "sluice";
export default defineProcess({
  name: "write",
  batchSize: 100,
  async run(batch, ctx) {
    await ctx.tx.query("insert into written select unnest($1::int[])", [batch.records.map((r) => Number(r.id))]);
  },
});
`;

test("over a gate of processes that saves the checkpoint apart, a kill doubles what user code did", async () => {
  await using world = await ProcessServiceScene.open({ "write.ts": WRITE });
  const { pool } = world.scene;
  const { rows } = await pool.query<{ head: string }>(
    `select p.proname || '(' || pg_get_function_arguments(p.oid) || ') returns void' as head from pg_proc p
      where p.oid = 'sluice.process_gate'::regproc`,
  );
  await pool.query(NAIVE_PROCESS.replace("PROCESS_GATE", rows[0]?.head ?? ""));
  await pool.query("create table written (id integer)");
  const victim = await world.start({ environment: { SLUICE_FAILPOINT: "after_commit:2" } });
  const csv = `id\n${Array.from({ length: ROWS }, (_, at) => `${at + 1}\n`).join("")}`;
  const job = await world.create("write", csv);
  await victim.ended;

  await world.start();

  expect((await world.waitForEnd(job.id)).state).toBe("succeeded");
  const written = await pool.query("select id from written");
  expect(written.rowCount).toBe(ROWS + 200);
  await expect(expectAllGood(pool)).rejects.toThrow("batches of processes");
});
