/** What the methods of the client take, and what an action answers. */
import type { PauseBody, ResumeBody, StopBody, UndoBody } from "../api/schemas/action.ts";
import type { JobView } from "../api/schemas/job.ts";
import type { RecordFormat } from "../api/schemas/record.ts";

/** How a client is made. */
export interface ClientOptions {
  /** Address of the service, such as `http://127.0.0.1:5007`. */
  readonly url: string;
  /** What to sign in with; a service on a loopback address asks for none. */
  readonly token?: string | null;
  /** Replaces the platform's `fetch`. */
  readonly fetch?: typeof globalThis.fetch;
}

/** What each action takes beside the job. */
export interface ActionBodies {
  readonly pause: PauseBody;
  readonly resume: ResumeBody;
  readonly stop: StopBody;
  readonly undo: Omit<UndoBody, "validateOnly">;
}

/** A page of a list. */
export interface PageQuery {
  /** From 1 to 200, 50 when absent. */
  readonly limit?: number;
  /** `next` of the page before. */
  readonly cursor?: string;
}

/** A filter and a page of a list of jobs. */
export interface JobQuery extends PageQuery {
  /** States with commas between: `queued,running`. */
  readonly state?: string;
  readonly kind?: string;
  /** Only jobs that were made from this one. */
  readonly parent?: string;
  /** Words to find in the name. */
  readonly q?: string;
}

/** How records are streamed. */
export interface RecordStreamOptions {
  /** Default `csv`: the bytes of the file. */
  readonly format?: Exclude<RecordFormat, "json">;
  /** Whether CSV of rejected records begins with columns that say why. Default false. */
  readonly withReasons?: boolean;
  /** Of rejected records only those that no retry has. Default: all. */
  readonly onlyOpen?: boolean;
  readonly signal?: AbortSignal;
}

/** The answer to an action. */
export interface ActionAnswer {
  readonly job: JobView;
  /** Whether the state that the action names is reached; otherwise it is on the way by itself. */
  readonly isReached: boolean;
}
