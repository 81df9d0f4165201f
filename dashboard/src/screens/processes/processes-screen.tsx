/** `/processes`: what the folder of processes holds. */
import { useEffect } from "preact/hooks";
import { listJobs, listProcesses } from "../../api/calls.ts";
import type { Job, Process, ProcessList } from "../../api/types.ts";
import { showTitle } from "../../tab.ts";
import { CopyButton } from "../../ui/copy-button.tsx";
import { ErrorNote, Waiting } from "../../ui/notes.tsx";
import { StatePill } from "../../ui/pill.tsx";
import { Ago } from "../../ui/time.tsx";
import { useAnswer } from "../../ui/use-answer.ts";

const EXAMPLE = `import { defineProcess } from "sluice";

export default defineProcess({
  name: "shout",
  title: "Shout the names",
  output: { columns: ["name"] },
  run(batch, ctx) {
    for (const record of batch.records) {
      ctx.emit({ name: record.name.toUpperCase() });
    }
  },
});
`;

/** The processes, a card each. */
export function ProcessesScreen() {
  const { value, error, askAgain } = useAnswer(async () => {
    const [list, jobs] = await Promise.all([
      listProcesses(),
      listJobs({ kind: "process", limit: 200 }),
    ]);
    return { list, jobs: jobs.items };
  }, []);
  useEffect(() => showTitle("Processes"), []);
  return (
    <>
      <div class="row">
        <h1>Processes</h1>
        <span class="space" />
        <button type="button" onClick={askAgain}>
          Look again
        </button>
      </div>
      {error !== null && <ErrorNote error={error} />}
      {value === null && error === null && <Waiting />}
      {value !== null && (
        <>
          {value.list.broken.map((file) => (
            <BrokenFile key={file.fileName} file={file} />
          ))}
          {value.list.items.length === 0 ? (
            <Example hasBroken={value.list.broken.length > 0} />
          ) : (
            <div class="grid">
              {value.list.items.map((process) => (
                <ProcessCard
                  key={process.name}
                  process={process}
                  last={value.jobs.find(
                    (job) => job.kind === "process" && job.process === process.name,
                  )}
                />
              ))}
            </div>
          )}
        </>
      )}
    </>
  );
}

function ProcessCard({ process, last }: { process: Process; last: Job | undefined }) {
  return (
    <section class="card" aria-label={process.title}>
      <h2>
        <a href={`/processes/${process.name}`}>{process.title}</a>
      </h2>
      <p class="muted">
        <code>{process.fileName}</code>
        {!process.hasUndo && " · no undo"}
        {process.hasOutput && " · makes a file"}
      </p>
      {process.description !== null && <p>{process.description}</p>}
      {last === undefined ? (
        <span class="muted">Never run.</span>
      ) : (
        <div class="row">
          <StatePill job={last} />
          <a href={`/jobs/${last.id}`}>
            <Ago time={last.timing.startedAt ?? last.timing.createdAt} />
          </a>
        </div>
      )}
    </section>
  );
}

/** A file that cannot be run; the others can. */
function BrokenFile({ file }: { file: ProcessList["broken"][number] }) {
  return (
    <div class="note bad" role="alert">
      <strong>
        <code>{file.fileName}</code> does not load.
      </strong>{" "}
      {file.message}
    </div>
  );
}

function Example({ hasBroken }: { hasBroken: boolean }) {
  return (
    <section class="card">
      <div class="row">
        <h2>{hasBroken ? "No process can be run" : "There is no process yet"}</h2>
        <span class="space" />
        <CopyButton text={EXAMPLE} label="Copy" />
      </div>
      <p class="muted">
        A process is code of yours that gets the rows of a file batch by batch. Save this as{" "}
        <code>processes/shout.ts</code> beside where the service was started, then look again.
      </p>
      <pre tabIndex={0}>{EXAMPLE}</pre>
    </section>
  );
}
