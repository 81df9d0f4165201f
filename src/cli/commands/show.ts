/** `sluice show`. */
import type { Command } from "../command.ts";
import { EXIT } from "../exit-codes.ts";
import { findJob } from "../job-reference.ts";
import { allLogLines, logText } from "../job-log.ts";
import { jobPage } from "../job-table.ts";
import { loadReceipt, receiptLines } from "../receipt-view.ts";
import { requireService } from "../service-connection.ts";

/** Shows one job, its receipt, or what its process has logged. */
export const showCommand: Command = {
  name: "show",
  usage: "JOB",
  summary: "show one job",
  argumentCount: { least: 1, most: 1 },
  flags: {
    receipt: { description: "what became of every row, and which were rejected why" },
    log: { description: "what its process has logged, the newest 1,000 lines" },
  },
  run: async ({ args, flags, output, isJson, loadConfig }) => {
    const client = await requireService(await loadConfig());
    const job = await findJob(client, args[0] ?? "");
    if (flags.has("log")) {
      const items = await allLogLines(client, job.id);
      const lines = isJson ? [JSON.stringify({ items })] : items.map(logText);
      for (const line of lines) output.print(line);
      if (items.length === 0 && !isJson) output.note("Nothing was logged.");
      return EXIT.done;
    }
    const view = { style: output.style, now: Date.now(), needsStart: false };
    if (!flags.has("receipt")) {
      const lines = isJson ? [JSON.stringify(job)] : jobPage(job, view);
      for (const line of lines) output.print(line);
      return EXIT.done;
    }
    const facts = await loadReceipt(client, job);
    const lines = isJson ? [JSON.stringify(facts.receipt)] : receiptLines(facts, view);
    for (const line of lines) output.print(line);
    return EXIT.done;
  },
};
