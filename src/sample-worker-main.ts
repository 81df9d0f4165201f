/**
 * Entry of the process that is the worker of one sample job. It gets all it needs by its first message, ends by the message
 * `stop`, and with the service: whether that stops or is killed, the channel closes.
 */
import "./store/runtime-name.ts";
import type { SampleWorkerStart } from "./sample-worker.ts";
import { startWorker, type RunningWorker } from "./worker.ts";

const ending = new AbortController();
let running: Promise<RunningWorker> | null = null;

// Ctrl-C goes to every process of the terminal. The service decides what follows from it.
for (const signal of ["SIGINT", "SIGHUP", "SIGTERM"] as const) process.on(signal, () => undefined);
process.once("disconnect", () => process.exit(1));
process.on("message", (message: SampleWorkerStart | "stop") => {
  if (message === "stop") void end();
  else running ??= begin(message);
});

function begin({ jobId, config, settings }: SampleWorkerStart): Promise<RunningWorker> {
  const starting = startWorker(config, { settings, only: jobId, signal: ending.signal });
  starting.then(
    () => process.send?.("started"),
    (error: unknown) => {
      process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`, () =>
        process.exit(1),
      );
    },
  );
  return starting;
}

async function end(): Promise<void> {
  ending.abort();
  try {
    await (await running)?.stop();
  } finally {
    process.exit(0);
  }
}
