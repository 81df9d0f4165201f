// How long a pause takes while an import runs at full speed: from the request to the answer that says `paused`.
import { createReadStream } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { forget, waitForEnd } from "./service.mjs";

/** Rows commit again for this long after a resume before the next pause, in milliseconds. */
const LEAST_RUN_MS = 150;
const MOST_RUN_MS = 450;

/** Measures at least `wanted` pauses over as many imports as that takes. Returns their times in milliseconds. */
export async function measurePauses({ client }, data, wanted, random) {
  const times = [];
  while (times.length < wanted) {
    const bytes = createReadStream(data.path);
    const file = await client.uploadFile("pauses.csv", bytes);
    const job = await client.createJob({
      kind: "import",
      file: file.id,
      table: `bench_pauses_${times.length}`,
      types: data.columns,
    });
    const before = times.length;
    await pauseUntilOver(client, job.id, times, random);
    await forget(client, await waitForEnd(client, job.id));
    if (times.length === before)
      throw new Error("The import is over before it could be paused: take more rows.");
  }
  return times;
}

async function pauseUntilOver(client, jobId, times, random) {
  for (;;) {
    await sleep(LEAST_RUN_MS + random(MOST_RUN_MS - LEAST_RUN_MS));
    const before = await client.getJob(jobId);
    if (before.state !== "running" || before.phase !== "reading") {
      if (before.state === "queued") continue;
      return;
    }
    const begun = performance.now();
    const answer = await client.act(jobId, "pause").catch(() => null);
    // Refused: the import was over, or publishing, by then.
    if (answer === null) return;
    if (answer.job.state === "paused") times.push(performance.now() - begun);
    await client.act(jobId, "resume");
  }
}
