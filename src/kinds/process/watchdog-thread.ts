/**
 * A thread that ends the process of user code from inside, however busy its main thread is: when the service is gone, which
 * it sees at the end of a pipe that the service alone holds open; and when the process has more memory than it may, which it
 * then says on the same pipe. The system ends the children of user code in the same stroke: they are one group.
 */
import { writeSync } from "node:fs";
import { Socket } from "node:net";
import { parentPort, workerData } from "node:worker_threads";
import { WATCHDOG_PIPE } from "./host-protocol.ts";

/** How often the memory is looked at. */
const LOOK_MS = 100;

const { memoryBytes } = workerData as { readonly memoryBytes: number }; // process-main.ts starts this thread

function endAll(): void {
  // A group is not known on Windows, and not there when the service did not make one.
  for (const target of [-process.pid, process.pid])
    try {
      process.kill(target, "SIGKILL");
    } catch {
      // The next target is this process, which can always be ended.
    }
}

const pipe = new Socket({ fd: WATCHDOG_PIPE, readable: true, writable: true });
pipe.on("error", endAll);
pipe.on("close", endAll);
pipe.resume();

setInterval(() => {
  const resident = process.memoryUsage.rss();
  if (resident <= memoryBytes) return;
  writeSync(WATCHDOG_PIPE, `${resident}\n`);
  endAll();
}, LOOK_MS);

parentPort?.postMessage("watching");
