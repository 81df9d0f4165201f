import { listWritten } from "../../api/calls.ts";
import type { ImportJob, ProcessJob, RecordInFile, RecordPage } from "../../api/types.ts";
import { EmptyNote, ErrorNote, Waiting } from "../../ui/notes.tsx";
import { useAnswer } from "../../ui/use-answer.ts";

const SHOWN = 50;

/** The first rows that are in the table, or ready to be. */
/** A job whose rows are those of a file. */
type JobOfRecords = ImportJob | ProcessJob;

export function RowsTab({ job }: { job: JobOfRecords }) {
  const isFew = job.progress.recordsWritten < SHOWN;
  const { value, error } = useAnswer(
    () => listWritten(job.id, SHOWN),
    [job.id, job.timing.endedAt, isFew ? job.progress.recordsWritten : SHOWN],
  );
  if (error !== null) return <ErrorNote error={error} />;
  if (value === null) return <Waiting />;
  if (value.items.length === 0)
    return (
      <EmptyNote title="No row is ready.">
        <p class="muted">
          {job.timing.endedAt === null
            ? "The first rows come with the first commit."
            : "What this job had read is discarded."}
        </p>
      </EmptyNote>
    );
  const isKept = job.result?.rows === "kept";
  return (
    <section class="card">
      <h2>
        The first {value.items.length} rows{" "}
        {job.kind === "process" ? "that are done" : isKept ? "that were written" : "that are ready"}
      </h2>
      <p class="muted">
        As they are in the file.{" "}
        {!isKept &&
          job.kind === "import" &&
          job.delivery === "staged" &&
          `Nothing is visible in ${job.table} until the end.`}
      </p>
      <RowTable job={job} page={value} />
    </section>
  );
}

function RowTable({ job, page }: { job: JobOfRecords; page: RecordPage<RecordInFile> }) {
  return (
    <div class="scroll" tabIndex={0} role="region" aria-label="Rows">
      <table>
        <caption class="vh">Rows as they are in the file</caption>
        <thead>
          <tr>
            <th scope="col">Line</th>
            {page.header.map((name, index) => (
              <th scope="col" key={index}>
                {name}
                {job.kind === "import" && <Renamed column={job.columns[name]} name={name} />}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {page.items.map(({ record, line, fields }) => (
            <tr key={record}>
              <td class="muted">{line}</td>
              {(fields ?? []).map((field, index) => (
                <td key={index}>{field}</td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

/** Where a column of the file goes, when that is another name. */
function Renamed({ column, name }: { column: string | null | undefined; name: string }) {
  if (column === undefined || column === name) return null;
  return <span class="muted"> → {column ?? "not imported"}</span>;
}
