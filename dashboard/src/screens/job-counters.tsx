/** How many jobs run, rest or need somebody; each count is a filter too. */
import { useEffect, useState } from "preact/hooks";
import { listJobs } from "../api/calls.ts";
import { formatCount } from "../format.ts";
import type { Tone } from "../jobs/state-words.ts";
import { stateChanges } from "../jobs/store.ts";

const MOST = 200;
const SETTLE_MS = 500;

interface Counter {
  readonly text: string;
  readonly icon: string;
  readonly tone: Tone;
  /** The filter that it stands for. */
  readonly filter: string;
  readonly states: string;
}

const COUNTERS: readonly Counter[] = [
  {
    text: "Running",
    icon: "▶",
    tone: "run",
    filter: "state:queued,running,pausing,stopping,undoing",
    states: "queued,running,pausing,stopping,undoing",
  },
  { text: "Paused", icon: "❚❚", tone: "pause", filter: "state:paused", states: "paused" },
  { text: "Needs attention", icon: "!", tone: "bad", filter: "state:failed", states: "failed" },
];

/** The counters. They are counted again when a job changes its state. */
export function JobCounters({
  filter,
  onChoose,
}: {
  filter: string;
  onChoose: (filter: string) => void;
}) {
  const [counts, setCounts] = useState<readonly string[]>([]);
  const changes = stateChanges.value;
  useEffect(() => {
    const controller = new AbortController();
    const timer = setTimeout(() => {
      const { signal } = controller;
      Promise.all(COUNTERS.map(({ states }) => countOf(states, signal))).then(
        setCounts,
        // The list says what is wrong; counts of a moment ago stay.
        () => undefined,
      );
    }, SETTLE_MS);
    return () => {
      clearTimeout(timer);
      controller.abort();
    };
  }, [changes]);
  return (
    <div class="row" role="group" aria-label="Filters">
      {COUNTERS.map((counter, index) => (
        <button
          type="button"
          key={counter.text}
          class={`pill ${counter.tone}`}
          aria-pressed={filter === counter.filter}
          onClick={() => onChoose(filter === counter.filter ? "" : counter.filter)}
        >
          <span aria-hidden="true">{counter.icon}</span> {counter.text} {counts[index] ?? ""}
        </button>
      ))}
      <button
        type="button"
        class="pill idle"
        aria-pressed={filter === ""}
        onClick={() => onChoose("")}
      >
        All
      </button>
    </div>
  );
}

async function countOf(state: string, signal: AbortSignal): Promise<string> {
  const { items, next } = await listJobs({ state, limit: MOST }, signal);
  return `${formatCount(items.length)}${next === null ? "" : "+"}`;
}
