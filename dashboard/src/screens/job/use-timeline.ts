import { useEffect, useState } from "preact/hooks";
import { getTimeline } from "../../api/calls.ts";
import type { ApiError } from "../../api/request.ts";
import type { Job, TimelineEvent } from "../../api/types.ts";
import { onTimeline } from "../../jobs/store.ts";
import { useAnswer } from "../../ui/use-answer.ts";

/** The history of a job, asked for once and then heard from the stream. */
export function useTimeline(job: Job): {
  readonly events: readonly TimelineEvent[];
  readonly error: ApiError | null;
} {
  const [heard, setHeard] = useState<readonly TimelineEvent[]>([]);
  useEffect(
    () =>
      onTimeline((event) => {
        if (event.job === job.id) setHeard((before) => [...before, event]);
      }),
    [job.id],
  );
  // Where there is no stream, a change of the state is the sign that there is more to hear.
  const { value, error } = useAnswer(() => getTimeline(job.id), [job.id, job.state]);
  const byId = new Map([...(value ?? []), ...heard].map((event) => [event.id, event]));
  return { events: [...byId.values()].toSorted((one, other) => one.id - other.id), error };
}
