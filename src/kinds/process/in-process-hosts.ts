/**
 * Hosts that run user code in this operating system process: for tests of a process, whose author wants to see its own
 * errors and set breakpoints. What is agreed is seen to in the same way; a loop or a crash is the caller's.
 */
import { SluiceError } from "../../core/errors.ts";
import type { HostAnswer, HostBatch, HostCalls, ProcessHosts } from "../../core/process-ports.ts";
import type { Process } from "../../library/process.ts";
import { createUserCode, ParamsRefused, type BatchWork } from "./user-code.ts";

/** Hosts of one process. `folder` is where its source is, for the places of errors. Its limits of time are not kept. */
export function createInProcessHosts(process: Process, folder: string): ProcessHosts {
  return {
    async start(plan, limits) {
      const { params, fields } = plan;
      const code = await createUserCode(process, { params, fields, folder }).catch(
        (error: unknown) => {
          if (!(error instanceof ParamsRefused)) throw error;
          const said = error.issues.map((issue) => issue.message).join("; ");
          throw new SluiceError("invalid_request", said, { cause: error });
        },
      );
      let inHand: AbortController | null = null;
      let ended: HostAnswer | null = null;

      async function work(
        what: BatchWork,
        batch: HostBatch,
        calls: HostCalls,
      ): Promise<HostAnswer> {
        if (ended !== null) return ended;
        const abort = new AbortController();
        inHand = abort;
        try {
          return await code.work(what, batch, calls, abort.signal);
        } finally {
          inHand = null;
        }
      }

      return {
        rules: {
          retries: process.retries,
          isolate: process.isolate,
          hasUndo: process.undo !== null,
          batchMs: Math.min(limits.batchMs, process.timeoutSeconds * 1_000),
        },
        run: (batch, calls) => work("run", batch, calls),
        undo: (batch, calls) => work("undo", batch, calls),
        abort: () => inHand?.abort(),
        stop() {
          inHand?.abort();
          ended = { kind: "died", why: "stopped", message: "It was stopped." };
          return Promise.resolve();
        },
      };
    },
  };
}
