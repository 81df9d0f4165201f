/** What is seen of a followed job: three lines redrawn in place, or a line every ten seconds. */
import type { JobView } from "../client/index.ts";
import { promptLine, type Prompt } from "./follow-keys.ts";
import { formatDuration } from "./format.ts";
import { plainProgressLine, progressLine, terminalProgress } from "./progress-view.ts";
import { STATE_WORDS } from "./state-words.ts";
import { createLiveLines } from "./terminal/live-lines.ts";
import type { Output } from "./terminal/output.ts";
import { wrapText } from "./terminal/text.ts";

const PLAIN_LINE_EVERY_MS = 10_000;
/** Terminals drop a progress that is not repeated. */
const TERMINAL_PROGRESS_EVERY_MS = 5_000;

/** What is to be shown. */
interface FollowView {
  readonly job: JobView;
  /** Null where no keys are read. */
  readonly prompt: Prompt | null;
  /** Pause before the next attempt while the service does not answer, in milliseconds; null while it does. */
  readonly retryMs: number | null;
  /** What the service said it cannot do its work for, while it answers with that; absent or null otherwise. */
  readonly trouble?: string | null;
  /** In milliseconds. */
  readonly now: number;
}

/** Shows a followed job. */
export interface FollowDisplay {
  readonly show: (view: FollowView) => void;
  /** Takes away what is redrawn, for other lines or for the end. `show` brings it back. */
  readonly clear: () => void;
}

/** The display that fits the output; with `isSilent` it shows nothing. */
export function createFollowDisplay(
  output: Output,
  options: { readonly isOwnService: boolean; readonly isSilent?: boolean },
): FollowDisplay {
  if (options.isSilent === true) return { show: () => undefined, clear: () => undefined };
  return output.isLive ? liveDisplay(output, options.isOwnService) : plainDisplay(output);
}

function liveDisplay(output: Output, isOwnService: boolean): FollowDisplay {
  const lines = createLiveLines(output);
  let shown = "";
  let shownAt = 0;
  return {
    show: ({ job, prompt, retryMs, trouble, now }) => {
      lines.draw([
        progressLine(job, output.columns() - 1, output.noteStyle),
        ` ${stateLine({ job, retryMs, trouble: trouble ?? null, now }, output)}`,
        ...(prompt === null
          ? []
          : wrapText(promptLine(job, prompt, isOwnService), output.columns() - 2).map((line) =>
              output.noteStyle("dim", ` ${line}`),
            )),
      ]);
      const words = STATE_WORDS[job.state];
      const sequence = terminalProgress(words.terminalProgress, job.progress.fraction);
      if (sequence === shown && now - shownAt < TERMINAL_PROGRESS_EVERY_MS) return;
      output.control(sequence);
      shown = sequence;
      shownAt = now;
    },
    clear: () => {
      lines.clear();
      if (shown !== "") output.control(terminalProgress("none", 0));
      shown = "";
    },
  };
}

function stateLine(
  { job, retryMs, trouble, now }: Omit<FollowView, "prompt">,
  output: Output,
): string {
  if (trouble != null) return output.noteStyle("warn", `! ${trouble}`);
  if (retryMs !== null) {
    const next = `Trying again in ${formatDuration(Math.ceil(retryMs / 1000))}.`;
    return output.noteStyle("warn", `! The service does not answer. ${next} Jobs go on running.`);
  }
  const words = STATE_WORDS[job.state];
  const line = words.line(job, now);
  return job.state === "running" ? line : `${output.noteStyle(words.tone, words.icon)} ${line}`;
}

function plainDisplay(output: Output): FollowDisplay {
  let lastState: JobView["state"] | null = null;
  let lastAt: number | null = null;
  let lastTrouble: string | null = null;
  return {
    show: ({ job, trouble = null, now }) => {
      if (trouble !== null && trouble !== lastTrouble) output.note(`! ${trouble}`);
      lastTrouble = trouble;
      if (trouble !== null) return; // the figures stand still
      lastAt ??= now; // a job of less than ten seconds needs no line but its receipt
      const isTelling = job.state !== lastState && !QUIET_STATES.has(job.state);
      lastState = job.state;
      if (!isTelling && now - lastAt < PLAIN_LINE_EVERY_MS) return;
      output.note(plainProgressLine(job));
      lastAt = now;
    },
    clear: () => undefined,
  };
}

/** States whose beginning is nothing to tell, or is told by the receipt. */
const QUIET_STATES: ReadonlySet<JobView["state"]> = new Set([
  "queued",
  "running",
  "stopped",
  "succeeded",
  "failed",
  "undone",
]);
