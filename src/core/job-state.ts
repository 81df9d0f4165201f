/**
 * The states of a job, the edges between them, and what a person may ask in each.
 *
 * This file is the only list of states. Types, the database's constraint (tables `sluice.job_state` and
 * `sluice.job_edge`, written by the migrator), the diagram in the documentation, the API's enum and every
 * `actions` field derive from it. Names in -ing resolve by themselves; past participles rest.
 */

/** Every state with the sentence that explains it. */
export const JOB_STATES = {
  queued: "waits for a runner",
  running: "a runner works on it",
  pausing: "a pause is asked for; the chunk in hand is being finished",
  paused: "held by a person or by pauseAfter; nothing runs and no lock is held",
  stopping: "a stop is asked for; its rows are being undone or kept",
  stopped: "ended by a person",
  succeeded: "ended with every record accounted for",
  failed: "ended by an error; its checkpoint is kept",
  undoing: "what it did is being reversed",
  undone: "what it did is reversed",
} as const;

/** Where a job is in its life. */
export type JobState = keyof typeof JOB_STATES;

/** The states in the order of the table. */
export const JOB_STATE_NAMES = Object.keys(JOB_STATES) as readonly JobState[]; // keys of a const object

interface Edge {
  readonly from: readonly JobState[];
  readonly to: JobState;
  readonly when: string;
}

/** Every legal change of state, with the sentence that says when it happens. */
export const JOB_EDGES: readonly Edge[] = [
  { from: ["queued"], to: "running", when: "a runner claims one of its parts" },
  { from: ["queued"], to: "paused", when: "a person pauses it before a runner has it" },
  { from: ["queued", "paused"], to: "stopping", when: "a person stops it" },
  {
    from: ["running"],
    to: "queued",
    when: "its last runner drains at shutdown, or is lost (rescue)",
  },
  { from: ["running"], to: "pausing", when: "a person asks, or pauseAfter is reached" },
  { from: ["running", "pausing"], to: "stopping", when: "a person stops it" },
  {
    from: ["running", "pausing", "stopping"],
    to: "succeeded",
    when: "the last chunk or the publishing was committed first, and the balance holds",
  },
  {
    from: ["queued", "running", "pausing"],
    to: "failed",
    when: "a fatal error, more than maxRejected, a balance that does not hold, or lost too often",
  },
  { from: ["paused"], to: "failed", when: "the upload that it reads from breaks off" },
  { from: ["pausing"], to: "paused", when: "no chunk is open any more, or its runner is lost" },
  { from: ["paused"], to: "queued", when: "a person resumes it" },
  { from: ["stopping"], to: "stopped", when: "its rows are undone, discarded or published" },
  { from: ["stopping", "undoing"], to: "failed", when: "undoing or publishing broke" },
  { from: ["failed"], to: "queued", when: "a person resumes it; checkpoint and counters are kept" },
  {
    from: ["failed", "stopped", "succeeded"],
    to: "undoing",
    when: "a person undoes it, or continues an undo that failed",
  },
  { from: ["undoing"], to: "undone", when: "everything it did is reversed" },
];

/** States in which Sluice itself is at work or about to be. */
const WORKING_STATES = ["queued", "running", "pausing", "stopping", "undoing"] as const;
/** Working states and `paused`: the job is not over. */
export const ACTIVE_STATES = [...WORKING_STATES, "paused"] as const;

/** Whether the job is not over yet. */
export function isActive(state: JobState): boolean {
  return (ACTIVE_STATES as readonly JobState[]).includes(state);
}

/** Whether the job is over, until a person asks for more. */
export function isEnded(state: JobState): boolean {
  return !isActive(state);
}

/** Which step of a state a job is in; null where a state has only one. */
export const PHASES = ["reading", "publishing", "undoing"] as const;
export type Phase = (typeof PHASES)[number];

/** What a person asked last. */
export const WISHES = ["run", "pause", "stop"] as const;
export type Wish = (typeof WISHES)[number];

/** What runners read before each chunk: a wish, or `hold` while a rescue is on its way. */
export const SIGNALS = [...WISHES, "hold"] as const;
export type Signal = (typeof SIGNALS)[number];

/** States of a job that is over. */
const ENDED_STATES = ["stopped", "succeeded", "failed", "undone"] as const;

interface ActionRule {
  readonly from: readonly JobState[];
  /** States in which the action is true already, or on its way: repeating it is no error. */
  readonly already: readonly JobState[];
  /** The state that the action ends in; null when it makes another job and leaves this one as it is. */
  readonly to: JobState | null;
}

/** What a person may ask of a job, and from which state. */
export const ACTION_RULES = {
  pause: { from: ["queued", "running", "pausing"], already: ["paused"], to: "paused" },
  resume: { from: ["paused", "failed"], already: ["queued", "running"], to: "queued" },
  stop: {
    from: ["queued", "running", "pausing", "paused", "stopping"],
    already: ["stopped"],
    to: "stopped",
  },
  undo: { from: ["failed", "undoing"], already: ["undone"], to: "undone" },
  retry: { from: ["succeeded", "stopped"], already: [], to: null },
  rerun: { from: ENDED_STATES, already: [], to: null },
} as const satisfies Record<string, ActionRule>;

/** An action that a person or a client asks for. */
export type Action = keyof typeof ACTION_RULES;

/** An action that changes the state of the job itself. */
export type StateAction = Exclude<Action, "rerun" | "retry">;

/** The actions in the order in which screens show them. */
export const ACTION_NAMES = Object.keys(ACTION_RULES) as readonly Action[]; // keys of a const object

/** The part of a job that decides what may be asked of it. */
export interface JobSituation {
  readonly state: JobState;
  readonly phase: Phase | null;
  /**
   * `after_end` when what was done is kept and can be reversed although the job has ended, `never` when it is a process
   * without `undo`.
   */
  readonly undo?: "after_end" | "never" | undefined;
  /** Only of retries: another one has its records. */
  readonly isGivenBack?: boolean;
  /** Whether what it did is kept and left out records that no retry has. */
  readonly hasRetriable?: boolean;
}

/** What an action means in a situation. */
export type ActionVerdict = "allowed" | "already" | "conflict";

/**
 * Decides whether `action` may be asked in `situation`: `allowed`, `already` (true or on its way: answer with
 * the job) or `conflict`. Publishing is one transaction, so it can be stopped but not paused. What was reversed in part
 * can only be reversed further, and not gone on with.
 */
export function judgeAction(action: Action, situation: JobSituation): ActionVerdict {
  const rule: ActionRule = ACTION_RULES[action];
  if (action === "undo" && situation.undo === "after_end") return "allowed";
  if (action === "undo" && situation.undo === "never" && situation.state === "failed")
    return "conflict";
  if (action === "resume" && situation.state === "failed" && situation.phase === "undoing")
    return "conflict";
  if (action === "resume" && situation.isGivenBack === true) return "conflict";
  if (action === "retry" && situation.hasRetriable !== true) return "conflict";
  if (rule.already.includes(situation.state)) return "already";
  if (!rule.from.includes(situation.state)) return "conflict";
  if (action === "pause" && situation.state === "running" && situation.phase === "publishing")
    return "conflict";
  return "allowed";
}

/** The actions that would change something in this situation. Order: that of `ACTION_NAMES`. */
export function allowedActions(situation: JobSituation): readonly Action[] {
  return ACTION_NAMES.filter(
    (action) => judgeAction(action, situation) === "allowed" && ONWARD[action] !== situation.state, // on its way already: a button would do nothing
  );
}

const ONWARD: Readonly<Partial<Record<Action, JobState>>> = {
  pause: "pausing",
  stop: "stopping",
  undo: "undoing",
};
