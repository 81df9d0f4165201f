import { getActivity } from "../../api/calls.ts";
import type { Activity, Job } from "../../api/types.ts";
import { clock } from "../../clock.ts";
import { wantsActivity } from "../../jobs/activity.ts";
import { isSlow } from "../../jobs/speed.ts";
import { useAnswer } from "../../ui/use-answer.ts";

const EVERY_MS = 2000;

/** What a job is at, asked for again and again while that is worth it and the tab is seen; else null. */
export function useActivity(job: Job): Activity | null {
  const { id, state, phase } = job;
  const isWanted = wantsActivity(job, isSlow(job, clock.value), clock.value);
  const round = isWanted ? Math.floor(clock.value / EVERY_MS) : null;
  const { value } = useAnswer(
    async (signal) => (isWanted ? { of: state, activity: await getActivity(id, signal) } : null),
    [id, state, phase, round],
  );
  // What was told of the state before is not true of this one.
  return value !== null && value.of === state ? value.activity : null;
}
