import type { ComponentChildren } from "preact";
import { token } from "../../api/session.ts";
import type { ExportJob, ImportJob, Job, ProcessJob } from "../../api/types.ts";
import { formatCount } from "../../format.ts";
import { cliCommand, curlCommand } from "../../jobs/commands.ts";
import { speedText } from "../../jobs/speed.ts";
import { isSecretName } from "../../processes/params.ts";
import { CopyButton } from "../../ui/copy-button.tsx";

const MODES: Readonly<Record<ImportJob["mode"], string>> = {
  create: "a new table",
  append: "more rows for an existing table",
  upsert: "changed and new rows for an existing table",
  replace: "instead of the rows of a table",
};

/** What the job was asked for, and how to ask for it elsewhere. */
export function SettingsTab({ job }: { job: Job }) {
  return (
    <>
      <section class="card">
        <h2>Settings</h2>
        <dl class="facts">
          {job.kind === "import" && <ImportSettings job={job} />}
          {job.kind === "export" && <ExportSettings job={job} />}
          {job.kind === "process" && <ProcessSettings job={job} />}
          <Fact name="Speed">{speedText(job.maxRecordsPerSecond)}</Fact>
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

/** One setting; left out where there is nothing to say. */
function Fact({ name, children }: { name: string; children: ComponentChildren }) {
  if (children === null) return null;
  return (
    <>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </>
  );
}

function ImportSettings({ job }: { job: ImportJob }) {
  const columns = Object.entries(job.columns);
  const types = Object.entries(job.types);
  return (
    <>
      <Fact name="Table">
        <code>{job.table}</code>
      </Fact>
      <Fact name="Mode">
        {MODES[job.mode]}
        {job.onConflict === "skip" && ", those with a taken key are skipped"}
      </Fact>
      <Fact name="Rows appear">
        {job.delivery === "direct" ? "as they are saved" : "all at the end"}
      </Fact>
      <Fact name={job.mode === "upsert" ? "Matched by" : "Primary key"}>
        {job.key?.join(", ") ?? null}
      </Fact>
      <Fact name="Fails after">{limitOf(job.maxRejected)}</Fact>
      <Fact name="Pauses after">
        {job.pauseAfter === null ? "never" : `${formatCount(job.pauseAfter)} rows`}
      </Fact>
      <Fact name="Columns">
        {columns.length === 0
          ? "named after the header"
          : columns.map(([header, column]) => (
              <div key={header}>
                {header} → {column ?? "not imported"}
              </div>
            ))}
      </Fact>
      <Fact name="Types">
        {types.length === 0
          ? job.mode === "create"
            ? "found out"
            : "those of the table"
          : types.map(([column, type]) => (
              <div key={column}>
                {column} <code>{type}</code>
              </div>
            ))}
      </Fact>
    </>
  );
}

function ExportSettings({ job }: { job: ExportJob }) {
  const { format, from, to } = job;
  return (
    <>
      {job.table === null ? (
        <Fact name="Query">
          <pre tabIndex={0}>{job.sql}</pre>
        </Fact>
      ) : (
        <Fact name="Table">
          <code>{job.table}</code>
        </Fact>
      )}
      <Fact name="Columns">{job.columns.map(({ name }) => name).join(", ")}</Fact>
      <Fact name="From">{from === null ? null : `${from.column} ${from.value}, included`}</Fact>
      <Fact name="To">{to === null ? null : `${to.column} ${to.value}, not included`}</Fact>
      <Fact name="Condition">{job.where === null ? null : <code>{job.where}</code>}</Fact>
      <Fact name="Order">{job.orderBy.length === 0 ? null : job.orderBy.join(", ")}</Fact>
      <Fact name="Method">
        {job.method}
        <div class="muted small">{job.methodReason}</div>
      </Fact>
      <Fact name="Format">
        {[
          { csv: "CSV", tsv: "TSV", jsonl: "JSON Lines" }[format.type],
          ...(format.compression === "none" ? [] : [format.compression]),
          ...(format.spreadsheetSafe ? ["safe for Excel"] : []),
        ].join(", ")}
      </Fact>
      <Fact name="NULL is">
        {format.type === "jsonl" ? null : format.null === "" ? "nothing" : format.null}
      </Fact>
    </>
  );
}

function ProcessSettings({ job }: { job: ProcessJob }) {
  const params = Object.entries(job.params);
  return (
    <>
      <Fact name="Process">
        <a href={`/processes/${job.process}`}>{job.title}</a> <code>{job.process}</code>
      </Fact>
      <Fact name="Params">
        {params.length === 0
          ? "none"
          : params.map(([name, value]) => (
              <div key={name}>
                {name} <code>{isSecretName(name) ? "••••" : JSON.stringify(value)}</code>
              </div>
            ))}
      </Fact>
      <Fact name="Rows of a batch">{formatCount(job.batchSize)}</Fact>
      <Fact name="Undo">{job.hasUndo ? "its own" : "none: what it does stays"}</Fact>
      <Fact name="Fails after">{limitOf(job.maxRejected)}</Fact>
      <Fact name="Pauses after">
        {job.pauseAfter === null ? "never" : `${formatCount(job.pauseAfter)} rows`}
      </Fact>
    </>
  );
}

function limitOf(maxRejected: ImportJob["maxRejected"]): string {
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
