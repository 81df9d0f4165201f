/** `/jobs`: every job, newest first, with a filter that stays in the address. */
import { useEffect, useRef, useState } from "preact/hooks";
import type { Job } from "../api/types.ts";
import { formatCounted } from "../format.ts";
import { askAll, askToStop, groupAnswer } from "../jobs/actions.ts";
import { jobList, loadJobs, loadMoreJobs, watchArrivals } from "../jobs/job-list.ts";
import { findJob } from "../jobs/store.ts";
import { useShortcuts } from "../keys.ts";
import { returns } from "../live/returns.ts";
import { goTo, place } from "../router.ts";
import { showTitle } from "../tab.ts";
import { EmptyNote, ErrorNote, Waiting } from "../ui/notes.tsx";
import { FirstSteps } from "./first-steps.tsx";
import { JobCounters } from "./job-counters.tsx";
import { JobRow } from "./job-row.tsx";
import { DropArea } from "./import/drop-area.tsx";

const TYPING_PAUSE_MS = 250;

function addressOf(filter: string): string {
  return filter === "" ? "/jobs" : `/jobs?q=${encodeURIComponent(filter)}`;
}

/** The list of jobs. */
export function JobsScreen() {
  const filter = place.value.query.get("q") ?? "";
  useEffect(() => void loadJobs(filter), [filter, returns.value]);
  useEffect(watchArrivals, []);
  useEffect(() => showTitle("Jobs"), []);
  const { ids, error } = jobList.value;
  return (
    <>
      <div class="row">
        <h1>Jobs</h1>
        <span class="space" />
        <a class="button" href="/export">
          Export…
        </a>
        <a class="button primary" href="/import">
          Import a file…
        </a>
      </div>
      {error !== null && (
        <ErrorNote error={error}>
          <button type="button" onClick={() => void loadJobs(filter)}>
            Try again
          </button>
        </ErrorNote>
      )}
      {ids === null && error === null && <Waiting />}
      {ids !== null && ids.length === 0 && filter === "" ? (
        <>
          <DropArea title="Drop a CSV here, or choose a file" />
          <FirstSteps />
        </>
      ) : (
        <FilteredJobs filter={filter} />
      )}
    </>
  );
}

function FilteredJobs({ filter }: { filter: string }) {
  const { ids, next } = jobList.value;
  return (
    <>
      <div class="row" style={{ marginTop: "12px" }}>
        <FilterBox filter={filter} />
        <JobCounters filter={filter} onChoose={(chosen) => goTo(addressOf(chosen))} />
      </div>
      <NewJobs filter={filter} />
      {ids !== null &&
        (ids.length === 0 ? (
          <EmptyNote title="No job matches.">
            <a href="/jobs">Clear the filter</a>
          </EmptyNote>
        ) : (
          <JobTable ids={ids} />
        ))}
      {next !== null && (
        <p style={{ marginTop: "16px" }}>
          <button type="button" onClick={() => void loadMoreJobs()}>
            Show more
          </button>
        </p>
      )}
    </>
  );
}

function NewJobs({ filter }: { filter: string }) {
  const { newCount } = jobList.value;
  if (newCount === 0) return null;
  return (
    <p style={{ marginTop: "12px" }}>
      <button type="button" onClick={() => void loadJobs(filter)}>
        {formatCounted(newCount, "new job")}, show
      </button>
    </p>
  );
}

function FilterBox({ filter }: { filter: string }) {
  const [text, setText] = useState(filter);
  const box = useRef<HTMLInputElement>(null);
  useEffect(() => setText(filter), [filter]);
  useEffect(() => {
    const timer = setTimeout(() => {
      if (text.trim() !== filter) goTo(addressOf(text.trim()), { replaces: true });
    }, TYPING_PAUSE_MS);
    return () => clearTimeout(timer);
  }, [text]);
  useShortcuts([{ keys: "/", text: "Filter", run: () => box.current?.focus() }], []);
  return (
    <input
      ref={box}
      class="filter"
      type="search"
      aria-label="Filter jobs"
      placeholder="Filter: state:running kind:import people"
      value={text}
      onInput={(event) => setText(event.currentTarget.value)}
    />
  );
}

function JobTable({ ids }: { ids: readonly string[] }) {
  const [selected, setSelected] = useState<ReadonlySet<string>>(new Set());
  const body = useRef<HTMLTableSectionElement>(null);
  const toggle = (id: string): void => {
    const next = new Set(selected);
    if (!next.delete(id)) next.add(id);
    setSelected(next);
    groupAnswer.value = "";
  };
  useListKeys(body, toggle, selected);
  return (
    <section class="card" style={{ padding: "4px 10px" }}>
      <SelectionBar selected={selected} onClear={() => setSelected(new Set())} />
      <table class="jobs cards">
        <caption class="vh">Jobs, newest first</caption>
        <thead>
          <tr>
            <th scope="col">
              <span class="vh">Select</span>
            </th>
            <th scope="col">Job</th>
            <th scope="col">State</th>
            <th scope="col">Progress</th>
            <th scope="col">Rows</th>
            <th scope="col">Rejected</th>
            <th scope="col">Started</th>
            <th scope="col">
              <span class="vh">Action</span>
            </th>
          </tr>
        </thead>
        <tbody ref={body}>
          {ids.map((id) => (
            <JobRow key={id} id={id} isSelected={selected.has(id)} onToggle={() => toggle(id)} />
          ))}
        </tbody>
      </table>
    </section>
  );
}

/** `j` and `k` go from job to job, `x` selects; Enter opens, as on every link. */
function useListKeys(
  body: { readonly current: HTMLElement | null },
  toggle: (id: string) => void,
  selected: ReadonlySet<string>,
): void {
  const links = (): readonly HTMLElement[] => [
    ...(body.current?.querySelectorAll<HTMLElement>("a[data-job]") ?? []),
  ];
  const at = (): number =>
    links().findIndex((link) => link.closest("tr")?.contains(document.activeElement) === true);
  const move = (by: number): void => {
    const all = links();
    const to = at() === -1 && by < 0 ? 0 : at() + by;
    all[Math.min(all.length - 1, Math.max(0, to))]?.focus();
  };
  useShortcuts(
    [
      { keys: "j", text: "Next job", run: () => move(1) },
      { keys: "k", text: "Job before", run: () => move(-1) },
      {
        keys: "x",
        text: "Select the job",
        run: () => {
          const id = links()[at()]?.dataset["job"];
          if (id !== undefined) toggle(id);
        },
      },
    ],
    [selected],
  );
}

function SelectionBar({
  selected,
  onClear,
}: {
  selected: ReadonlySet<string>;
  onClear: () => void;
}) {
  const jobs = [...selected].map((id) => findJob(id)?.value).filter((job) => job !== undefined);
  const can = (action: Job["actions"][number]): boolean =>
    jobs.some((job) => job.actions.includes(action));
  if (jobs.length === 0 && groupAnswer.value === "") return null;
  return (
    <div class="row" style={{ padding: "8px" }} role="group" aria-label="Selected jobs">
      {jobs.length > 0 && <span class="strong">{formatCounted(jobs.length, "job")} selected</span>}
      {can("pause") && (
        <button type="button" onClick={() => void askAll("pause", jobs)}>
          Pause
        </button>
      )}
      {can("resume") && (
        <button type="button" onClick={() => void askAll("resume", jobs)}>
          Resume
        </button>
      )}
      {can("stop") && (
        <button type="button" class="danger" onClick={() => askToStop(jobs)}>
          Stop…
        </button>
      )}
      {jobs.length > 0 && (
        <button type="button" class="plain" onClick={onClear}>
          Clear
        </button>
      )}
      <span class="muted">{groupAnswer.value}</span>
    </div>
  );
}
