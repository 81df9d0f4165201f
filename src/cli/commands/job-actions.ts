/** `sluice pause`, `resume` and `stop`, and what `undo` shares with them. */
import type { ActionAnswer, ActionBodies, JobView, SluiceClient } from "../../client/index.ts";
import { askKey } from "../ask.ts";
import type { Command, FlagRules, Invocation } from "../command.ts";
import { EXIT, type ExitCode } from "../exit-codes.ts";
import { formatCounted, shortId } from "../format.ts";
import { MAX_REJECTED_FLAG, maxRejectedOf } from "../max-rejected.ts";
import { mayKeep } from "../job-facts.ts";
import { findJob } from "../job-reference.ts";
import { requireService } from "../service-connection.ts";
import { tableOf } from "../job-facts.ts";
import { STATE_WORDS, visibleLine } from "../state-words.ts";
import { printable } from "../terminal/text.ts";

/** The flag that says why. */
export const REASON: FlagRules = {
  reason: { value: "TEXT", description: "why, for the job's history" },
};

/** Pauses a job at its next chunk. */
export const pauseCommand: Command = {
  name: "pause",
  usage: "JOB",
  summary: "pause a job; everything so far is saved",
  argumentCount: { least: 1, most: 1 },
  flags: {
    ...REASON,
    force: {
      description: "of a process: do not wait for the batch in hand; it is done again on resume",
    },
  },
  run: async (invocation) => {
    const { client, job } = await findTarget(invocation);
    const answer = await client.act(job.id, "pause", {
      ...reasonOf(invocation),
      ...(invocation.flags.has("force") ? { force: true } : {}),
    });
    return report(invocation, answer, (paused) => [
      `Paused ${printable(job.name)} after ${formatCounted(paused.progress.recordsRead, "row")}. ` +
        visibleLine(paused),
      `   Resume: sluice resume ${shortId(job.id)}`,
    ]);
  },
};

/** Resumes a paused or failed job at its checkpoint. */
export const resumeCommand: Command = {
  name: "resume",
  usage: "JOB",
  summary: "go on with a paused or failed job from its checkpoint",
  argumentCount: { least: 1, most: 1 },
  flags: {
    ...REASON,
    "max-rejected": MAX_REJECTED_FLAG,
    "pause-after": { value: "N", description: "pause again after N rows, counted from the start" },
  },
  run: async (invocation) => {
    const { flags } = invocation;
    const maxRejected = maxRejectedOf(flags);
    const pauseAfter = flags.wholeNumber("pause-after", 1);
    const { client, job } = await findTarget(invocation);
    const answer = await client.act(job.id, "resume", {
      ...reasonOf(invocation),
      ...(maxRejected === undefined ? {} : { maxRejected }),
      ...(pauseAfter === undefined ? {} : { pauseAfter }),
    });
    return report(invocation, answer, (resumed) => [
      `Resumed ${printable(job.name)} after ${formatCounted(resumed.progress.recordsRead, "row")}.`,
      `   Follow: sluice watch ${shortId(job.id)}`,
    ]);
  },
};

/** Stops a job and undoes what it did; asks on a terminal. */
export const stopCommand: Command = {
  name: "stop",
  usage: "JOB",
  summary: "stop a job and undo it: the table stays as it was, what a process did is reversed",
  argumentCount: { least: 1, most: 1 },
  flags: {
    ...REASON,
    yes: { short: "y", description: "do not ask" },
    keep: {
      description: "keep what is there so far: an import publishes the rows that are ready",
    },
  },
  run: async (invocation) => {
    const { client, job } = await findTarget(invocation);
    const rows = invocation.flags.has("keep") ? "keep" : await rowsOnStop(invocation, job);
    if (rows === null) {
      invocation.output.note("It goes on.");
      return EXIT.done;
    }
    const answer = await client.act(job.id, "stop", {
      ...(rows === "usual" ? {} : { rows }),
      ...reasonOf(invocation),
    });
    return report(invocation, answer, (stopped) => [STATE_WORDS.stopped.line(stopped, Date.now())]);
  },
};

/** The job that the command names, and the service that has it. */
export async function findTarget(
  invocation: Invocation,
): Promise<{ readonly client: SluiceClient; readonly job: JobView }> {
  const client = await requireService(await invocation.loadConfig());
  return { client, job: await findJob(client, invocation.args[0] ?? "") };
}

/** What the flag says, for the body of an action. */
export function reasonOf({ flags }: Invocation): ActionBodies["pause"] {
  const reason = flags.text("reason");
  return reason === undefined ? {} : { reason };
}

/**
 * What becomes of the rows of a job that is to be stopped: asks where somebody can answer and there is something to lose;
 * elsewhere a stop is wanted. `usual` leaves it to the service: a process without `undo` can only keep. Null: it goes on.
 */
async function rowsOnStop(
  invocation: Invocation,
  job: JobView,
): Promise<"undo" | "keep" | "usual" | null> {
  const { input, output, flags, isJson } = invocation;
  const isProcess = job.kind === "process";
  if (!input.isInteractive || isJson || flags.has("yes") || !job.actions.includes("stop"))
    return isProcess ? "usual" : "undo";
  output.warn(`Stop ${printable(job.name)}? ${doneSoFar(job)}.`);
  if (!isProcess) {
    const isDirect = job.kind === "import" && job.delivery === "direct";
    const undoing = isDirect ? "take them out again" : "discard them";
    const keeping = !mayKeep(job) ? "" : isDirect ? "k keep them · " : "k keep: publish them · ";
    return askKey(invocation, `  u undo: ${undoing} · ${keeping}Enter keep running  `, {
      answers: keeping === "" ? { u: "undo" } : { u: "undo", k: "keep" },
      usual: "run",
    }).then(orNull);
  }
  const question = job.hasUndo
    ? "  u undo: reverse them, batch by batch · k keep them · Enter keep running  "
    : "  k keep them: this process has no undo · Enter keep running  ";
  return askKey(invocation, question, {
    answers: job.hasUndo ? { u: "undo", k: "keep" } : { k: "keep" },
    usual: "run",
  }).then(orNull);
}

function orNull<Answer extends string>(answer: Answer | null): Exclude<Answer, "run"> | null {
  return answer === "run" ? null : (answer as Exclude<Answer, "run"> | null); // what is left of the answers
}

function doneSoFar(job: JobView): string {
  const rows = formatCounted(job.progress.recordsWritten, "row");
  switch (job.kind) {
    case "process":
      return `${rows} done`;
    case "export":
      return `${rows} ready; there is no file yet`;
    case "import":
      return job.delivery === "direct"
        ? `${rows} visible in ${tableOf(job)}`
        : `${rows} ready; nothing is visible in ${tableOf(job)}`;
    default:
      return job satisfies never;
  }
}

/** Prints the answer to an action: reached, or on its way by itself. */
function report(
  { output, isJson }: Invocation,
  answer: ActionAnswer,
  linesOf: (job: JobView) => readonly string[],
): ExitCode {
  const { job } = answer;
  const words = STATE_WORDS[job.state];
  if (isJson) {
    output.print(JSON.stringify(job));
    return EXIT.done;
  }
  const [first = "", ...rest] = answer.isReached
    ? linesOf(job)
    : [`${words.word} It happens by itself as soon as it can: sluice watch ${shortId(job.id)}`];
  output.print(`${output.style(words.tone, words.icon)} ${first}`);
  for (const line of rest) output.print(line);
  return EXIT.done;
}
