/** `sluice jobs`. */
import { SluiceError } from "../../core/errors.ts";
import { JOB_STATE_NAMES } from "../../core/job-state.ts";
import type { Command, Flags } from "../command.ts";
import { EXIT } from "../exit-codes.ts";
import { jobTable } from "../job-table.ts";
import { requireService } from "../service-connection.ts";

const USUAL_COUNT = 20;
const MOST = 200;

/** Lists jobs, newest first. */
export const jobsCommand: Command = {
  name: "jobs",
  usage: "",
  summary: "list jobs, newest first",
  argumentCount: { least: 0, most: 0 },
  flags: {
    state: { value: "STATE", description: "only jobs in this state; several with commas" },
    limit: {
      value: "N",
      short: "n",
      description: `how many, ${USUAL_COUNT} unless told, at most ${MOST}`,
    },
  },
  run: async ({ flags, output, isJson, loadConfig }) => {
    const state = stateFilter(flags);
    const limit = Math.min(MOST, flags.wholeNumber("limit", 1) ?? USUAL_COUNT);
    const client = await requireService(await loadConfig());
    const page = await client.listJobs({ limit, ...(state === undefined ? {} : { state }) });
    if (isJson) {
      output.print(JSON.stringify(page));
      return EXIT.done;
    }
    if (page.items.length === 0) {
      output.note(
        state === undefined ? "No jobs yet. `sluice import FILE` makes one." : "No job matches.",
      );
      return EXIT.done;
    }
    const view = { columns: output.resultColumns(), style: output.style, now: Date.now() };
    for (const line of jobTable(page.items, view)) output.print(line);
    if (page.next !== null) output.note(`More than ${limit}: --limit shows more.`);
    return EXIT.done;
  },
};

function stateFilter(flags: Flags): string | undefined {
  const text = flags.text("state");
  const unknown = text?.split(",").find((name) => !JOB_STATE_NAMES.some((state) => state === name));
  if (unknown !== undefined)
    throw new SluiceError(
      "usage",
      `Expected --state to be one of ${JOB_STATE_NAMES.join(", ")}, got ${JSON.stringify(unknown)}.`,
    );
  return text;
}
