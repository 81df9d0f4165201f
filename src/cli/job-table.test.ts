import { expect, test } from "vitest";
import { aJobView, NOW } from "../../test/support/a-job-view.ts";
import { jobPage, jobTable } from "./job-table.ts";
import { createStyle } from "./terminal/style.ts";

const STYLE = createStyle(false);

test("the table has a line for each job", () => {
  const paused = aJobView({
    id: "job_01m818h9cgffer2s6r76fqcz25",
    name: "orders.csv → public.orders",
    state: "paused",
    progress: { fraction: 0.714, recordsRead: 7_104_002, recordsRejected: 0, etaSeconds: null },
    timing: { startedAt: "2026-11-22T12:00:00.000Z" },
  });

  expect(jobTable([aJobView(), paused], { columns: null, style: STYLE, now: NOW })).toEqual([
    "ID                JOB                         STATE    PROGRESS             ROWS  REJECTED  STARTED",
    "job_01m84qvwcgff  people.csv → public.people  running  48% about 25 s    482,310        12  23 s ago",
    "job_01m818h9cgff  orders.csv → public.orders  paused   71%             7,104,002         0  yesterday",
  ]);
});

test("the page of a job names its state, its balance and what is possible", () => {
  const lines = jobPage(aJobView(), { style: STYLE, now: NOW });

  expect(lines[0]).toBe("people.csv → public.people   ▶ Running");
  expect(lines).toContain("  balance   482,310 read = 482,298 written + 12 rejected");
  expect(lines).toContain("  rejected  sluice rejected job_01m84qvwcgff lists them");
  expect(lines).toContain("  possible  pause, stop");
});

test("the page of a job whose file arrives says how much is there", () => {
  const job = aJobView({
    progress: { bytesTotal: null, fraction: null, bytesRead: 43_201_126 },
    upload: { bytesArrived: 50_000_000, bytesAnnounced: null },
  });

  const lines = jobPage(job, { style: STYLE, now: NOW });

  expect(lines).toContain("  read      –   482,310 rows   43.2 MB of a file that arrives");
  expect(lines).toContain("  arrived   50 MB");
});

test("a job that can do nothing more has no line for it", () => {
  const ended = aJobView({ state: "stopped", actions: [] });

  const text = jobPage(ended, { style: STYLE, now: NOW }).join("\n");

  expect(text).not.toContain("possible");
});

test("a name from a file cannot style the screen", () => {
  const lines = jobPage(aJobView({ name: "\u001b[31mred" }), { style: STYLE, now: NOW });

  expect(lines[0]).not.toContain("\u001b");
});
