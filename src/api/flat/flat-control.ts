/**
 * `/pause`, `/resume` and `/stop` of the flat API, for the one active job.
 *
 * The job can change between looking at it and acting on it: when the engine then refuses the action, the job is
 * looked at once more, and the answer is what the table says of it as it is now.
 */
import { SluiceError } from "../../core/errors.ts";
import type { Actor, JobService } from "../../core/job-service.ts";
import { isEnded, type Action } from "../../core/job-state.ts";
import type { Job } from "../../core/job.ts";
import { aboutJob, aboutNoJob, type FlatAnswer } from "./flat-answer.ts";
import { FLAT_PROGRESS_TEXTS, FLAT_TEXTS, flatStateOf } from "./flat-texts.ts";

/** The actions of the flat API. */
export const FLAT_ACTIONS = ["pause", "resume", "stop"] as const satisfies readonly Action[];
export type FlatAction = (typeof FLAT_ACTIONS)[number];

/** An answer with its status. */
export interface FlatReply {
  readonly status: 200 | 403;
  readonly answer: FlatAnswer;
}

/**
 * Carries out an action and answers when its state is reached, after 10 s at the latest. Errors:
 * `transition_not_allowed` while rows are being published, which is one step that cannot pause.
 */
export async function controlFlat(
  service: JobService,
  action: FlatAction,
  actor: Actor,
): Promise<FlatReply> {
  const job = await service.findFlatJob();
  if (!job) return inactive(service);
  try {
    return await carryOut(service, action, actor, job);
  } catch (error) {
    if (!(error instanceof SluiceError && error.code === "transition_not_allowed")) throw error;
    const now = await service.findFlatJob();
    if (!now) return inactive(service);
    if (flatStateOf(now) === flatStateOf(job)) throw error;
    return carryOut(service, action, actor, now);
  }
}

async function carryOut(
  service: JobService,
  action: FlatAction,
  actor: Actor,
  job: Job,
): Promise<FlatReply> {
  const state = flatStateOf(job);
  switch (action) {
    case "pause": {
      // Asked of a job that is still pausing too: "already paused" is only said of one that is.
      const now = (await service.act(job.id, "pause", actor)).job;
      if (isEnded(now.state)) return inactive(service);
      return state === "paused"
        ? refused(FLAT_TEXTS.alreadyPaused, now)
        : done(FLAT_PROGRESS_TEXTS.justPaused(now), now);
    }
    case "resume": {
      if (state === "running") return refused(FLAT_TEXTS.alreadyRunning, job);
      if (job.state === "pausing") await service.act(job.id, "pause", actor);
      const now = (await service.act(job.id, "resume", actor)).job;
      return done(FLAT_PROGRESS_TEXTS.justResumed(now), now);
    }
    case "stop": {
      const now = (await service.act(job.id, "stop", actor)).job;
      // It ended by itself before the stop reached it.
      if (isEnded(now.state) && now.state !== "stopped") return inactive(service);
      return done(FLAT_PROGRESS_TEXTS.stopped(now), now);
    }
    default:
      return action satisfies never;
  }
}

function done(details: string, job: Job): FlatReply {
  return { status: 200, answer: aboutJob(details, job) };
}

function refused(details: string, job: Job): FlatReply {
  return { status: 403, answer: aboutJob(details, job) };
}

async function inactive(service: JobService): Promise<FlatReply> {
  return { status: 403, answer: await aboutNoJob(service) };
}
