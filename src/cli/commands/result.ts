/** `sluice result`. */
import { SluiceError } from "../../core/errors.ts";
import type { Command } from "../command.ts";
import { EXIT } from "../exit-codes.ts";
import { formatBytes } from "../format.ts";
import { findJob } from "../job-reference.ts";
import { saveResult } from "../save-result.ts";
import { requireService } from "../service-connection.ts";
import { printable } from "../terminal/text.ts";

/** Downloads the file that an export has made. */
export const resultCommand: Command = {
  name: "result",
  usage: "JOB",
  summary: "download the file of an export",
  argumentCount: { least: 1, most: 1 },
  flags: {
    output: {
      value: "FILE",
      short: "o",
      description: "where to, - for standard output; the export's own name unless told",
    },
  },
  notes: ["  sluice result last -o flights.csv"],
  run: async ({ args, flags, output, isJson, loadConfig }) => {
    const client = await requireService(await loadConfig());
    const job = await findJob(client, args[0] ?? "");
    if (job.kind !== "export")
      throw new SluiceError("usage", "An import makes no file: its rows are in its table.");
    const path = flags.text("output") ?? job.fileName;
    await saveResult(client, job, path, output);
    if (path === "-") return EXIT.done;
    if (isJson) output.print(JSON.stringify({ path, ...job.result }));
    else output.note(`Wrote ${printable(path)}, ${formatBytes(job.result?.bytes ?? 0)}.`);
    return EXIT.done;
  },
};
