/** `sluice result`. */
import { SluiceError } from "../../core/errors.ts";
import type { JobView } from "../../client/index.ts";
import type { Command } from "../command.ts";
import { EXIT } from "../exit-codes.ts";
import { formatBytes } from "../format.ts";
import { resultFileOf } from "../job-facts.ts";
import { findJob } from "../job-reference.ts";
import { saveResult } from "../save-result.ts";
import { requireService } from "../service-connection.ts";
import { printable } from "../terminal/text.ts";

/** Downloads the file that an export or a process has made. */
export const resultCommand: Command = {
  name: "result",
  usage: "JOB",
  summary: "download the file of an export or a process",
  argumentCount: { least: 1, most: 1 },
  flags: {
    output: {
      value: "FILE",
      short: "o",
      description: "where to, - for standard output; the file's own name unless told",
    },
  },
  notes: ["  sluice result last -o flights.csv"],
  run: async ({ args, flags, output, isJson, loadConfig }) => {
    const client = await requireService(await loadConfig());
    const job = await findJob(client, args[0] ?? "");
    const result = resultOf(job);
    const path = flags.text("output") ?? result.name;
    await saveResult(client, { jobId: job.id, sha256: result.sha256 }, path, output);
    if (path === "-") return EXIT.done;
    if (isJson) output.print(JSON.stringify({ path, ...job.result }));
    else output.note(`Wrote ${printable(path)}, ${formatBytes(result.bytes)}.`);
    return EXIT.done;
  },
};

/** Errors: `usage` where there is never a file, `no_result` where there is none now. */
function resultOf(job: JobView): {
  readonly name: string;
  readonly sha256: string;
  readonly bytes: number;
} {
  if (job.kind === "import")
    throw new SluiceError("usage", "An import makes no file: its rows are in its table.");
  if (job.kind === "process" && job.fileName === null)
    throw new SluiceError("usage", `The process ${job.process} makes no file.`);
  const file = resultFileOf(job);
  if (file !== null) return file;
  throw new SluiceError("no_result", `The job is ${job.state}: there is no file.`);
}
