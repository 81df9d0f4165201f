import { getReceipt } from "../../api/calls.ts";
import type { Job, Receipt } from "../../api/types.ts";
import {
  formatBytes,
  formatCount,
  formatCounted,
  formatDuration,
  formatTime,
} from "../../format.ts";
import { ErrorNote, Waiting } from "../../ui/notes.tsx";
import { Pill } from "../../ui/pill.tsx";
import { useAnswer } from "../../ui/use-answer.ts";

/** What became of every record; prints on one page. */
export function ReceiptTab({ job }: { job: Job }) {
  const { value, error } = useAnswer(
    () => getReceipt(job.id),
    [job.id, job.state, job.progress.recordsRead],
  );
  if (error !== null) return <ErrorNote error={error} />;
  if (value === null) return <Waiting />;
  return (
    <section class="card" aria-label="Receipt">
      <div class="row">
        <h2>
          Receipt{value.endedAt === null && ", so far"} · {job.name}
        </h2>
        {value.isBalanced ? (
          <Pill tone="ok">✓ The balance holds</Pill>
        ) : (
          <Pill tone="bad">! The balance does not hold</Pill>
        )}
        <span class="space" />
        <button type="button" class="noprint" onClick={() => print()}>
          Print
        </button>
      </div>
      <Balance receipt={value} />
      <Facts receipt={value} job={job} />
      {value.warnings.length > 0 && (
        <>
          <h3>What reading noticed</h3>
          <ul>
            {value.warnings.map(({ code, message }) => (
              <li key={code}>{message}</li>
            ))}
          </ul>
        </>
      )}
    </section>
  );
}

function Balance({ receipt }: { receipt: Receipt }) {
  const { read, written, rejected, filtered } = receipt.records;
  return (
    <p class="strong">
      {formatCount(read)} read = {formatCount(written)} written + {formatCount(rejected)} rejected
      {filtered > 0 && ` + ${formatCount(filtered)} filtered`}
      {receipt.rows !== null && (
        <>
          <br />
          {formatCount(receipt.rows.inserted)} new + {formatCount(receipt.rows.updated)} updated +{" "}
          {formatCount(receipt.rows.unchanged)} unchanged rows in the table
        </>
      )}
    </p>
  );
}

type ReceiptFile = NonNullable<Receipt["file"]>;

/** A file with its digest. Where there are two, `called` says which it is. */
function FileFacts({ file, called = "File" }: { file: ReceiptFile; called?: string }) {
  return (
    <>
      <dt>{called}</dt>
      <dd>
        {file.name}, {formatBytes(file.bytes)}
      </dd>
      <dt>{called === "File" ? "SHA-256" : "its SHA-256"}</dt>
      <dd>{file.sha256 === null ? "known when the file is whole" : <code>{file.sha256}</code>}</dd>
    </>
  );
}

function Files({ receipt: { file, output } }: { receipt: Receipt }) {
  if (file === null) return null;
  if (output === null) return <FileFacts file={file} />;
  return (
    <>
      <FileFacts file={file} called="File read" />
      <FileFacts file={output} called="File made" />
    </>
  );
}

function Facts({ receipt, job }: { receipt: Receipt; job: Job }) {
  return (
    <dl class="facts">
      <Files receipt={receipt} />
      <Subject job={job} />
      {receipt.undo !== null && (
        <>
          <dt>Undone</dt>
          <dd>
            {undoneOf(receipt.undo)}
            {"removed" in receipt.undo
              ? receipt.undo.failedReasons.map(({ reason, rows }) => (
                  <div key={reason} class="muted">
                    {formatCounted(rows, "row")} left: {reason}
                  </div>
                ))
              : receipt.undo.keptReasons.map(({ reason, records, firstRecord }) => (
                  <div key={reason} class="muted">
                    {formatCounted(records, "row")} kept, the first is {formatCount(firstRecord)}:{" "}
                    {reason}
                  </div>
                ))}
          </dd>
        </>
      )}
      <dt>Asked by</dt>
      <dd>{job.createdBy}</dd>
      <dt>Created</dt>
      <dd>{formatTime(job.timing.createdAt)}</dd>
      <dt>Ended</dt>
      <dd>{receipt.endedAt === null ? "not yet" : formatTime(receipt.endedAt)}</dd>
      <dt>Running</dt>
      <dd>
        {formatDuration(job.timing.runningSeconds)}, paused{" "}
        {formatDuration(job.timing.pausedSeconds)}
      </dd>
      <dt>Job</dt>
      <dd>
        <code>{job.id}</code>
      </dd>
    </dl>
  );
}

/** What the job was about, beside its file. */
function Subject({ job }: { job: Job }) {
  switch (job.kind) {
    case "import":
      return (
        <>
          <dt>Table</dt>
          <dd>
            <code>{job.table}</code>, {job.mode}, {job.delivery}
          </dd>
        </>
      );
    case "export":
      return (
        <>
          <dt>{job.table === null ? "Query" : "Table"}</dt>
          <dd>
            <code>{job.table ?? job.sql}</code>
          </dd>
        </>
      );
    case "process":
      return (
        <>
          <dt>Process</dt>
          <dd>
            {job.title}, <code>{job.process}</code>
          </dd>
        </>
      );
    default:
      return job satisfies never;
  }
}

function undoneOf(undo: NonNullable<Receipt["undo"]>): string {
  const { failed } = undo;
  const [undone, kept] = "removed" in undo ? [undo.removed, undo.left] : [undo.undone, undo.kept];
  return [
    formatCounted(undone, "row"),
    ...(kept > 0 ? [`${formatCount(kept)} left as they are`] : []),
    ...(failed > 0 ? [`${formatCount(failed)} could not be undone`] : []),
  ].join(", ");
}
