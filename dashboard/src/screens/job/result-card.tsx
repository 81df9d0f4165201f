import { getFile, resultPath } from "../../api/calls.ts";
import type { ExportJob } from "../../api/types.ts";
import { formatBytes, formatCounted } from "../../format.ts";
import { CopyButton } from "../../ui/copy-button.tsx";
import { DownloadLink } from "../../ui/download-link.tsx";
import { useAnswer } from "../../ui/use-answer.ts";

/** The file that an export has made: where to get it, and how to know that it is the same. */
export function ResultCard({
  jobId,
  result,
}: {
  jobId: string;
  result: NonNullable<ExportJob["result"]>;
}) {
  const { error } = useAnswer(() => getFile(result.file), [result.file]);
  const isDeleted = error?.code === "not_found";
  return (
    <section class="card" aria-label="Result">
      <div class="row">
        <h2>{result.name}</h2>
        <span class="muted">
          {formatBytes(result.bytes)} · {formatCounted(result.rowsExported, "row")}
        </span>
        <span class="space" />
        {isDeleted ? (
          <span class="muted">The file was deleted.</span>
        ) : (
          <DownloadLink path={resultPath(jobId)} name={result.name} text="Download" isPrimary />
        )}
      </div>
      <div class="row">
        <span class="muted">SHA-256</span> <code class="hash">{result.sha256}</code>
        <CopyButton text={result.sha256} label="Copy" />
      </div>
    </section>
  );
}
