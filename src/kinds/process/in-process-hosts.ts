/**
 * Hosts that run user code in this operating system process: for tests of a process, whose author wants to see its own
 * errors and set breakpoints. What is agreed is seen to in the same way; a loop or a crash is the caller's.
 */
import { SluiceError } from "../../core/errors.ts";
import type {
  HostAnswer,
  HostBatch,
  HostCalls,
  ProcessCatalog,
  ProcessDescription,
  ProcessHosts,
} from "../../core/process-ports.ts";
import type { Process } from "../../library/process.ts";
import {
  createUserCode,
  ParamsRefused,
  type BatchWork,
  type UserCode,
  type UserCodeOptions,
} from "./user-code.ts";

/** Hosts of one process. `folder` is where its source is, for the places of errors. Its limits of time are not kept. */
export function createInProcessHosts(process: Process, folder: string): ProcessHosts {
  return {
    async start({ params, fields }, limits) {
      const code = await ready(process, { params, fields, folder });
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

/** A catalog that has one process. */
export function createInProcessCatalog(process: Process, folder: string): ProcessCatalog {
  const { name, title, description, batchSize } = process;
  const described: ProcessDescription = {
    name,
    title,
    description,
    batchSize,
    fileName: `${name}.ts`,
    params: null,
    hasUndo: process.undo !== null,
    hasOutput: process.output !== null,
    source: "",
  };
  return {
    list: () => Promise.resolve({ processes: [described], broken: [] }),
    get: () => Promise.resolve(described),
    prepare: async (_, request) => {
      const { outputColumns } = await ready(process, { ...request, folder });
      return { outputColumns };
    },
  };
}

async function ready(process: Process, options: UserCodeOptions): Promise<UserCode> {
  try {
    return await createUserCode(process, options);
  } catch (error) {
    if (!(error instanceof ParamsRefused)) throw error;
    const said = error.issues.map((issue) => issue.message).join("; ");
    throw new SluiceError("invalid_request", said, { cause: error });
  }
}
