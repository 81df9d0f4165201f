import { describe, expect, test } from "vitest";
import {
  ACTION_NAMES,
  ACTION_RULES,
  ACTIVE_STATES,
  allowedActions,
  isActive,
  isEnded,
  JOB_EDGES,
  JOB_STATE_NAMES,
  JOB_STATES,
  judgeAction,
  PHASES,
  type JobSituation,
  type JobState,
} from "./job-state.ts";

const SITUATIONS: readonly JobSituation[] = JOB_STATE_NAMES.flatMap((state) =>
  [null, ...PHASES].map((phase) => ({ state, phase })),
);

/** The states that can follow `from`, over any number of edges. */
function reachable(from: JobState): ReadonlySet<JobState> {
  const found = new Set<JobState>([from]);
  for (const state of found)
    for (const edge of JOB_EDGES) if (edge.from.includes(state)) found.add(edge.to);
  return found;
}

describe("the table of states", () => {
  test("gives every state a sentence and every edge its reason", () => {
    for (const text of [...Object.values(JOB_STATES), ...JOB_EDGES.map(({ when }) => when)])
      expect(text.length).toBeGreaterThan(10);
  });

  test("names each edge once", () => {
    const edges = JOB_EDGES.flatMap(({ from, to }) => from.map((state) => `${state} → ${to}`));

    expect(new Set(edges).size).toBe(edges.length);
  });

  test("lets every state be reached from queued", () => {
    expect([...reachable("queued")].toSorted()).toEqual([...JOB_STATE_NAMES].toSorted());
  });

  test.each(JOB_STATE_NAMES)("%s is active or ended, never both", (state) => {
    expect(isActive(state)).toBe((ACTIVE_STATES as readonly string[]).includes(state));
    expect(isEnded(state)).toBe(!isActive(state));
  });

  test.each(JOB_STATE_NAMES.filter((state) => state.endsWith("ing") && state !== "running"))(
    "%s resolves into a state of rest by itself",
    (state) => {
      const next = JOB_EDGES.filter(({ from }) => from.includes(state)).map(({ to }) => to);

      expect(next.some((to) => !to.endsWith("ing"))).toBe(true);
    },
  );
});

describe("actions", () => {
  const cases = SITUATIONS.flatMap((situation) =>
    ACTION_NAMES.map((action) => [action, situation] as const),
  );

  test.each(cases)("%s in %o has one answer, and it agrees with the edges", (action, situation) => {
    const verdict = judgeAction(action, situation);
    const rule = ACTION_RULES[action];

    if (verdict === "allowed" && rule.to !== null)
      expect(reachable(situation.state)).toContain(rule.to);
    if (situation.state === rule.to) expect(verdict).not.toBe("conflict");
    expect(allowedActions(situation).includes(action) && verdict !== "allowed").toBe(false);
  });

  test.each([
    ["queued", null, ["pause", "stop"]],
    ["running", "reading", ["pause", "stop"]],
    ["running", "publishing", ["stop"]],
    ["pausing", "reading", ["stop"]],
    ["paused", "reading", ["resume", "stop"]],
    ["stopping", "undoing", []],
    ["failed", "reading", ["resume", "undo", "rerun"]],
    ["succeeded", null, ["rerun"]],
    ["stopped", null, ["rerun"]],
    ["undoing", null, []],
    ["undone", null, ["rerun"]],
  ] as const)("a job that is %s (%s) offers %o", (state, phase, actions) => {
    expect(allowedActions({ state, phase })).toEqual(actions);
  });

  test.each(JOB_STATE_NAMES)(
    "%s: a job can be run again when it is over, and only then",
    (state) => {
      expect(allowedActions({ state, phase: null }).includes("rerun")).toBe(isEnded(state));
    },
  );

  test.each(JOB_STATE_NAMES.filter((state) => isActive(state) && state !== "undoing"))(
    "stop is possible or on its way while a job is %s",
    (state) => {
      for (const phase of [null, ...PHASES])
        expect(judgeAction("stop", { state, phase })).toBe("allowed");
    },
  );
});
