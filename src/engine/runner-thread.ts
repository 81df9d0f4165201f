/**
 * The loop inside a runner thread: takes one part at a time, answers pings between two pieces of work. It opens its
 * connection ahead of the first part, and again for the next part after a loss; a database that does not answer is waited
 * for by the supervisor, which offers no part meanwhile.
 */
import type { MessagePort } from "node:worker_threads";
import { SluiceError, toFailure } from "../core/errors.ts";
import type { DispatchMessage } from "../core/ports.ts";
import type { RunnerStore } from "../core/runner-ports.ts";
import { ChunkPace } from "./chunk-pace.ts";
import { runPart, type PartOutcome, type RunnerTools } from "./run-part.ts";
import type { FromRunner, ToRunner } from "./runner-protocol.ts";

/** What a thread works with besides its connection. */
export interface RunnerThreadTools extends Omit<RunnerTools, "store" | "announce" | "pace"> {
  openStore(): Promise<RunnerStore>;
}

/** What becomes of it is told to the part that needs it. */
function openAhead(tools: RunnerThreadTools): Promise<RunnerStore> {
  const opening = tools.openStore();
  opening.catch(() => undefined);
  return opening;
}

/** Serves the port until it closes. */
export function serveRunner(port: MessagePort, tools: RunnerThreadTools): void {
  const drain = new AbortController();
  const pace = new ChunkPace(tools.settings);
  let opening = openAhead(tools);
  const send = (message: FromRunner) => port.postMessage(message);

  const announce = (messages: readonly DispatchMessage[]) => send({ type: "found", messages });

  const run = async (message: DispatchMessage): Promise<PartOutcome> => {
    let store: RunnerStore;
    try {
      const known = await opening.catch(() => null);
      if (known?.isOpen() !== true) {
        await known?.close();
        opening = openAhead(tools);
      }
      store = await opening;
    } catch (error) {
      if (error instanceof SluiceError && error.code === "database_unavailable")
        return { kind: "lost" };
      return { kind: "failed", failure: toFailure(error), cause: String(error) };
    }
    const outcome = await runPart({ ...tools, store, pace, announce }, message, drain.signal);
    if (outcome.kind === "lost" || outcome.kind === "failed") {
      // The connection is broken, or in a state that nobody knows: the next part opens another.
      await store.close();
    }
    return outcome;
  };

  port.on("message", (message: ToRunner) => {
    switch (message.type) {
      case "ping":
        return send({ type: "pong" });
      case "drain":
        return drain.abort();
      case "run":
        void run(message.message).then((outcome) => send({ type: "outcome", outcome }));
        return undefined;
      default:
        return message satisfies never;
    }
  });
}
