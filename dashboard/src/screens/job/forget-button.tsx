import { useState } from "preact/hooks";
import { announce } from "../../announce.ts";
import { forgetJob } from "../../api/calls.ts";
import { toApiError, type ApiError } from "../../api/request.ts";
import type { Job } from "../../api/types.ts";
import { dropJob } from "../../jobs/store.ts";
import { goTo } from "../../router.ts";
import { Question } from "../../ui/dialog.tsx";
import { ErrorNote } from "../../ui/notes.tsx";

/** Forgets a job that is over: its books, not its rows. */
export function ForgetButton({ job }: { job: Job }) {
  const [isAsking, setIsAsking] = useState(false);
  const [error, setError] = useState<ApiError | null>(null);
  // A failed job is over only when nobody goes on with it.
  if (job.timing.endedAt === null || job.state === "failed") return null;
  const forget = async (): Promise<void> => {
    try {
      await forgetJob(job.id);
      goTo("/jobs");
      dropJob(job.id);
      announce("The job is forgotten.");
    } catch (thrown) {
      setError(toApiError(thrown));
    }
  };
  return (
    <>
      <button type="button" onClick={() => setIsAsking(true)}>
        Forget…
      </button>
      {error !== null && <ErrorNote error={error} />}
      {isAsking && (
        <Question
          title="Forget this job?"
          keep="Keep it"
          act="Forget the job"
          onClose={() => setIsAsking(false)}
          onAct={() => void forget()}
        >
          <p>Its receipt, its rejected rows and its timeline are deleted. {keptOf(job)}</p>
        </Question>
      )}
    </>
  );
}

function keptOf(job: Job): string {
  if (job.kind === "import") return `Rows in ${job.table} and the file stay.`;
  return job.kind === "export" ? "The file stays, under Files." : "What it has done stays.";
}
