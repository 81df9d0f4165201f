/** A job with valid defaults; a test states what matters to it. */
import type { ImportJob, Progress } from "../../src/core/job.ts";

const AT = new Date("2026-11-23T17:40:00.000Z");

/** A running import of a file of 10,000 bytes, of which nothing is read. */
export function aJob(
  parts: Partial<Omit<ImportJob, "progress">> & { readonly progress?: Partial<Progress> } = {},
): ImportJob {
  const { progress, ...rest } = parts;
  const file = {
    id: "file_01m84qvm34fc7rq4ee6xdwhyxw",
    name: "people.csv",
    bytes: 10_000,
    sha256: "0".repeat(64),
    createdAt: AT,
  };
  return {
    id: "job_01m84qvwcgffer2s6r76fqcz25",
    kind: "import",
    name: "people.csv → public.people",
    door: "api",
    state: "running",
    phase: "reading",
    stateReason: { code: "claimed", by: null, at: AT },
    wish: "run",
    signal: "run",
    epoch: 1,
    file,
    upload: null,
    target: { schema: "public", table: "people" },
    staging: "staging_1",
    request: { kind: "import", file: file.id },
    parent: null,
    retry: null,
    retries: { recordsRetried: 0, recordsFixed: 0 },
    failure: null,
    result: null,
    kept: null,
    progress: {
      read: 0,
      written: 0,
      rejected: 0,
      filtered: 0,
      bytesRead: 0,
      bytesTotal: 10_000,
      checkpointAt: null,
      ...progress,
    },
    notes: { bareQuotes: 0, blankLines: 0, lineEnds: { lf: 0, crlf: 0, cr: 0 } },
    createdBy: "dana",
    createdAt: AT,
    startedAt: AT,
    endedAt: null,
    runningSeconds: 0,
    pausedSeconds: 0,
    maxRecordsPerSecond: null,
    version: 1,
    ...rest,
  };
}
