// Exchanges the first two columns of a file. The result is a CSV file with the same records.
import { defineProcess } from "sluice";

export default defineProcess({
  name: "swap-columns",
  title: "Swap the first two columns",
  description: "Writes the file again with its first two columns exchanged.",
  batchSize: 10_000,
  output: {
    columns: (fields) => [...fields.slice(1, 2), ...fields.slice(0, 1), ...fields.slice(2)],
  },
  run(batch, ctx) {
    for (const record of batch.records) ctx.emit(record);
  },
});
