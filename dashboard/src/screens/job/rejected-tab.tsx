import type { Job } from "../../api/types.ts";
import { EmptyNote } from "../../ui/notes.tsx";
import { RejectedPart } from "./rejected-part.tsx";

/** Every record that was left out. */
export function RejectedTab({ job }: { job: Job }) {
  if (job.progress.recordsRejected > 0) return <RejectedPart job={job} shown={null} />;
  return (
    <EmptyNote title="No row was rejected.">
      <p class="muted">A row that does not fit is left out and shown here, with the reason.</p>
    </EmptyNote>
  );
}
