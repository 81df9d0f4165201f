/** Ctrl or Cmd with K: screens, jobs by name, and what may be asked of the job that is shown. */
import { useEffect, useRef, useState } from "preact/hooks";
import { listJobs } from "../api/calls.ts";
import type { Job } from "../api/types.ts";
import { ACTION_WORDS, begin } from "../jobs/actions.ts";
import { findJob } from "../jobs/store.ts";
import { wordsOf } from "../jobs/state-words.ts";
import { goTo, place } from "../router.ts";
import { switchTheme } from "../theme.ts";
import { Dialog } from "../ui/dialog.tsx";

const TYPING_PAUSE_MS = 150;
const MOST_JOBS = 8;

interface Result {
  readonly id: string;
  readonly text: string;
  readonly note: string;
  readonly run: () => void;
}

const SCREENS: readonly Result[] = [
  { id: "jobs", text: "Jobs", note: "screen", run: () => goTo("/jobs") },
  { id: "import", text: "Import a file…", note: "screen", run: () => goTo("/import") },
  { id: "export", text: "Export a table…", note: "screen", run: () => goTo("/export") },
  { id: "processes", text: "Processes", note: "screen", run: () => goTo("/processes") },
  { id: "files", text: "Files", note: "screen", run: () => goTo("/files") },
  { id: "settings", text: "Settings", note: "screen", run: () => goTo("/settings") },
  { id: "theme", text: "Light or dark", note: "theme", run: switchTheme },
];

/** The search. */
export function SearchDialog({ onClose }: { onClose: () => void }) {
  const [text, setText] = useState("");
  const [at, setAt] = useState(0);
  const jobs = useFoundJobs(text);
  const input = useRef<HTMLInputElement>(null);
  useEffect(() => input.current?.focus(), []);
  const results = resultsOf(text, jobs);
  const chosen = results[Math.min(at, results.length - 1)];
  const take = (result: Result | undefined): void => {
    if (result === undefined) return;
    onClose();
    result.run();
  };
  return (
    <Dialog title="Search" onClose={onClose} isWide>
      <input
        ref={input}
        type="text"
        role="combobox"
        aria-label="Search jobs, screens and actions"
        aria-expanded
        aria-controls="results"
        aria-activedescendant={chosen === undefined ? undefined : `result-${chosen.id}`}
        style={{ width: "100%" }}
        value={text}
        onInput={(event) => {
          setText(event.currentTarget.value);
          setAt(0);
        }}
        onKeyDown={(event) => {
          if (event.key === "ArrowDown") setAt(Math.min(at + 1, results.length - 1));
          else if (event.key === "ArrowUp") setAt(Math.max(at - 1, 0));
          else if (event.key === "Enter") take(chosen);
          else return;
          event.preventDefault();
        }}
      />
      <ul class="results" id="results" role="listbox" aria-label="Found">
        {results.map((result) => (
          <li
            key={result.id}
            id={`result-${result.id}`}
            role="option"
            aria-selected={result === chosen}
            onClick={() => take(result)}
          >
            {result.text} <span class="muted">{result.note}</span>
          </li>
        ))}
      </ul>
      {results.length === 0 && <p class="muted">Nothing is found.</p>}
    </Dialog>
  );
}

function useFoundJobs(text: string): readonly Job[] {
  const [jobs, setJobs] = useState<readonly Job[]>([]);
  useEffect(() => {
    const ended = new AbortController();
    const timer = setTimeout(() => {
      const query = { limit: MOST_JOBS, ...(text.trim() === "" ? {} : { q: text.trim() }) };
      listJobs(query, ended.signal).then(
        ({ items }) => setJobs(items),
        // Screens and actions can be found without the service.
        () => undefined,
      );
    }, TYPING_PAUSE_MS);
    return () => {
      clearTimeout(timer);
      ended.abort();
    };
  }, [text]);
  return jobs;
}

function resultsOf(text: string, jobs: readonly Job[]): readonly Result[] {
  const wanted = text.trim().toLowerCase();
  const fits = (result: Result): boolean => result.text.toLowerCase().includes(wanted);
  const shown = findJob(place.value.path.split("/")[2] ?? "")?.value;
  const actions = (shown?.actions ?? []).map((action) => ({
    id: `action-${action}`,
    text: ACTION_WORDS[action].text,
    note: shown?.name ?? "",
    run: () => {
      if (shown !== undefined) begin(action, shown);
    },
  }));
  const found = jobs.map((job) => ({
    id: job.id,
    text: job.name,
    note: wordsOf(job).word,
    run: () => goTo(`/jobs/${job.id}`),
  }));
  return [...actions.filter(fits), ...found, ...SCREENS.filter(fits)];
}
