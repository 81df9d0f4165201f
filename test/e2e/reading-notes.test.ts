/** What reading notices is counted exactly, over many parts and chunks and a kill in the middle. */
import { afterEach, beforeEach, expect, test } from "vitest";
import { FaultScene } from "../support/fault-scene.ts";
import { startImport } from "../support/import-job.ts";

const RECORDS = 200_000;

let scene: FaultScene;

beforeEach(async () => {
  scene = await FaultScene.open();
});
afterEach(() => scene?.[Symbol.asyncDispose]());

/** Every 10th record ends with CRLF, every 100th is followed by a blank line, every 1000th has a bare quote. */
function makeFile(): Buffer {
  const lines = Array.from({ length: RECORDS }, (_, index) => {
    const end = index % 10 === 0 ? "\r\n" : "\n";
    const text = index % 1000 === 0 ? '6 ft 2"' : "six feet";
    return `${index},${text}${end}${index % 100 === 0 ? "\n" : ""}`;
  });
  return Buffer.from(`n,height\n${lines.join("")}`);
}

test("the receipt counts blank lines, bare quotes and line ends once each", async () => {
  const start = { environment: { SLUICE_FAILPOINT: "chunk_gap:*:sleep=10" } };
  const first = await scene.start(start);
  const job = await startImport(first.client, makeFile(), { table: "people" });
  await scene.waitForShare(job.id, 0.3);
  await first.end("SIGKILL");

  const second = await scene.start(start);
  await scene.waitForState(job.id, "succeeded");

  expect((await second.client.getReceipt(job.id)).warnings).toEqual([
    {
      code: "mixed_line_ends",
      message: "Line ends are mixed: LF 182,000 times, CRLF 20,000 times. Each ends a record.",
    },
    { code: "blank_lines", message: "2,000 blank lines are left out." },
    {
      code: "bare_quote",
      message: "Quotes inside unquoted fields are data, in 200 records.",
    },
  ]);
});
