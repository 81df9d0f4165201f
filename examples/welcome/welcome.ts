// Writes a greeting for each customer to the table `welcomed`, and takes it out again when the job is stopped or undone.
import { defineProcess } from "sluice";
import { z } from "zod";

export default defineProcess({
  name: "welcome",
  title: "Welcome customers",
  params: z.object({ greeting: z.string().default("Hello") }),
  record: z.object({ email: z.email("No e-mail address."), name: z.string() }),
  batchSize: 4,

  async run(batch, ctx) {
    await ctx.tx.query("create table if not exists welcomed (email text primary key, text text)");
    for (const record of batch.records) {
      if (record.name === "") ctx.reject(record, "Nobody to welcome.", { column: "name" });
      else
        await ctx.tx.query("insert into welcomed (email, text) values ($1, $2)", [
          record.email,
          `${ctx.params.greeting}, ${record.name}`,
        ]);
    }
    ctx.log("Welcomed", { records: batch.records.length });
  },

  async undo(batch, ctx) {
    // The rows of a batch that was interrupted are gone already.
    if (!ctx.isCommitted) return;
    const emails = batch.records.map((record) => record.email);
    await ctx.tx.query("delete from welcomed where email = any ($1)", [emails]);
  },
});
