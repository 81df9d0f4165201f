/** A job as the API shows it, with defaults that a test need not state. */
import type { ImportJobView } from "../../src/client/index.ts";

/** What a test states of a job; the rest has defaults. */
export type JobViewParts = Partial<Omit<ImportJobView, "progress" | "timing">> & {
  readonly progress?: Partial<ImportJobView["progress"]>;
  readonly timing?: Partial<ImportJobView["timing"]>;
};

/** A running import at 48%, unless told otherwise. */
export function aJobView(parts: JobViewParts = {}): ImportJobView {
  return {
    id: "job_01m84qvwcgffer2s6r76fqcz25",
    kind: "import",
    name: "people.csv → public.people",
    state: "running",
    phase: "reading",
    stateReason: { code: "running", by: null, at: "2026-11-23T17:39:51.000Z" },
    file: "file_01m84qvm34fc7rq4ee6xdwhyxw",
    upload: null,
    table: "public.people",
    mode: "create",
    columns: {},
    types: {},
    reading: {},
    isSample: false,
    isDryRun: false,
    key: null,
    delivery: "staged",
    onConflict: "reject",
    maxRejected: null,
    pauseAfter: null,
    checkpoint: { recordsRead: 482_310, at: "2026-11-23T17:40:00.000Z" },
    maxRecordsPerSecond: null,
    actions: ["pause", "stop"],
    failure: null,
    result: null,
    undo: { possible: false, until: null, reason: null },
    isRetry: false,
    retries: { recordsOpen: 0, recordsFixed: 0 },
    parent: null,
    createdBy: "local",
    links: {
      self: "/v1/jobs/job_01m84qvwcgffer2s6r76fqcz25",
      events: "/v1/events?job=job_01m84qvwcgffer2s6r76fqcz25",
      records: "/v1/jobs/job_01m84qvwcgffer2s6r76fqcz25/records",
      parent: null,
      children: "/v1/jobs?parent=job_01m84qvwcgffer2s6r76fqcz25",
    },
    ...parts,
    progress: {
      recordsRead: 482_310,
      recordsWritten: 482_298,
      recordsRejected: 12,
      recordsFiltered: 0,
      recordsTotal: 1_000_000,
      totalIsEstimate: true,
      bytesRead: 43_201_126,
      bytesTotal: 89_548_392,
      fraction: 0.482,
      recordsPerSecond: 21_480,
      etaSeconds: 24,
      ...parts.progress,
    },
    timing: {
      createdAt: "2026-11-23T17:39:38.000Z",
      startedAt: "2026-11-23T17:39:38.000Z",
      endedAt: null,
      runningSeconds: 22.4,
      pausedSeconds: 0,
      ...parts.timing,
    },
  };
}

/** One second after the last checkpoint of `aJobView`, in milliseconds. */
export const NOW = Date.parse("2026-11-23T17:40:01.000Z");
