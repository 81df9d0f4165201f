import { useEffect, useRef } from "preact/hooks";
import { getActivity } from "../../api/calls.ts";
import type { Activity, Job } from "../../api/types.ts";
import { clock } from "../../clock.ts";
import { wantsActivity } from "../../jobs/activity.ts";
import { isSlow } from "../../jobs/speed.ts";
import { useAnswer } from "../../ui/use-answer.ts";

const EVERY_MS = 2000;

/** What a job is at, asked for again some time after each answer while that is worth it and the tab is seen; else null. */
export function useActivity(job: Job): Activity | null {
  const { id, state, phase } = job;
  const now = clock.value;
  const isWanted = wantsActivity(job, isSlow(job, now), now);
  const { value, error, isAsking, askAgain } = useAnswer(
    async (signal) => (isWanted ? { of: state, activity: await getActivity(id, signal) } : null),
    [id, state, phase, isWanted],
  );
  // From the answer on: a question that takes long is not given up for the next one.
  const dueAt = useRef(0);
  useEffect(() => {
    if (!isAsking) dueAt.current = now + EVERY_MS;
  }, [isAsking]);
  useEffect(() => {
    if (isWanted && !isAsking && now >= dueAt.current) askAgain();
  }, [isWanted, isAsking, now]);
  // What was told of the state before is not true of this one, nor what was told before an answer failed.
  return error === null && value !== null && value.of === state ? value.activity : null;
}
