/** `sluice rerun`. */
import { SluiceError } from "../../core/errors.ts";
import type {
  PlanView,
  ProcessJobView,
  ProcessPlanView,
  RerunBody,
  SluiceClient,
} from "../../client/index.ts";
import { FOLLOW_FLAGS, finishImport, isImportWanted, showPlan } from "../begin-import.ts";
import { finishProcess, isProcessWanted, RESULT_FLAG, showProcessPlan } from "../begin-process.ts";
import type { Command, Flags, Invocation } from "../command.ts";
import { EXIT, type ExitCode } from "../exit-codes.ts";
import { decisionsOf, IMPORT_FLAGS } from "../import-request.ts";
import { findJob } from "../job-reference.ts";
import { PARAM_FLAG, paramsOf } from "../process-params.ts";
import { requireService } from "../service-connection.ts";

type Corrections = Omit<RerunBody, "validateOnly">;

/** What `--reset` takes, and the field that it takes away. */
const RESETS = {
  table: "table",
  mode: "mode",
  map: "columns",
  types: "types",
  key: "key",
  direct: "delivery",
  "on-conflict": "onConflict",
  reading: "reading",
  "max-rejected": "maxRejected",
  "pause-after": "pauseAfter",
  speed: "maxRecordsPerSecond",
  params: "params",
} as const satisfies Record<string, keyof Corrections>;

/** Runs a job that is over again, over the file that is there. */
export const rerunCommand: Command = {
  name: "rerun",
  usage: "JOB",
  summary: "run a job that is over again, with corrections, over the same file",
  argumentCount: { least: 1, most: 1 },
  flags: {
    ...IMPORT_FLAGS,
    param: PARAM_FLAG,
    output: RESULT_FLAG,
    reset: {
      value: "NAME",
      isRepeatable: true,
      description: `back to the default: ${Object.keys(RESETS).join(", ")}`,
    },
    ...FOLLOW_FLAGS,
  },
  notes: [
    "What no flag names is as in the job before. --map, --types, --param and the flags of reading replace all of theirs.",
    "A rerun of a dry run imports; with --dry-run it only says again what it would do.",
    "A process takes --param, --max-rejected, --pause-after and --speed.",
    "",
    "  sluice rerun last --types zip=text",
    "  sluice rerun last --table people_2 --reset map",
  ],
  run: runRerun,
};

async function runRerun(invocation: Invocation): Promise<ExitCode> {
  const { args, flags, input } = invocation;
  const client = await requireService(await invocation.loadConfig());
  const parent = await findJob(client, args[0] ?? "");
  if (parent.kind === "export")
    throw new SluiceError(
      "usage",
      "An export is not run again: `sluice export` with another filter makes another one.",
    );
  if (parent.kind === "process") return rerunProcess(invocation, client, parent);
  if (flags.has("param"))
    throw new SluiceError("usage", "An import has no params. Leave out --param.");
  const corrections = correctionsOf(flags);
  const plan = await client.validateRerun(parent.id, corrections);
  if (!isImportPlan(plan)) throw new TypeError("the plan of an import is that of an import");
  showPlan(invocation, await client.getFile(parent.file), plan);
  const isAsking = input.isInteractive && !flags.has("yes") && !flags.has("dry-run");
  if (isAsking && !(await isImportWanted(invocation))) return EXIT.interrupted;
  const job = await client.rerunJob(parent.id, corrections);
  return finishImport(job, { client, isOwn: false }, invocation);
}

async function rerunProcess(
  invocation: Invocation,
  client: SluiceClient,
  parent: ProcessJobView,
): Promise<ExitCode> {
  const { flags } = invocation;
  const given = flags.list("param");
  const params = paramsOf(
    given,
    given.length === 0 ? NOT_ASKED : await client.getProcess(parent.process),
  );
  const corrections = {
    ...correctionsOf(flags),
    ...(given.length === 0 ? {} : { params: { ...params } }),
  };
  const plan = await client.validateRerun(parent.id, corrections);
  if (isImportPlan(plan)) throw new TypeError("the plan of a process is that of a process");
  const path = showProcessPlan(invocation, await client.getFile(parent.file), plan);
  if (!(await isProcessWanted(invocation, path))) return EXIT.interrupted;
  const job = await client.rerunJob(parent.id, corrections);
  if (job.kind !== "process") throw new TypeError("a process that is run again is a process");
  return finishProcess({ job, path }, { client, isOwn: false }, invocation);
}

const NOT_ASKED = { name: "", params: null };

function isImportPlan(plan: PlanView | ProcessPlanView): plan is PlanView {
  return !("kind" in plan);
}

/** Reads the corrections from the flags. Errors: `usage`, naming the flag. */
function correctionsOf(flags: Flags): Corrections {
  const resets = flags.list("reset").flatMap((list) => list.split(","));
  const unknown = resets.find((name) => !Object.hasOwn(RESETS, name));
  if (unknown !== undefined)
    throw new SluiceError(
      "usage",
      `Expected --reset to be one of ${Object.keys(RESETS).join(", ")}, got ${JSON.stringify(unknown)}.`,
    );
  const fields = Object.entries(RESETS).filter(([name]) => resets.includes(name));
  return { ...Object.fromEntries(fields.map(([, field]) => [field, null])), ...decisionsOf(flags) };
}
