import { getFile, resultPath } from "../../api/calls.ts";
import { formatBytes, formatCounted } from "../../format.ts";
import { CopyButton } from "../../ui/copy-button.tsx";
import { DownloadLink } from "../../ui/download-link.tsx";
import { useAnswer } from "../../ui/use-answer.ts";

/** A file that a job has made. */
interface MadeFile {
  readonly file: string;
  readonly name: string;
  readonly bytes: number;
  readonly sha256: string;
}

/** The file that a job has made: where to get it, and how to know that it is the same. */
export function ResultCard({ jobId, file, rows }: { jobId: string; file: MadeFile; rows: number }) {
  const { error } = useAnswer(() => getFile(file.file), [file.file]);
  const isDeleted = error?.code === "not_found";
  return (
    <section class="card" aria-label="Result">
      <div class="row">
        <h2>{file.name}</h2>
        <span class="muted">
          {formatBytes(file.bytes)} · {formatCounted(rows, "row")}
        </span>
        <span class="space" />
        {isDeleted ? (
          <span class="muted">The file was deleted.</span>
        ) : (
          <DownloadLink path={resultPath(jobId)} name={file.name} text="Download" isPrimary />
        )}
      </div>
      <div class="row">
        <span class="muted">SHA-256</span> <code class="hash">{file.sha256}</code>
        <CopyButton text={file.sha256} label="Copy" />
      </div>
    </section>
  );
}
