/** `/jobs/{jobId}`: one job, live. */
import { useEffect, useRef, useState } from "preact/hooks";
import { announceChange } from "../../announce.ts";
import { getJob, listJobs } from "../../api/calls.ts";
import { ApiError, toApiError } from "../../api/request.ts";
import type { Action, Job } from "../../api/types.ts";
import { formatId } from "../../format.ts";
import { begin, refusals } from "../../jobs/actions.tsx";
import { findJob, takeJob } from "../../jobs/store.ts";
import { useShortcuts } from "../../keys.ts";
import { returns } from "../../live/returns.ts";
import { goTo } from "../../router.ts";
import { showJobTitle, showTitle } from "../../tab.ts";
import { ActionButton } from "../../ui/action-button.tsx";
import { ErrorNote, Waiting } from "../../ui/notes.tsx";
import { StatePill } from "../../ui/pill.tsx";
import { Ago } from "../../ui/time.tsx";
import { ForgetButton } from "./forget-button.tsx";
import { NotifyButton } from "./notify-button.tsx";
import { Overview } from "./overview.tsx";
import { ReceiptTab } from "./receipt-tab.tsx";
import { RejectedTab } from "./rejected-tab.tsx";
import { RowsTab } from "./rows-tab.tsx";
import { SettingsTab } from "./settings-tab.tsx";
import { TimelineTab } from "./timeline-tab.tsx";

const WHOLE_ID = /^job_[0-9a-z]{26}$/;
const TABS = {
  overview: { text: "Overview", show: Overview },
  rows: { text: "Rows", show: RowsTab },
  rejected: { text: "Rejected", show: RejectedTab },
  timeline: { text: "Timeline", show: TimelineTab },
  settings: { text: "Settings", show: SettingsTab },
  receipt: { text: "Receipt", show: ReceiptTab },
} as const;
type TabName = keyof typeof TABS;

function isTab(name: string): name is TabName {
  return Object.hasOwn(TABS, name);
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
    return <JobPage job={job} tab={isTab(tab) ? tab : "overview"} />;
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

function JobPage({ job, tab }: { job: Job; tab: TabName }) {
  const before = useRef(job);
  useEffect(() => {
    showJobTitle(job);
    announceChange(before.current, job);
    before.current = job;
  }, [job]);
  useJobKeys(job);
  const refusal = refusals.value.get(job.id);
  const { show: Tab } = TABS[tab];
  return (
    <>
      <p>
        <a href="/jobs">← Jobs</a>
      </p>
      <JobHead job={job} />
      {refusal !== undefined && <ErrorNote error={refusal} />}
      <nav class="tabs" aria-label="Parts of the job">
        {Object.entries(TABS).map(([name, { text }]) => (
          <a
            key={name}
            href={name === "overview" ? `/jobs/${job.id}` : `/jobs/${job.id}/${name}`}
            aria-current={name === tab ? "page" : undefined}
          >
            {text}
            {name === "rejected" && job.progress.recordsRejected > 0
              ? ` (${job.progress.recordsRejected})`
              : ""}
          </a>
        ))}
      </nav>
      <Tab job={job} />
    </>
  );
}

function JobHead({ job }: { job: Job }) {
  const primary: Action | undefined = job.actions.find(
    (action) => action === "pause" || action === "resume",
  );
  return (
    <>
      <div class="row">
        <h1>{job.name}</h1>
        <StatePill job={job} />
        <span class="space" />
        <div class="row jobbuttons">
          {job.actions.map((action) => (
            <ActionButton key={action} action={action} job={job} isPrimary={action === primary} />
          ))}
          <NotifyButton job={job} />
          <ForgetButton job={job} />
        </div>
      </div>
      <p class="muted" style={{ marginTop: "4px" }}>
        {job.kind === "import" ? "Import" : job.kind} ·{" "}
        {job.mode === "create" ? "new table" : job.mode} · {job.delivery} ·{" "}
        {job.timing.startedAt === null ? "created " : "started "}
        <Ago time={job.timing.startedAt ?? job.timing.createdAt} />
        {["local", "anybody"].includes(job.createdBy) ? "" : ` by ${job.createdBy}`} ·{" "}
        <code title={job.id}>{formatId(job.id)}</code>
        {job.parent !== null && (
          <>
            {" "}
            · made from <a href={`/jobs/${job.parent}`}>{formatId(job.parent)}</a>
          </>
        )}
      </p>
    </>
  );
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
      { keys: "f", text: "Rejected rows", run: () => goTo(`/jobs/${job.id}/rejected`) },
    ],
    [job.id, job.actions.join()],
  );
}
