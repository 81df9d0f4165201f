/** The process that `sluice init process` writes: it runs over any file as it is, and shows what there is. */

/** The text of its file. `name` is a name of a process. */
export function processTemplate(name: string): string {
  return `// Runs over the records of a CSV file, batch by batch: sluice run ${name} FILE
import { defineProcess } from "sluice";
import { z } from "zod";

export default defineProcess({
  name: "${name}",
  title: "${titleOf(name)}",

  // What a job may be told: --param upperCase=true
  params: z.object({ upperCase: z.boolean().default(false) }),

  // The records of a batch commit together. A pause waits for one batch at most.
  batchSize: 1000,

  // The columns of the file that it makes, from the names of the columns of the file that it reads.
  // Leave this and ctx.emit out when there is no file to make.
  output: { columns: (fields) => fields },

  async run(batch, ctx) {
    for (const record of batch.records) {
      const values = Object.entries(record).map(([field, text]) => {
        const trimmed = text.trim();
        return [field, ctx.params.upperCase ? trimmed.toUpperCase() : trimmed] as const;
      });
      // A record that cannot be done is left out, with the reason. The others go on.
      if (values.every(([, text]) => text === "")) ctx.reject(record, "Every field is empty.");
      else ctx.emit(Object.fromEntries(values));
    }

    // SQL commits together with the place in the file, so it happens exactly once:
    //   await ctx.tx.query("insert into seen (key) values ($1)", [batch.key]);
    // Other services are called at least once. The same record has the same key each time:
    //   await fetch(url, { headers: { "Idempotency-Key": batch.keyOf(record) }, signal: ctx.signal });

    ctx.log("Batch done", { records: batch.records.length });
  },

  // Reverses one batch, the newest first, when the job is stopped or undone. Without it what was done stays.
  // async undo(batch, ctx) {
  //   await ctx.tx.query("delete from seen where key = $1", [batch.key]);
  // },
});
`;
}

/** `clean-names` becomes `Clean names`. */
function titleOf(name: string): string {
  const words = name.replaceAll("-", " ").trim();
  return `${words.slice(0, 1).toUpperCase()}${words.slice(1)}`;
}
