import { listWritten } from "../../api/calls.ts";
import type { ImportJob, RecordInFile, RecordPage } from "../../api/types.ts";
import { EmptyNote, ErrorNote, Waiting } from "../../ui/notes.tsx";
import { useAnswer } from "../../ui/use-answer.ts";

const SHOWN = 50;

/** The first rows that are in the table, or ready to be. */
export function RowsTab({ job }: { job: ImportJob }) {
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
        The first {value.items.length} rows {isKept ? "that were written" : "that are ready"}
      </h2>
      <p class="muted">
        As they are in the file.{" "}
        {!isKept &&
          job.delivery === "staged" &&
          `Nothing is visible in ${job.table} until the end.`}
      </p>
      <RowTable job={job} page={value} />
    </section>
  );
}

function RowTable({ job, page }: { job: ImportJob; page: RecordPage<RecordInFile> }) {
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
                {job.columns[name] !== undefined && job.columns[name] !== name && (
                  <span class="muted"> → {job.columns[name] ?? "not imported"}</span>
                )}
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
