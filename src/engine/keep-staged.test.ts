import { expect, test } from "vitest";
import { aJob } from "../../test/support/a-job.ts";
import { aProcessJob } from "../../test/support/a-process-job.ts";
import { refuseKeep } from "./keep-staged.ts";

const ARRIVING = { bytesArrived: 10, bytesAnnounced: null };

test("a stop can keep what imports and processes have done", () => {
  const job = aJob();

  for (const kept of [
    job,
    aJob({ request: { ...job.request, mode: "append" } }),
    aJob({ request: { ...job.request, mode: "append", delivery: "direct" }, upload: ARRIVING }),
    aProcessJob({ state: "running" }),
  ])
    expect(() => refuseKeep(kept)).not.toThrow();
});

test("a stop cannot keep the rows of a file that arrives, which goes with it", () => {
  expect(() => refuseKeep(aJob({ upload: ARRIVING }))).toThrow(
    expect.objectContaining({
      code: "keep_not_possible",
      details: { reason: "file_arrives", state: "running" },
    }),
  );
});
