/** Figures of a service for those who watch over it. */
import type { JobKind } from "./job.ts";
import type { JobState } from "./job-state.ts";
import type { WorkDone } from "./work-meter.ts";

/** What the database says, of all services and workers on it. */
export interface DatabaseFigures {
  /** Jobs by kind and state; what there is none of is left out. */
  readonly jobs: readonly {
    readonly kind: JobKind;
    readonly state: JobState;
    readonly count: number;
  }[];
  /** Records of the jobs that are not over, by kind, as they are committed. */
  readonly active: readonly {
    readonly kind: JobKind;
    readonly recordsRead: number;
    readonly recordsWritten: number;
    readonly recordsRejected: number;
  }[];
  /** Parts of jobs that may run, which no runner has. */
  readonly waitingParts: number;
  /** For how long the job that waits longest has waited for a runner, in seconds; 0 when none waits. */
  readonly longestWaitSeconds: number;
  /** Lanes whose lease holds, with a part in hand and without. */
  readonly lanes: { readonly busy: number; readonly free: number };
}

/** All figures. */
export interface ServiceFigures {
  /** Of the lanes of this service, since it started. */
  readonly work: WorkDone;
  /** Null while the database does not answer. */
  readonly database: DatabaseFigures | null;
}
