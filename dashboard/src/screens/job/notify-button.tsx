import { useState } from "preact/hooks";
import type { Job } from "../../api/types.ts";
import { canNotify, notifyAtEnd, watchedJobs } from "../../notify.ts";

/** Offers a notification when the job is done. The browser is asked only when a person wants it. */
export function NotifyButton({ job }: { job: Job }) {
  const [isRefused, setIsRefused] = useState(false);
  if (job.timing.endedAt !== null || !canNotify()) return null;
  if (watchedJobs.value.has(job.id)) return <>· You will be told.</>;
  if (isRefused) return <>· The browser does not allow it.</>;
  return (
    <>
      ·{" "}
      <button
        type="button"
        class="link"
        onClick={() => void notifyAtEnd(job.id).then((isAllowed) => setIsRefused(!isAllowed))}
      >
        Tell me when it is done
      </button>
    </>
  );
}
