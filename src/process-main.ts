/** Entry of the operating system process in which the code of one process runs. Its argument is the memory it may have. */
import { Worker } from "node:worker_threads";
import { once } from "node:events";
import * as library from "./index.ts";
import { serveHost } from "./kinds/process/serve-host.ts";
import type { FromChild } from "./kinds/process/host-protocol.ts";

if (process.send === undefined)
  throw new Error("This file is the entry of a process that runs user code.");

const watchdog = new Worker(new URL("./kinds/process/watchdog-thread.js", import.meta.url), {
  workerData: { memoryBytes: Number(process.argv[2]) },
});
// Without it nothing would end this process when the service is gone.
watchdog.on("error", () => process.exit(1));
watchdog.on("exit", () => process.exit(1));
await once(watchdog, "message");

// Held here, so that user code which takes `process.send` away is not in the way of its own answer.
const send = process.send.bind(process);

serveHost(
  {
    send: (message: FromChild) => void send(message),
    onMessage: (listener) => process.on("message", listener),
    leave: (message) => void send(message, () => process.exit(1)),
  },
  library,
);
