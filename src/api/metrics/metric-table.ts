/** Every figure of `/metrics` that is Sluice's own: the answer, and the page of the reference, are made from this table. */
import type { ServiceFigures } from "../../core/service-figures.ts";
import type { Durations, WorkOfKind } from "../../core/work-meter.ts";

/** Values of labels, by their names. */
export type Labels = Readonly<Record<string, string>>;

interface MetricFacts {
  /** What it says, in a sentence. */
  readonly help: string;
  /** Names of its labels. */
  readonly labels: readonly string[];
}

/** A number with labels that goes up and down, or only up. */
export interface NumberMetric extends MetricFacts {
  readonly type: "gauge" | "counter";
  readonly read: (facts: MetricSource) => readonly (readonly [labels: Labels, value: number])[];
}

/** Durations with labels. */
export interface DurationMetric extends MetricFacts {
  readonly type: "histogram";
  readonly read: (facts: MetricSource) => readonly (readonly [labels: Labels, value: Durations])[];
}

/** What the figures are read from. */
export interface MetricSource extends ServiceFigures {
  readonly version: string;
}

const OF_SERVICE =
  "by the lanes of this service since its start; what other services and workers did is not in it";
const OF_DATABASE = "of all services and workers on the database";

/** The figures by their names, in the order of the answer. */
export const METRICS: Readonly<Record<string, NumberMetric | DurationMetric>> = {
  sluice_info: {
    type: "gauge",
    help: "Always 1; the label has the version of this service.",
    labels: ["version"],
    read: ({ version }) => [[{ version }, 1]],
  },
  sluice_database_up: {
    type: "gauge",
    help: "Whether the database answers: 1 or 0. While it does not, what it says of all services and workers is left out.",
    labels: [],
    read: ({ database }) => [[{}, database === null ? 0 : 1]],
  },
  sluice_jobs: {
    type: "gauge",
    help: `Jobs that are kept, ${OF_DATABASE}.`,
    labels: ["kind", "state"],
    read: ({ database }) =>
      (database?.jobs ?? []).map(({ kind, state, count }) => [{ kind, state }, count]),
  },
  sluice_active_job_records: {
    type: "gauge",
    help: `Records of the jobs that are not over, as they are committed, ${OF_DATABASE}. \`outcome\` is read, written or rejected.`,
    labels: ["kind", "outcome"],
    read: ({ database }) =>
      (database?.active ?? []).flatMap(
        ({ kind, recordsRead, recordsWritten, recordsRejected }) =>
          [
            [{ kind, outcome: "read" }, recordsRead],
            [{ kind, outcome: "written" }, recordsWritten],
            [{ kind, outcome: "rejected" }, recordsRejected],
          ] as const,
      ),
  },
  sluice_waiting_parts: {
    type: "gauge",
    help: `Parts of jobs that may run, which no lane has, ${OF_DATABASE}.`,
    labels: [],
    read: ({ database }) => (database === null ? [] : [[{}, database.waitingParts]]),
  },
  sluice_longest_wait_seconds: {
    type: "gauge",
    help: `For how long the job that waits longest has been \`queued\`, ${OF_DATABASE}; 0 when none waits.`,
    labels: [],
    read: ({ database }) => (database === null ? [] : [[{}, database.longestWaitSeconds]]),
  },
  sluice_lanes: {
    type: "gauge",
    help: `Lanes whose lease holds, ${OF_DATABASE}. \`state\` is busy or free.`,
    labels: ["state"],
    read: ({ database }) =>
      database === null
        ? []
        : [
            [{ state: "busy" }, database.lanes.busy],
            [{ state: "free" }, database.lanes.free],
          ],
  },
  sluice_records_read_total: work(
    `Records that were read and committed ${OF_SERVICE}.`,
    "recordsRead",
  ),
  sluice_records_written_total: work(`Records that were taken ${OF_SERVICE}.`, "recordsWritten"),
  sluice_records_rejected_total: work(
    `Records that were rejected ${OF_SERVICE}.`,
    "recordsRejected",
  ),
  sluice_bytes_total: work(
    `Bytes of files that were read, and for exports of results that were written, and committed ${OF_SERVICE}.`,
    "bytes",
  ),
  sluice_chunk_seconds: {
    type: "histogram",
    help: `How long the database took to commit a chunk, from its sending to the answer, ${OF_SERVICE}.`,
    labels: ["kind"],
    read: ({ work: { kinds } }) => kinds.map(({ kind, chunks }) => [{ kind }, chunks]),
  },
  sluice_pause_seconds: {
    type: "histogram",
    help: "How long pauses took that were asked of this service, from the request to the answer. One that was not reached in 10 s is in no bucket but +Inf.",
    labels: [],
    read: ({ work: { pauses } }) => [[{}, pauses]],
  },
};

function work(help: string, name: Exclude<keyof WorkOfKind, "kind" | "chunks">): NumberMetric {
  return {
    type: "counter",
    help,
    labels: ["kind"],
    read: ({ work: { kinds } }) => kinds.map((each) => [{ kind: each.kind }, each[name]]),
  };
}
