/** The keys of a followed job: what each means where, and the line that offers them. */
import type { JobView } from "../client/index.ts";
import { formatCounted } from "./format.ts";
import { mayKeep } from "./job-facts.ts";
import { tableOf } from "./job-facts.ts";
import type { Key } from "./terminal/keys.ts";

/** What the last line of the display is for at the moment. */
export type Prompt =
  | { readonly kind: "keys" }
  | { readonly kind: "help" }
  | { readonly kind: "ask-stop" }
  /** Something is on its way; `text` says what. */
  | { readonly kind: "busy"; readonly text: string }
  /** An answer that stays until the next key. */
  | { readonly kind: "notice"; readonly text: string };

/** What a person wants by a key. */
export type Intent =
  | "pause"
  /** Pauses without waiting for the batch in hand. */
  | "pause-now"
  | "resume"
  | "ask-stop"
  | "stop"
  /** Stops, and keeps what was done. */
  | "stop-keep"
  /** Keeps running. */
  | "keep"
  | "leave"
  | "suspend"
  | "faster"
  | "slower"
  | "help"
  | "none";

/** What a key means while a job is followed and `prompt` is shown. */
export function intentOf(key: Key, job: JobView, prompt: Prompt): Intent {
  if (key === "ctrl-c") return "leave";
  if (prompt.kind === "ask-stop") return stopIntentOf(key, job);
  if (prompt.kind === "busy") return "none";
  switch (key) {
    case "p":
      if (job.actions.includes("resume")) return "resume";
      return job.actions.includes("pause") ? "pause" : "none";
    case "f":
      return isWaitingForBatch(job) ? "pause-now" : "none";
    case "s":
      return job.actions.includes("stop") ? "ask-stop" : "none";
    case "d":
      return "leave";
    case "ctrl-z":
      return "suspend";
    case "+":
      return hasSpeed(job) && job.maxRecordsPerSecond !== null ? "faster" : "none";
    case "-":
      return hasSpeed(job) ? "slower" : "none";
    case "?":
    case "h":
      return "help";
    default:
      return "none";
  }
}

/** Whether rows of it may still be read. */
function hasSpeed({ actions }: JobView): boolean {
  return actions.includes("pause") || actions.includes("resume");
}

/** Whether a pause waits for user code, which may take its time. */
function isWaitingForBatch({ kind, state }: JobView): boolean {
  return kind === "process" && state === "pausing";
}

/** What can be chosen when a job is to be stopped: a process without `undo` can only keep what it did. */
function stopIntentOf(key: Key, job: JobView): Intent {
  if (key === "k" && mayKeep(job)) return "stop-keep";
  const canUndo = job.kind !== "process" || job.hasUndo;
  return key === "u" && canUndo ? "stop" : "keep";
}

function stopLine(job: JobView): string {
  const rows = formatCounted(job.progress.recordsWritten, "row");
  switch (job.kind) {
    case "export":
      return `Stop?  u undo: discard ${rows} · Enter keep running   There is no file yet.`;
    case "import": {
      const seen = job.delivery === "direct" ? "They are" : "Nothing is";
      const keep = mayKeep(job) ? " · k keep them" : "";
      return `Stop?  u undo: discard ${rows}${keep} · Enter keep running   ${seen} visible in ${tableOf(job)}.`;
    }
    case "process":
      return job.hasUndo
        ? `Stop?  u undo ${rows} · k keep what is done · Enter keep running`
        : `Stop?  k keep ${rows} that are done · Enter keep running   This process has no undo.`;
    default:
      return job satisfies never;
  }
}

/** The last line of the display. `isOwnService`: the service runs in this process and ends with it. */
export function promptLine(job: JobView, prompt: Prompt, isOwnService: boolean): string {
  switch (prompt.kind) {
    case "keys":
      return keysLine(job, isOwnService);
    case "help":
      return (
        `p pause or resume · s stop (asks) · d, Ctrl-C ` +
        `${isOwnService ? "pause and leave" : "leave; the job goes on"} · + - speed · Ctrl-Z pause and suspend`
      );
    case "ask-stop":
      return stopLine(job);
    case "busy":
    case "notice":
      return prompt.text;
  }
  return prompt satisfies never;
}

function keysLine(job: JobView, isOwnService: boolean): string {
  const keys: string[] = [];
  if (job.actions.includes("resume")) keys.push("p resume");
  else if (job.actions.includes("pause")) keys.push("p pause");
  if (isWaitingForBatch(job)) keys.push("f do not wait for the batch");
  if (job.actions.includes("stop")) keys.push("s stop");
  keys.push(isOwnService ? "d pause and leave" : "d detach", "? keys");
  return keys.join(" · ");
}
