/** A notification of the system when a job ends, for jobs of which a person has asked for it. */
import { effect, signal, type ReadonlySignal } from "@preact/signals";
import { findJob } from "./jobs/store.ts";
import { wordsOf } from "./jobs/state-words.ts";
import { goTo } from "./router.ts";

const wanted = signal<ReadonlySet<string>>(new Set());

/** Jobs whose end will be told. */
export const watchedJobs: ReadonlySignal<ReadonlySet<string>> = wanted;

/** Whether this browser can tell. */
export function canNotify(): boolean {
  return "Notification" in window && Notification.permission !== "denied" && isSecureContext;
}

/** Asks the browser's permission where it is not given, and tells the end of the job. False when it was refused. */
export async function notifyAtEnd(jobId: string): Promise<boolean> {
  if ((await Notification.requestPermission()) !== "granted") return false;
  wanted.value = new Set([...wanted.value, jobId]);
  const end = effect(() => {
    const job = findJob(jobId)?.value;
    if (job === undefined || job.timing.endedAt === null || !wanted.peek().has(jobId)) return;
    const words = wordsOf(job);
    const note = new Notification(`${words.word} · ${job.name}`, {
      body: words.lines(job, Date.now(), null).join("\n"),
      tag: jobId,
    });
    note.addEventListener("click", () => {
      focus();
      goTo(`/jobs/${jobId}`);
    });
    wanted.value = new Set([...wanted.peek()].filter((id) => id !== jobId));
    queueMicrotask(() => end());
  });
  return true;
}
