/** How the jobs that a service keeps a worker for are found. */
import { expect, test } from "vitest";
import { openPool } from "../../src/store/connect.ts";
import { createSampleStore } from "../../src/store/sample-store.ts";
import { openTestDatabase } from "../support/database.ts";

test("the samples of a service are found without reading every job", async () => {
  await using database = await openTestDatabase();
  // So few jobs would be read one by one at no cost: the planner is told to avoid that where it can.
  const url = new URL(database.url);
  url.searchParams.set("options", "-c enable_seqscan=off");
  const pool = openPool(url.href, "sluice test", 1);

  try {
    await pool.query("begin");
    const before = await scansOf(pool);
    await createSampleStore(pool).listKept("worker_x");
    const after = await scansOf(pool);
    await pool.query("rollback");

    expect(after - before).toBe(1);
  } finally {
    await pool.end();
  }
});

/** How often the index was used in this transaction. */
async function scansOf(pool: ReturnType<typeof openPool>): Promise<number> {
  const { rows } = await pool.query<{ scans: number }>(
    "select pg_stat_get_xact_numscans(to_regclass('sluice.job_by_sample_keeper'))::int as scans",
  );
  return rows[0]?.scans ?? 0;
}
