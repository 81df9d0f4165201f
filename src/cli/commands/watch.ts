/** `sluice watch`. */
import type { JobView } from "../../client/index.ts";
import type { Command } from "../command.ts";
import { followJob } from "../follow-job.ts";
import { exitCodeOfEnd, reportOutcome } from "../follow-outcome.ts";
import { findJob } from "../job-reference.ts";
import { requireService } from "../service-connection.ts";

/** Follows a job to its end, as `import` does. */
export const watchCommand: Command = {
  name: "watch",
  usage: "JOB",
  summary: "follow a job to its end",
  argumentCount: { least: 1, most: 1 },
  flags: { strict: { description: "exit with 3 when rows were rejected" } },
  notes: ["With --json: one line for each change of the job."],
  run: async (invocation) => {
    const { output, input, isJson } = invocation;
    const client = await requireService(await invocation.loadConfig());
    const job = await findJob(client, invocation.args[0] ?? "");
    const isStrict = invocation.flags.has("strict");
    if (!isJson) {
      const end = await followJob(job, { client, output, input, isOwnService: false });
      return reportOutcome(end, { invocation, client, isOwnService: false, isStrict });
    }
    const end = await followJob(job, {
      client,
      output,
      isSilent: true,
      input: { ...input, isInteractive: false },
      isOwnService: false,
      onJob: (view: JobView) => output.print(JSON.stringify(view)),
      until: output.closed,
    });
    return exitCodeOfEnd(end, isStrict);
  },
};
