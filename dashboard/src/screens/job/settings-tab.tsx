import { token } from "../../api/session.ts";
import type { Job } from "../../api/types.ts";
import { formatCount } from "../../format.ts";
import { cliCommand, curlCommand } from "../../jobs/commands.ts";
import { CopyButton } from "../../ui/copy-button.tsx";

/** What the job was asked for, and how to ask for it elsewhere. */
export function SettingsTab({ job }: { job: Job }) {
  const columns = Object.entries(job.columns);
  const types = Object.entries(job.types);
  return (
    <>
      <section class="card">
        <h2>Settings</h2>
        <dl class="facts">
          <dt>Table</dt>
          <dd>
            <code>{job.table}</code>
          </dd>
          <dt>Mode</dt>
          <dd>{job.mode === "create" ? "a new table" : "more rows for an existing table"}</dd>
          <dt>Rows appear</dt>
          <dd>{job.delivery === "direct" ? "as they are saved" : "all at the end"}</dd>
          {job.key !== null && (
            <>
              <dt>Primary key</dt>
              <dd>{job.key.join(", ")}</dd>
            </>
          )}
          <dt>Fails after</dt>
          <dd>{limitOf(job.maxRejected)}</dd>
          <dt>Pauses after</dt>
          <dd>{job.pauseAfter === null ? "never" : `${formatCount(job.pauseAfter)} rows`}</dd>
          <dt>Columns</dt>
          <dd>
            {columns.length === 0 && "named after the header"}
            {columns.map(([header, column]) => (
              <div key={header}>
                {header} → {column ?? "not imported"}
              </div>
            ))}
          </dd>
          <dt>Types</dt>
          <dd>
            {types.length === 0 && (job.mode === "create" ? "found out" : "those of the table")}
            {types.map(([column, type]) => (
              <div key={column}>
                {column} <code>{type}</code>
              </div>
            ))}
          </dd>
        </dl>
      </section>
      <Command title="On the command line" text={cliCommand(job)} label="Copy as CLI" />
      <Command
        title="Over HTTP"
        text={curlCommand(job, location.origin, token.value !== null)}
        label="Copy as curl"
      />
    </>
  );
}

function limitOf(maxRejected: Job["maxRejected"]): string {
  if (maxRejected === null) return "never, however many rows are rejected";
  if (typeof maxRejected === "string") return `more than ${maxRejected} rejected rows`;
  return `more than ${formatCount(maxRejected)} rejected rows`;
}

function Command({ title, text, label }: { title: string; text: string; label: string }) {
  return (
    <section class="card">
      <div class="row">
        <h2>{title}</h2>
        <span class="space" />
        <CopyButton text={text} label={label} />
      </div>
      <pre tabIndex={0}>{text}</pre>
    </section>
  );
}
