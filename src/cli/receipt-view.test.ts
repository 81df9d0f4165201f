import { expect, test } from "vitest";
import { aJobView, NOW, type JobViewParts } from "../../test/support/a-job-view.ts";
import { aJob } from "../../test/support/a-job.ts";
import { aProcessJob, aProcessResult } from "../../test/support/a-process-job.ts";
import { jobView, receiptView } from "../api/job-view.ts";
import type { RejectedRecordView } from "../client/index.ts";
import { leftLines, receiptLines, summarize } from "./receipt-view.ts";
import { createStyle } from "./terminal/style.ts";

const VIEW = { style: createStyle(false), now: NOW, needsStart: false };

function rejected(column: string | null, code: RejectedRecordView["code"]): RejectedRecordView {
  return {
    record: 1,
    line: 2,
    byte: 3,
    fields: null,
    column,
    value: null,
    code,
    reason: "",
    message: "",
    raw: "",
    rawIsTruncated: false,
    field: null,
    correction: null,
    retriedBy: null,
  };
}

function receiptOf(
  parts: JobViewParts,
  items: readonly RejectedRecordView[] = [],
): readonly string[] {
  const job = aJobView(parts);
  const { recordsRead, recordsWritten, recordsRejected, recordsFiltered } = job.progress;
  const receipt = {
    job: job.id,
    state: job.state,
    endedAt: null,
    isBalanced: true,
    file: { name: "people.csv", bytes: 1, sha256: `9f2c${"0".repeat(58)}e1` },
    records: {
      read: recordsRead,
      written: recordsWritten,
      rejected: recordsRejected,
      filtered: recordsFiltered,
    },
    rows: null,
    warnings: [{ code: "blank_lines", message: "2 blank lines are left out." }],
    output: null,
    undo: null,
  };
  return receiptLines({ job, receipt, rejected: items }, VIEW);
}

test("a receipt has the result, the balance, the rejected rows by reason and what can be done", () => {
  const items = [rejected("age", "invalid_integer"), rejected("email", "required_value_missing")];
  const job: JobViewParts = {
    state: "succeeded",
    phase: null,
    actions: [],
    timing: { runningSeconds: 46 },
    progress: {
      recordsRead: 1_000_000,
      recordsWritten: 999_998,
      recordsRejected: 2,
      recordsPerSecond: 21_739,
    },
  };

  expect(receiptOf(job, items)).toEqual([
    "✓ Imported 999,998 rows into public.people in 46 s  (21,739 rows/s)",
    "  1,000,000 read = 999,998 written + 2 rejected   sha256 9f2c…e1",
    '! 2 rows were rejected:  1 age "not a whole number" · 1 email required',
    "! 2 blank lines are left out.",
    "  See them      sluice rejected job_01m84qvwcgff",
  ]);
});

test("of a process that makes a file, the one read and the one made have a hash each", () => {
  const output = {
    file: "file_2",
    name: "people-notes.csv",
    bytes: 9,
    rows: 3,
    sha256: `91ab${"0".repeat(58)}02`,
  };
  const job = aProcessJob({
    state: "succeeded",
    phase: null,
    progress: { read: 3, written: 3, rejected: 0 },
    plan: { outputHeader: ["id"] },
    result: aProcessResult({ recordsDone: 3, output }),
    file: { ...aJob().file, sha256: `9f2c${"0".repeat(58)}e1` },
  });
  const facts = { job: jobView(job), receipt: receiptView(job), rejected: [] };

  const lines = receiptLines(facts, VIEW);
  const saved = receiptLines(facts, { ...VIEW, savedAs: "out/notes.csv" });

  expect(lines.slice(1, 4)).toEqual([
    "  3 read = 3 done + 0 rejected",
    "  read  people.csv         sha256 9f2c…e1",
    "  made  people-notes.csv   sha256 91ab…02",
  ]);
  expect(saved.slice(2, 4)).toEqual([
    "  read  people.csv      sha256 9f2c…e1",
    "  made  out/notes.csv   sha256 91ab…02",
  ]);
});

test("a failed job says what to do, and offers what it can", () => {
  const failure = {
    code: "storage_full",
    message: "The disk is full.",
    advice: "Free space.",
  } as const;
  const lines = receiptOf({ state: "failed", failure, actions: ["resume", "undo"] });

  expect(lines[1]).toBe("  Free space.");
  expect(lines.slice(-2)).toEqual([
    "  Go on         sluice resume job_01m84qvwcgff",
    "  Discard them  sluice undo job_01m84qvwcgff",
  ]);
});

test("a job that rejected every row is no success to look at", () => {
  const lines = receiptOf(
    {
      state: "succeeded",
      phase: null,
      actions: [],
      progress: { recordsRead: 2, recordsWritten: 0, recordsRejected: 2 },
    },
    [rejected("age", "invalid_integer"), rejected("age", "invalid_integer")],
  );

  expect(lines.slice(0, 2)).toEqual([
    "! Imported nothing into public.people: no row fit, 2 rows read.",
    "  Check the delimiter (--delimiter) and the types of the columns (--types), and import it again.",
  ]);
  expect(lines).toContain('! 2 rows were rejected:  2 age "not a whole number"');
});

test.each(["unclosed_quote", "text_after_quote", "record_too_large", "source_changed"] as const)(
  "a job that failed by %s is not offered to go on, because it would fail again",
  (code) => {
    const failure = { code, message: "Line 3.", advice: "Correct the file." };

    const lines = receiptOf({ state: "failed", failure, actions: ["resume", "undo"] });

    expect(lines.join("\n")).not.toContain("sluice resume");
    expect(lines.at(-1)).toBe("  Discard them  sluice undo job_01m84qvwcgff");
  },
);

test("a job with too many rejected rows goes on with a higher limit", () => {
  const failure = { code: "too_many_rejected", message: "13 rows.", advice: "Look." } as const;

  const lines = receiptOf({ state: "failed", failure, actions: ["resume", "undo"] });

  expect(lines).toContain("  Go on         sluice resume job_01m84qvwcgff --max-rejected N");
});

test("a stopped job needs no balance", () => {
  const progress = { recordsRejected: 0 };

  expect(receiptOf({ state: "stopped", actions: ["rerun"], progress })).toEqual([
    "■ Stopped after 482,310 rows. public.people was not made.",
    "  Begin anew    sluice rerun job_01m84qvwcgff",
  ]);
});

test("reasons are counted, the most frequent first, and many are cut short", () => {
  const many = ["a", "b", "c", "d", "e", "f"].map((name) => rejected(name, "too_long"));

  expect(summarize([...many, rejected("f", "too_long")])).toBe(
    '2 f "longer than the column allows" · 1 a "longer than the column allows" · ' +
      '1 b "longer than the column allows" · 1 c "longer than the column allows" · ' +
      '1 d "longer than the column allows" · 1 more reason',
  );
});

test("a reason of the whole row names no column", () => {
  expect(summarize([rejected(null, "too_few_fields")])).toBe('1 "fewer fields than the header"');
});

test("a job that was left paused says how it goes on", () => {
  const job = aJobView({
    state: "paused",
    phase: null,
    pauseAfter: 10,
    progress: { recordsRead: 10 },
  });

  expect(leftLines(job, VIEW)).toEqual([
    "❚❚ Paused after 10 rows, as asked. Nothing is visible in public.people until the end.",
    "  sluice resume job_01m84qvwcgff     or     sluice stop job_01m84qvwcgff",
  ]);
});

test("what can be retried says how, and what was fixed since", () => {
  const progress = { recordsRead: 5, recordsWritten: 3, recordsRejected: 2 };
  const retries = { recordsOpen: 1, recordsFixed: 1 };

  const lines = receiptOf({ state: "succeeded", progress, retries, actions: ["retry", "rerun"] });

  expect(lines.join("\n")).toContain("2 rows were rejected, 1 fixed later:");
  expect(lines.join("\n")).toMatch(
    /Fix, retry {4}sluice retry job_\w+ --file fixed\.csv {5}or in the dashboard/,
  );
});

test("a job that can be undone says for how long", () => {
  const until = new Date(NOW + 6.9 * 24 * 3_600_000).toISOString();
  const undo = { possible: true, until, reason: null };

  const lines = receiptOf({ state: "succeeded", actions: ["undo", "rerun"], undo });

  expect(lines.at(-1)).toBe(
    "  Undo it all   sluice undo job_01m84qvwcgff     (possible for 7 days)",
  );
});
