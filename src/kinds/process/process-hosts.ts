/** Hosts of user code: see `ProcessHost` for what they promise. */
import { SluiceError } from "../../core/errors.ts";
import type { ProcessPlan } from "../../core/process-plan.ts";
import type {
  HostAnswer,
  HostBatch,
  HostCalls,
  HostLimits,
  HostRules,
  ProcessHost,
  ProcessHosts,
} from "../../core/process-ports.ts";
import { databaseFacts } from "./database-facts.ts";
import type { FromChild } from "./host-protocol.ts";
import { openProcess, type UserCodeSetting } from "./open-process.ts";
import { outputHeader } from "./output-header.ts";
import { findProcessFile } from "./process-folder.ts";
import type { BatchWork } from "./user-code.ts";
import type { UserProcess, UserProcessEnd } from "./user-process.ts";

/** Starts hosts for the processes of a folder. Each reads its file anew. */
export function createProcessHosts(setting: UserCodeSetting): ProcessHosts {
  async function start(plan: ProcessPlan, limits: HostLimits): Promise<ProcessHost> {
    const file = await findProcessFile(setting.folder, plan.process);
    const opened = await openProcess(file, setting, limits.memoryBytes);
    const { child, facts } = opened;
    try {
      const columns = await opened.prepare({ params: plan.params, fields: plan.fields });
      expectHeader(plan, columns === null ? null : outputHeader(columns, plan));
    } catch (error) {
      child.kill("stopped", "It was not used.");
      await child.ended;
      throw error;
    }
    const batchMs = Math.min(limits.batchMs, facts.timeoutSeconds * 1_000);
    const { retries, isolate, hasUndo } = facts;
    return hostOf(child, { retries, isolate, hasUndo, batchMs });
  }

  return { start };
}

/** The lines that were written and those to come must have one header. */
function expectHeader(plan: ProcessPlan, header: readonly string[] | null): void {
  const known = plan.outputHeader;
  if (
    known?.length === header?.length &&
    known?.every((name, at) => name === header?.[at]) !== false
  )
    return;
  throw new SluiceError(
    "process_broken",
    `${plan.process} had another result when the job was created: ${said(known)}; now: ${said(header)}. Give it back its output, or stop the job.`,
  );
}

function said(header: readonly string[] | null): string {
  return header?.join(", ") ?? "no result";
}

/** A batch in the hands of the child. */
interface InHand {
  readonly calls: HostCalls;
  readonly resolve: (answer: HostAnswer) => void;
}

function hostOf(child: UserProcess, rules: HostRules): ProcessHost {
  let inHand: InHand | null = null;
  let graceTimer: NodeJS.Timeout | undefined;

  async function ask(
    message: FromChild & { readonly kind: "query" },
    batch: InHand,
  ): Promise<void> {
    const { query } = message;
    try {
      const { rows, rowCount } = await batch.calls.query(message.text, message.values);
      // A statement of a batch that has ended, by its process or by a limit, has nobody who waits.
      if (inHand === batch) child.send({ kind: "rows", query, rows, rowCount });
    } catch (error) {
      if (inHand === batch) child.send({ kind: "refused", query, refusal: databaseFacts(error) });
    }
  }

  child.onMessage((message) => {
    const batch = inHand;
    if (batch === null) return;
    if (message.kind === "query") void ask(message, batch);
    else if (message.kind === "log") batch.calls.log(message.line);
    else if (message.kind === "answer") batch.resolve(message.answer);
  });

  async function work(what: BatchWork, batch: HostBatch, calls: HostCalls): Promise<HostAnswer> {
    if (inHand !== null) throw new Error("A host has one batch at a time.");
    const limit = setTimeout(() => {
      const seconds = rules.batchMs / 1_000;
      child.kill("out_of_time", `The batch took longer than ${seconds} s, which is its limit.`);
    }, rules.batchMs);
    try {
      const answered = new Promise<HostAnswer>((resolve) => {
        inHand = { calls, resolve };
        child.send({ kind: "work", what, batch });
      });
      return await Promise.race([answered, child.ended.then(died)]);
    } finally {
      inHand = null;
      clearTimeout(limit);
      clearTimeout(graceTimer);
      graceTimer = undefined;
    }
  }

  return {
    rules,
    run: (batch, calls) => work("run", batch, calls),
    undo: (batch, calls) => work("undo", batch, calls),
    abort(graceMs) {
      if (inHand === null || graceTimer !== undefined) return;
      child.send({ kind: "abort" });
      graceTimer = setTimeout(
        () => child.kill("stopped", `It had not ended ${graceMs} ms after it was told to.`),
        graceMs,
      );
    },
    async stop() {
      child.kill("stopped", "It was stopped.");
      await child.ended;
    },
  };
}

function died(end: UserProcessEnd): HostAnswer {
  return { kind: "died", ...end };
}
