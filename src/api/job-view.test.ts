import { describe, expect, test } from "vitest";
import { aJob } from "../../test/support/a-job.ts";
import { aProcessJob, aProcessResult } from "../../test/support/a-process-job.ts";
import { JOB_STATE_NAMES } from "../core/job-state.ts";
import { etagOf, jobView, receiptView } from "./job-view.ts";
import { receiptSchema } from "./schemas/history.ts";
import { jobSchema } from "./schemas/job.ts";

describe("a job as JSON", () => {
  test.each(JOB_STATE_NAMES)("has the declared shape in state %s", (state) => {
    expect(jobSchema.safeParse(jobView(aJob({ state }))).error).toBeUndefined();
  });

  test("estimates total, speed and time left from what is committed", () => {
    const job = aJob({
      progress: { read: 500, written: 500, bytesRead: 2500 },
      runningSeconds: 10,
    });

    expect(jobView(job).progress).toMatchObject({
      recordsTotal: 2000,
      totalIsEstimate: true,
      fraction: 0.25,
      recordsPerSecond: 50,
      etaSeconds: 30,
    });
  });

  test("names no total of a file that arrives and was not announced", () => {
    const upload = { bytesArrived: 5000, bytesAnnounced: null };
    const job = aJob({
      upload,
      progress: { read: 500, bytesRead: 2500, bytesTotal: null },
      runningSeconds: 10,
    });

    const view = jobView(job);

    expect(jobSchema.safeParse(view).error).toBeUndefined();
    expect(view).toMatchObject({ upload });
    expect(view.progress).toMatchObject({
      bytesTotal: null,
      fraction: null,
      recordsTotal: null,
      totalIsEstimate: true,
      recordsPerSecond: 50,
      etaSeconds: null,
    });
  });

  test("estimates with the announced length of a file that arrives", () => {
    const job = aJob({
      upload: { bytesArrived: 5000, bytesAnnounced: 10_000 },
      progress: { read: 500, bytesRead: 2500, bytesTotal: 10_000 },
      runningSeconds: 10,
    });

    expect(jobView(job).progress).toMatchObject({
      fraction: 0.25,
      recordsTotal: 2000,
      totalIsEstimate: true,
      etaSeconds: 30,
    });
  });

  test("knows nothing before the first commit", () => {
    expect(jobView(aJob()).progress).toMatchObject({
      recordsTotal: null,
      totalIsEstimate: true,
      fraction: 0,
      recordsPerSecond: null,
      etaSeconds: null,
    });
  });

  test.each([
    ["paused", null],
    ["queued", null],
    ["running", "publishing"],
    ["failed", "reading"],
  ] as const)("names no time left in %s, phase %s", (state, phase) => {
    const job = aJob({
      state,
      phase,
      runningSeconds: 10,
      progress: { read: 500, bytesRead: 2500 },
    });

    expect(jobView(job).progress.etaSeconds).toBeNull();
  });

  test("knows the exact total once the whole file is read", () => {
    const job = aJob({ phase: "publishing", progress: { read: 1000, bytesRead: 10_000 } });

    expect(jobView(job).progress).toMatchObject({ recordsTotal: 1000, totalIsEstimate: false });
  });

  test("keeps its total an estimate when it was stopped early", () => {
    const job = aJob({ state: "stopped", progress: { read: 10, bytesRead: 100 } });

    expect(jobView(job).progress).toMatchObject({ recordsTotal: 1000, totalIsEstimate: true });
  });

  test("never says that all is done before it has succeeded", () => {
    const progress = { read: 1000, bytesRead: 10_000 };

    expect(jobView(aJob({ progress })).progress.fraction).toBeLessThan(1);
    expect(jobView(aJob({ progress, state: "succeeded" })).progress.fraction).toBe(1);
  });

  test.each([
    ["running", null, true, null],
    ["failed", null, true, null],
    ["stopping", null, false, "underway"],
    ["undoing", null, false, "underway"],
    ["stopped", { rows: "undone", rowsInserted: 0 }, false, "already_undone"],
    ["undone", { rows: "undone", rowsInserted: 0 }, false, "already_undone"],
  ] as const)("in state %s with result %j can be undone: %s", (state, result, possible, reason) => {
    expect(jobView(aJob({ state, result })).undo).toEqual({ possible, until: null, reason });
  });

  test.each([null, "rows_overwritten", "expired", "table_gone", "rows_unknown"] as const)(
    "that has ended with its rows kept can be undone until a time, unless for %s",
    (refusal) => {
      const undoableUntil = new Date("2026-11-30T17:40:00.000Z");
      const result = { rows: "kept", rowsInserted: 3 } as const;

      const view = jobView(aJob({ state: "succeeded", result, kept: { undoableUntil, refusal } }));

      expect(view.undo).toEqual({
        possible: refusal === null,
        until: "2026-11-30T17:40:00.000Z",
        reason: refusal,
      });
      expect(view.actions.includes("undo")).toBe(refusal === null);
    },
  );
});

describe("a receipt", () => {
  const counts = { read: 10, written: 7, rejected: 2, filtered: 1 };

  test.each([
    ["the books add up", counts, 7, true],
    ["a record is missing", { ...counts, read: 11 }, 7, false],
    ["a row is missing", counts, 6, false],
  ])("when %s: balanced %s", (_case, progress, rowsInserted, isBalanced) => {
    const job = aJob({ state: "succeeded", progress, result: { rows: "kept", rowsInserted } });

    expect(receiptView(job).isBalanced).toBe(isBalanced);
  });

  test("of an undone job expects no rows", () => {
    const job = aJob({
      state: "stopped",
      progress: counts,
      result: { rows: "undone", rowsInserted: 0 },
    });

    expect(receiptView(job)).toMatchObject({ isBalanced: true, rows: { inserted: 0 } });
  });
});

test("the receipt of an import that was undone says what was removed, left and refused", () => {
  const failedReasons = [{ reason: "rows of public.note refer to them (fk)", rows: 1 }];
  const result = {
    rows: "undone",
    rowsInserted: 0,
    rowsRemoved: 5,
    rowsLeft: 1,
    rowsFailed: 1,
    failedReasons,
  } as const;

  const receipt = receiptView(aJob({ state: "undone", result, progress: { read: 7, written: 7 } }));

  expect(receipt.undo).toEqual({ removed: 5, restored: 0, left: 1, failed: 1, failedReasons });
  expect(receiptSchema.safeParse(receipt).error).toBeUndefined();
});

test("an ETag changes with the job and with its progress", () => {
  const etags = [
    aJob(),
    aJob({ version: 2 }),
    aJob({ progress: { bytesRead: 1 } }),
    aJob({ runningSeconds: 9 }),
  ].map(etagOf);

  expect(new Set(etags).size).toBe(3);
});

describe("a process as JSON", () => {
  test.each(JOB_STATE_NAMES)("has the declared shape in state %s", (state) => {
    expect(jobSchema.safeParse(jobView(aProcessJob({ state }))).error).toBeUndefined();
  });

  test.each([
    [null, null],
    [["id"], "/v1/jobs/job_01m84qvwcgffer2s6r76fqcz25/result"],
  ])("with the columns %j has its file at %s", (outputHeader, result) => {
    expect(jobView(aProcessJob({ plan: { outputHeader } })).links).toMatchObject({
      result,
      log: "/v1/jobs/job_01m84qvwcgffer2s6r76fqcz25/log",
    });
  });

  test.each([
    ["running", {}, null],
    ["stopping", {}, "underway"],
    ["undoing", {}, "underway"],
    ["failed", {}, null],
    ["succeeded", { result: aProcessResult() }, null],
    ["stopped", { result: aProcessResult() }, null],
    ["stopped", { result: aProcessResult({ rows: "undone" }) }, "already_undone"],
    ["undone", { result: aProcessResult({ rows: "undone" }) }, "already_undone"],
    ["running", { plan: { hasUndo: false } }, "no_undo"],
    ["succeeded", { result: aProcessResult(), plan: { hasUndo: false } }, "no_undo"],
  ] as const)("in state %s with %j cannot be undone for %s", (state, parts, reason) => {
    const { undo } = jobView(aProcessJob({ state, ...parts }));

    expect(undo).toEqual({ possible: reason === null, until: null, reason });
  });

  test("has a receipt that says what an undo has reversed, and whether all of it adds up", () => {
    const result = aProcessResult({
      rows: "undone",
      recordsDone: 9,
      recordsUndone: 8,
      recordsKept: 1,
    });
    const receiptOf = (written: number) =>
      receiptView(
        aProcessJob({ state: "undone", result, progress: { read: 10, written, rejected: 1 } }),
      );

    expect(receiptOf(9)).toMatchObject({
      isBalanced: true,
      rows: null,
      output: null,
      undo: { undone: 8, kept: 1, failed: 0 },
    });
    expect(receiptOf(8).isBalanced).toBe(false);
  });
});
