import { expect, test } from "vitest";
import { aJobView } from "../../test/support/a-job-view.ts";
import { aProcessJobView } from "../../test/support/a-process-job.ts";
import { intentOf, promptLine } from "./follow-keys.ts";

const KEYS = { kind: "keys" } as const;
const PAUSED = aJobView({ state: "paused", phase: null, actions: ["resume", "stop"] });
const LIMITED = aJobView({ maxRecordsPerSecond: 5_000 });
const PUBLISHING = aJobView({ phase: "publishing", actions: ["stop"] });

test.each([
  ["p", aJobView(), "pause"],
  ["p", PAUSED, "resume"],
  ["p", PUBLISHING, "none"],
  ["-", aJobView(), "slower"],
  ["+", aJobView(), "none"],
  ["+", LIMITED, "faster"],
  ["-", PUBLISHING, "none"],
  ["s", aJobView(), "ask-stop"],
  ["s", aJobView({ actions: [] }), "none"],
  ["d", aJobView(), "leave"],
  ["ctrl-c", aJobView(), "leave"],
  ["ctrl-z", aJobView(), "suspend"],
  ["?", aJobView(), "help"],
  ["x", aJobView(), "none"],
])("the key %s means %#: %s", (key, job, intent) => {
  expect(intentOf(key, job, KEYS)).toBe(intent);
});

test.each([
  ["u", "stop"],
  ["k", "stop-keep"],
  ["enter", "keep"],
  ["escape", "keep"],
  ["s", "keep"],
  ["ctrl-c", "leave"],
])("while the stop is asked for, %s means %s", (key, intent) => {
  expect(intentOf(key, aJobView(), { kind: "ask-stop" })).toBe(intent);
});

test("while an action is on its way only Ctrl-C counts", () => {
  const busy = { kind: "busy", text: "Pausing…" } as const;

  expect([intentOf("p", aJobView(), busy), intentOf("ctrl-c", aJobView(), busy)]).toEqual([
    "none",
    "leave",
  ]);
});

test("the line offers what the job can do", () => {
  expect(promptLine(aJobView(), KEYS, false)).toBe("p pause · s stop · d detach · ? keys");
  expect(promptLine(PAUSED, KEYS, true)).toBe("p resume · s stop · d pause and leave · ? keys");
});

test("the question before a stop begins with the answers, and says what is at stake", () => {
  expect(promptLine(aJobView(), { kind: "ask-stop" }, false)).toBe(
    "Stop?  u undo: discard 482,298 rows · k keep them · Enter keep running   Nothing is visible in public.people.",
  );
});

test.each([
  ["u", true, "stop"],
  ["k", true, "stop-keep"],
  ["enter", true, "keep"],
  ["u", false, "keep"],
  ["k", false, "stop-keep"],
])(
  "while the stop of a process is asked for, %s means, with undo %s: %s",
  (key, hasUndo, intent) => {
    const job = aProcessJobView({ plan: { hasUndo } });

    expect(intentOf(key, job, { kind: "ask-stop" })).toBe(intent);
  },
);

test("the question before the stop of a process offers what it can do", () => {
  expect([true, false].map(stopLineOf)).toEqual([
    "Stop?  u undo 1,200 rows · k keep what is done · Enter keep running",
    "Stop?  k keep 1,200 rows that are done · Enter keep running   This process has no undo.",
  ]);
});

test("while a pause waits for a batch, f does not wait", () => {
  const pausing = aProcessJobView({ state: "pausing" });

  expect(intentOf("f", pausing, KEYS)).toBe("pause-now");
  expect(promptLine(pausing, KEYS, false)).toContain("f do not wait for the batch");
  expect(intentOf("f", aProcessJobView(), KEYS)).toBe("none");
  expect(intentOf("f", aJobView({ state: "pausing" }), KEYS)).toBe("none");
});

function stopLineOf(hasUndo: boolean): string {
  const progress = { read: 1200, written: 1200 };
  const job = aProcessJobView({ plan: { hasUndo }, progress });
  return promptLine(job, { kind: "ask-stop" }, false);
}
