import { expect, test } from "vitest";
import { aJobView } from "../../test/support/a-job-view.ts";
import { plainProgressLine, progressLine, renderBar, terminalProgress } from "./progress-view.ts";
import { createStyle } from "./terminal/style.ts";
import { textWidth } from "./terminal/text.ts";

const PLAIN = createStyle(false);

test("a bar fills to half a column", () => {
  expect([
    renderBar(0, 4),
    renderBar(0.5, 4),
    renderBar(0.7, 4),
    renderBar(1, 4),
    renderBar(7, 4),
  ]).toEqual(["", "━━", "━━╸", "━━━━", "━━━━"]);
});

test("a wide terminal shows the bar and every figure", () => {
  expect(progressLine(aJobView(), 120, PLAIN)).toBe(
    " 48% ━━━━━━━━━━━━━━━━━━━─────────────────────  482,310 rows   21,480/s   about 25 s left   12 rejected",
  );
});

test("of a file that still arrives and whose length nobody knows there is neither bar nor percentage", () => {
  const progress = { bytesTotal: null, fraction: null, recordsTotal: null, etaSeconds: null };
  const job = aJobView({ progress, upload: { bytesArrived: 50_000_000, bytesAnnounced: null } });

  expect(progressLine(job, 120, PLAIN)).toBe(
    "   – ────────────────────────────────────────  482,310 rows   21,480/s   the file still arrives   12 rejected",
  );
});

test("a narrower terminal loses the time left first, then the rate, then the rejected rows, then the bar", () => {
  const figures = [80, 60, 45, 35, 22].map((columns) =>
    progressLine(aJobView(), columns, PLAIN).replace(/[━╸─]+/, "bar"),
  );

  expect(figures).toEqual([
    " 48% bar  482,310 rows   21,480/s   about 25 s left   12 rejected",
    " 48% bar  482,310 rows   21,480/s   12 rejected",
    " 48% bar  482,310 rows   12 rejected",
    " 48% bar  482,310 rows",
    " 48%  482,310 rows",
  ]);
});

test.each([30, 40, 50, 60, 70, 80, 100, 200])("the line fits into %d columns", (columns) => {
  expect(textWidth(progressLine(aJobView(), columns, PLAIN))).toBeLessThanOrEqual(columns);
});

test("no time left is told before there are five seconds of data", () => {
  const job = aJobView({ progress: { recordsRead: 80_000, recordsPerSecond: 21_480 } });

  expect(progressLine(job, 120, PLAIN)).toContain("working out the time left");
});

test("a paused job shows neither rate nor time left", () => {
  const line = progressLine(aJobView({ state: "paused", phase: null }), 120, PLAIN);

  expect(line).toContain("482,310 rows   12 rejected");
});

test("the plain line carries the state in words", () => {
  expect(plainProgressLine(aJobView({ state: "paused", phase: null }))).toBe(
    "❚❚ Paused 48%  482,310 rows  12 rejected",
  );
});

test.each([
  ["normal", "\u001b]9;4;1;48\u0007"],
  ["paused", "\u001b]9;4;4;48\u0007"],
  ["error", "\u001b]9;4;2;48\u0007"],
  ["none", "\u001b]9;4;0;0\u0007"],
] as const)("the terminal's own progress for %s is %j", (kind, sequence) => {
  expect(terminalProgress(kind, 0.482)).toBe(sequence);
});
