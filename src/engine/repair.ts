/** The repair that any supervisor does for all: jobs whose runner is gone, and requests that nobody carries out. */
import type { SupervisorOptions } from "./supervisor.ts";
import { messageOf } from "../core/message-of.ts";

/**
 * Does what is to be done now. What cannot be done for one job, because somebody holds a lock on it, does not keep it from
 * being done for the others; an error names all of them in the end.
 */
export async function repair({
  controlStore,
  control,
  store,
  settings,
  log,
}: Pick<
  SupervisorOptions,
  "controlStore" | "control" | "store" | "settings" | "log"
>): Promise<void> {
  const errors: string[] = [];
  const attempt = (jobId: string, work: Promise<void>): Promise<void> =>
    work.catch((error: unknown) => void errors.push(`job ${jobId}: ${messageOf(error)}`));
  for (const lost of await store.findLostJobs(settings.leaseMs)) {
    log(
      `job ${lost.jobId}: its runner was not seen for ${settings.leaseMs / 1000} s; its work is given back`,
    );
    await attempt(lost.jobId, control.rescue(lost, true));
  }
  for (const { jobId, signal } of await controlStore.findUnsettled(settings.sweepMs)) {
    log(`job ${jobId}: carrying out a request that was left (${signal})`);
    await attempt(jobId, control.settle(jobId, signal));
  }
  for (const jobId of await controlStore.findIdleUndos(settings.sweepMs)) {
    log(`job ${jobId}: going on with undoing its rows`);
    await attempt(jobId, control.continueUndo(jobId, settings.sweepMs));
  }
  await controlStore.dropFormer();
  if (errors.length > 0) throw new Error(errors.join("; "));
}
