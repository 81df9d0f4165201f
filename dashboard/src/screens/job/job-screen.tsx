/** `/jobs/{jobId}`: one job, live. */
import type { ComponentChildren } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { announceChange } from "../../announce.ts";
import { getJob, listJobs } from "../../api/calls.ts";
import { ApiError, toApiError } from "../../api/request.ts";
import type { Action, ImportJob, Job, ProcessJob } from "../../api/types.ts";
import { clock } from "../../clock.ts";
import { formatCount, formatId, formatTime } from "../../format.ts";
import { ACTION_WORDS, begin, forcePause, refusals } from "../../jobs/actions.ts";
import { canForcePause } from "../../jobs/state-words.ts";
import { findJob, takeJob } from "../../jobs/store.ts";
import { useShortcuts } from "../../keys.ts";
import { returns } from "../../live/returns.ts";
import { goTo } from "../../router.ts";
import { showJobTitle, showTitle } from "../../tab.ts";
import { ActionButton } from "../../ui/action-button.tsx";
import { lazy } from "../../ui/lazy.tsx";
import { ErrorNote, Waiting } from "../../ui/notes.tsx";
import { StatePill } from "../../ui/pill.tsx";
import { Ago } from "../../ui/time.tsx";
import { ForgetButton } from "./forget-button.tsx";
import { NotifyButton } from "./notify-button.tsx";
import { Overview } from "./overview.tsx";
import { RejectedTab } from "./rejected-tab.tsx";
import { RowsTab } from "./rows-tab.tsx";

// What few look at comes when it is wanted.
const FixTab = lazy(async () => (await import("./fix-tab.tsx")).FixTab);
const LogTab = lazy(async () => (await import("./log-tab.tsx")).LogTab);
const ReceiptTab = lazy(async () => (await import("./receipt-tab.tsx")).ReceiptTab);
const TimelineTab = lazy(async () => (await import("./timeline-tab.tsx")).TimelineTab);
const SettingsTab = lazy(async () => (await import("./settings-tab.tsx")).SettingsTab);

const WHOLE_ID = /^job_[0-9a-z]{26}$/;

/** A part of a job's page. */
interface Tab {
  readonly name: string;
  readonly text: string;
  readonly content: () => ComponentChildren;
}

/** The parts that a job of this kind has, the first one at its bare address. */
function tabsOf(job: Job): readonly [Tab, ...Tab[]] {
  return [
    { name: "overview", text: "Overview", content: () => <Overview job={job} /> },
    ...(job.kind === "export" ? [] : recordTabs(job)),
    ...(job.kind === "process"
      ? [{ name: "log", text: "Log", content: () => <LogTab job={job} /> }]
      : []),
    { name: "timeline", text: "Timeline", content: () => <TimelineTab job={job} /> },
    { name: "settings", text: "Settings", content: () => <SettingsTab job={job} /> },
    { name: "receipt", text: "Receipt", content: () => <ReceiptTab job={job} /> },
  ];
}

function recordTabs(job: ImportJob | ProcessJob): readonly Tab[] {
  const { recordsRejected } = job.progress;
  const count = recordsRejected > 0 ? ` (${formatCount(recordsRejected)})` : "";
  return [
    { name: "rows", text: "Rows", content: () => <RowsTab job={job} /> },
    { name: "rejected", text: `Rejected${count}`, content: () => <RejectedTab job={job} /> },
    ...(job.actions.includes("retry")
      ? [{ name: "fix", text: "Fix and retry", content: () => <FixTab job={job} /> }]
      : []),
  ];
}

/** A job by its id, or by a prefix that only one of the newest jobs has. */
export function JobScreen({ id, tab }: { id: string; tab: string }) {
  const [error, setError] = useState<ApiError | null>(null);
  useEffect(() => {
    const load = async (): Promise<void> => {
      try {
        const job = await findOut(id);
        takeJob(job);
        setError(null);
        if (job.id !== id) goTo(`/jobs/${job.id}`, { replaces: true });
      } catch (thrown) {
        setError(toApiError(thrown));
      }
    };
    void load();
  }, [id, returns.value]);
  const job = findJob(id)?.value;
  if (job !== undefined && (error === null || error.status === 0))
    return <JobPage job={job} tab={tab} />;
  if (error === null) return <Waiting />;
  showTitle("Job");
  return (
    <>
      <h1>Job</h1>
      <ErrorNote error={error}>
        {error.code === "not_found" && <span>The job may have been forgotten.</span>}
        <a class="button" href="/jobs">
          Jobs
        </a>
      </ErrorNote>
    </>
  );
}

async function findOut(id: string): Promise<Job> {
  if (WHOLE_ID.test(id)) return getJob(id);
  const { items } = await listJobs({ limit: 200 });
  const found = items.filter((job) => job.id.startsWith(id));
  const [job] = found;
  if (job !== undefined && found.length === 1) return job;
  const detail =
    found.length === 0 ? `No job begins with ${id}.` : `${found.length} jobs begin with ${id}.`;
  throw new ApiError(404, { code: "not_found", title: "Not found", detail });
}

function JobPage({ job, tab }: { job: Job; tab: string }) {
  const before = useRef(job);
  useEffect(() => {
    showJobTitle(job);
    announceChange(before.current, job);
    before.current = job;
  }, [job]);
  useJobKeys(job);
  const refusal = refusals.value.get(job.id);
  const tabs = tabsOf(job);
  const shown = tabs.find(({ name }) => name === tab) ?? tabs[0];
  return (
    <>
      <p>
        <a href="/jobs">← Jobs</a>
      </p>
      <JobHead job={job} />
      {refusal !== undefined && <ErrorNote error={refusal} />}
      <nav class="tabs" aria-label="Parts of the job">
        {tabs.map(({ name, text }) => (
          <a
            key={name}
            href={name === "overview" ? `/jobs/${job.id}` : `/jobs/${job.id}/${name}`}
            aria-current={name === shown.name ? "page" : undefined}
          >
            {text}
          </a>
        ))}
      </nav>
      <div key={shown.name}>{shown.content()}</div>
    </>
  );
}

function JobHead({ job }: { job: Job }) {
  const primary: Action | undefined = job.actions.find(
    (action) => action === "pause" || action === "resume",
  );
  const isKept =
    job.kind === "import" && job.timing.endedAt !== null && job.result?.rows === "kept";
  return (
    <>
      <div class="jobhead">
        <div class="row">
          <h1>{job.name}</h1>
          <StatePill job={job} />
        </div>
        <div class="row jobbuttons">
          {job.phase === "publishing" && job.state === "running" && (
            <OffButton action="pause" why="This step is one transaction." />
          )}
          {job.actions.map((action) => (
            <ActionButton key={action} action={action} job={job} isPrimary={action === primary} />
          ))}
          {isKept && job.undo.reason !== null && (
            <OffButton action="undo" why={whyNoUndo(job.undo)} />
          )}
          {canForcePause(job, clock.value) && (
            <button type="button" onClick={() => forcePause(job)}>
              Force pause
            </button>
          )}
          {canLookAtRows(job) && (
            <a class="button" href={`/jobs/${job.id}/rows`}>
              Look at the rows
            </a>
          )}
          {job.kind === "export" && job.timing.endedAt !== null && (
            <a class="button" href={`/export?like=${job.id}`}>
              ↻ Export again…
            </a>
          )}
          <ForgetButton job={job} />
        </div>
      </div>
      <p class="muted facts-line">
        {howOf(job)} · {job.timing.startedAt === null ? "created " : "started "}
        <Ago time={job.timing.startedAt ?? job.timing.createdAt} />
        {["local", "anybody"].includes(job.createdBy) ? "" : ` by ${job.createdBy}`} ·{" "}
        <code title={job.id}>{formatId(job.id)}</code>
        {job.parent !== null && (
          <>
            {" "}
            · made from <a href={`/jobs/${job.parent}`}>{formatId(job.parent)}</a>
          </>
        )}{" "}
        <NotifyButton job={job} />
      </p>
    </>
  );
}

/** A button of what cannot be asked now, with the reason. */
function OffButton({ action, why }: { action: Action; why: string }) {
  const { text, icon } = ACTION_WORDS[action];
  return (
    <>
      <button type="button" disabled aria-describedby="off">
        <span aria-hidden="true">{icon}</span> {text}
      </button>
      <span id="off" class="muted small">
        {why}
      </span>
    </>
  );
}

/** Why rows that an import has left in its table cannot be undone. */
function whyNoUndo({ until, reason }: Job["undo"]): string {
  if (reason === "expired" && until !== null) return `Undo ended on ${formatTime(until)}.`;
  if (reason === "rows_overwritten") return "What it wrote over is not kept.";
  return reason === "table_gone" ? "Its table was dropped." : "Its rows are not known any more.";
}

/** Whether rows of an import wait to be looked at before it goes on. */
function canLookAtRows({ kind, state, progress }: Job): boolean {
  return kind === "import" && state === "paused" && progress.recordsWritten > 0;
}

/** What kind of job it is, and how it goes about it. */
function howOf(job: Job): string {
  switch (job.kind) {
    case "import":
      return `Import · ${job.mode === "create" ? "new table" : job.mode} · ${job.delivery}`;
    case "export":
      return `Export · ${job.method === "keyed" ? `by ${job.orderBy.join(", ")}` : "from a copy"}`;
    case "process":
      return `Process · ${job.title} · batches of ${formatCount(job.batchSize)}${job.hasUndo ? "" : " · no undo"}`;
    default:
      return job satisfies never;
  }
}

function useJobKeys(job: Job): void {
  useShortcuts(
    [
      {
        keys: "p",
        text: "Pause or resume",
        run: () => {
          const action = job.actions.find((name) => name === "pause" || name === "resume");
          if (action !== undefined) begin(action, job);
        },
      },
      {
        keys: "s",
        text: "Stop…",
        run: () => {
          if (job.actions.includes("stop")) begin("stop", job);
        },
      },
      ...(job.kind !== "export"
        ? [{ keys: "f", text: "Rejected rows", run: () => goTo(`/jobs/${job.id}/rejected`) }]
        : []),
    ],
    [job.id, job.actions.join()],
  );
}
