// Makes a team in another service for each record, and keeps what it made in the table `teams`.
//
// The table is exactly right, because its rows commit together with the place in the file. The service is asked at least
// once for each team: after a crash a batch is run again, with the same Idempotency-Key for the same record, by which the
// service can answer with the team that it has made already. `undo` deletes by that key as well, so that it also finds the
// teams of a batch that was interrupted, whose rows are not in the table.
import { defineProcess } from "sluice";
import { z } from "zod";

const params = z.object({
  /** Address of the service, such as https://teams.example.com/api. */
  baseUrl: z.url(),
  /** Requests under way at a time. */
  parallel: z.coerce.number().int().min(1).max(64).default(8),
});

export default defineProcess({
  name: "create-teams",
  title: "Create teams",
  description: "Makes a team for each record by POST /teams, and a row for it in the table teams.",
  params,
  record: z.object({ name: z.string().trim().min(1, "A team needs a name.") }),
  batchSize: 200,

  async run(batch, ctx) {
    const { baseUrl, parallel } = ctx.params;
    const made: { key: string; id: string; name: string }[] = [];
    await several(batch.records, parallel, async (record) => {
      const key = batch.keyOf(record);
      const response = await fetch(`${baseUrl}/teams`, {
        method: "POST",
        headers: { "Content-Type": "application/json", "Idempotency-Key": key },
        body: JSON.stringify({ name: record.name }),
        signal: ctx.signal,
      });
      // The service will not take this one, however often it is asked: a matter of the record, not of the batch.
      if (response.status === 422)
        return ctx.reject(record, await response.text(), { column: "name" });
      if (!response.ok) throw new Error(`POST /teams was answered with ${response.status}.`);
      const team = z.object({ id: z.string() }).parse(await response.json());
      made.push({ key, id: team.id, name: record.name });
    });

    await ctx.tx.query(
      "create table if not exists teams (key text primary key, id text not null, name text not null)",
    );
    await ctx.tx.query(
      `insert into teams (key, id, name)
       select team ->> 'key', team ->> 'id', team ->> 'name' from jsonb_array_elements($1::jsonb) as team`,
      [JSON.stringify(made)],
    );
    ctx.log("Teams made", { teams: made.length });
  },

  async undo(batch, ctx) {
    const { baseUrl, parallel } = ctx.params;
    const gone: string[] = [];
    await several(batch.records, parallel, async (record) => {
      const key = batch.keyOf(record);
      const response = await fetch(`${baseUrl}/teams/by-key/${encodeURIComponent(key)}`, {
        method: "DELETE",
        signal: ctx.signal,
      });
      if (response.status === 409) return ctx.keep(record, "The team has members by now.");
      // 404: it was never made, or an undo before this one has deleted it.
      if (!response.ok && response.status !== 404)
        throw new Error(`DELETE of a team was answered with ${response.status}.`);
      gone.push(key);
    });

    // What was interrupted has no rows, and perhaps there is not even the table.
    if (ctx.isCommitted) await ctx.tx.query("delete from teams where key = any ($1)", [gone]);
  },
});

/** Calls `work` for each item, `parallel` at a time. After an error none is begun, and those under way are awaited. */
async function several<T>(
  items: readonly T[],
  parallel: number,
  work: (item: T) => Promise<void>,
): Promise<void> {
  const waiting = [...items];
  const lane = async (): Promise<void> => {
    for (let item = waiting.shift(); item !== undefined; item = waiting.shift()) await work(item);
  };
  const lanes = Array.from({ length: parallel }, () =>
    lane().catch((error: unknown) => {
      waiting.length = 0;
      throw error;
    }),
  );
  await Promise.allSettled(lanes);
  await Promise.all(lanes);
}
