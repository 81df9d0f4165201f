/** `sluice undo`: says what it would come to, asks, and waits for the end. */
import { setTimeout as delay } from "node:timers/promises";
import type { JobView, SluiceClient, UndoPreviewView } from "../../client/index.ts";
import { askKey, askText } from "../ask.ts";
import type { Command, Invocation } from "../command.ts";
import { EXIT, type ExitCode } from "../exit-codes.ts";
import { formatCount, formatCounted, shortId } from "../format.ts";
import { isInTable } from "../job-facts.ts";
import { tableOf } from "../job-facts.ts";
import { STATE_WORDS } from "../state-words.ts";
import { createLiveLines } from "../terminal/live-lines.ts";
import { printable } from "../terminal/text.ts";
import { findTarget, REASON, reasonOf } from "./job-actions.ts";

const LOOK_EVERY_MS = 300;
/** More rows than this are not undone by one key. */
const TYPED_FROM = 100_000;

/** Undoes a job that has ended; asks on a terminal. */
export const undoCommand: Command = {
  name: "undo",
  usage: "JOB",
  summary:
    "undo a job that has ended: its rows are taken out of the table, what a process did is reversed",
  argumentCount: { least: 1, most: 1 },
  flags: { ...REASON, yes: { short: "y", description: "do not ask" } },
  run: async (invocation) => {
    const { client, job } = await findTarget(invocation);
    const { input, flags, isJson, output } = invocation;
    const isAsking = input.isInteractive && !isJson && !flags.has("yes");
    if (isAsking && job.actions.includes("undo") && !(await isWanted(invocation, client, job))) {
      output.note("Nothing is undone.");
      return EXIT.done;
    }
    const { job: asked } = await client.act(job.id, "undo", reasonOf(invocation));
    return report(invocation, await waitForEnd(invocation, client, asked));
  },
};

async function isWanted(
  invocation: Invocation,
  client: SluiceClient,
  job: JobView,
): Promise<boolean> {
  const preview = await client.previewUndo(job.id);
  const { output } = invocation;
  output.warn(`Undo ${printable(job.name)}? ${wouldDo(job, preview)}`);
  if (job.kind === "import" && isInTable(job) && preview.rowsRemoved > TYPED_FROM) {
    const typed = await askText(
      invocation,
      `  Type ${tableOf(job)} to undo, or Enter to leave it  `,
    );
    return typed === job.table;
  }
  const key = await askKey(invocation, "  u undo · Enter leave it  ", {
    answers: { u: "undo" },
    usual: "leave it",
  });
  return key === "undo";
}

/** What undoing would come to, in sentences. */
function wouldDo(
  job: JobView,
  { rowsRemoved, rowsRestored, rowsLeft, isEstimate, dropsTable }: UndoPreviewView,
): string {
  const rows = formatCounted(rowsRemoved, "row");
  if (job.kind === "process")
    return `${rows} are given to the process's own undo, the newest first.`;
  if (job.kind === "export" || !isInTable(job)) return `${rows} are discarded; none is visible.`;
  if (dropsTable) return `Drops ${tableOf(job)} with its ${rows}: nothing else is in it.`;
  const restores = rowsRestored > 0 ? ` and restores ${formatCount(rowsRestored)}` : "";
  const removes = `Removes ${isEstimate ? "up to " : ""}${rows} from ${tableOf(job)}${restores}`;
  if (isEstimate) return `${removes}, but none that was changed since.`;
  if (rowsLeft === 0) return `${removes}.`;
  return `${removes}. ${formatCounted(rowsLeft, "row")} changed or deleted by others since ${rowsLeft === 1 ? "is" : "are"} left.`;
}

/** Follows an undo to its end. Whoever stops waiting stops nothing. */
async function waitForEnd(
  { output }: Invocation,
  client: SluiceClient,
  asked: JobView,
): Promise<JobView> {
  const lines = output.isLive ? createLiveLines(output) : null;
  let job = asked;
  if (job.state === "undoing" && lines === null)
    output.note(`Undoing. It goes on by itself: sluice watch ${shortId(job.id)}`);
  try {
    while (job.state === "undoing") {
      const { recordsUndone } = await client.getActivity(job.id);
      const total = formatCounted(job.progress.recordsWritten, "row");
      lines?.draw([
        `↶ Undoing: ${formatCount(recordsUndone ?? 0)} of ${total}. Ctrl-C leaves it to the service.`,
      ]);
      await delay(LOOK_EVERY_MS);
      job = await client.getJob(job.id);
    }
  } finally {
    lines?.clear();
  }
  return job;
}

function report({ output, isJson }: Invocation, job: JobView): ExitCode {
  const words = STATE_WORDS[job.state];
  if (isJson) output.print(JSON.stringify(job));
  else {
    const isDiscarded = job.state === "undone" && job.kind !== "process" && job.result === null;
    const wasStaged = job.kind === "import" && job.state === "undone" && !isInTable(job);
    const discarded =
      isDiscarded || wasStaged
        ? `Discarded ${formatCounted(job.progress.recordsWritten, "row")}. `
        : "";
    const undone = job.state === "undone" ? `Undone. ${discarded}` : "";
    output.print(`${output.style(words.tone, words.icon)} ${undone}${words.line(job, Date.now())}`);
    if (hasLeft(job)) output.print(`   sluice show ${shortId(job.id)} --receipt`);
  }
  return job.state === "failed" ? EXIT.failed : EXIT.done;
}

/** Whether the receipt says more of what was left. */
function hasLeft(job: JobView): boolean {
  return (
    job.kind === "import" && job.result !== null && job.result.rowsLeft + job.result.rowsFailed > 0
  );
}
