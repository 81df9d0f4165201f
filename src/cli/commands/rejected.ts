/** `sluice rejected`. */
import { createWriteStream } from "node:fs";
import { finished } from "node:stream/promises";
import { once } from "node:events";
import { SluiceError } from "../../core/errors.ts";
import type { JobView, RejectedRecordView, SluiceClient } from "../../client/index.ts";
import type { Command, Invocation } from "../command.ts";
import { EXIT } from "../exit-codes.ts";
import { formatCount, formatCounted } from "../format.ts";
import { findJob } from "../job-reference.ts";
import { requireService } from "../service-connection.ts";
import { renderTable } from "../terminal/table.ts";
import { printable } from "../terminal/text.ts";

const USUAL_COUNT = 50;
const PAGE_SIZE = 200;

/** Lists the rejected rows of a job, or writes all of them as CSV. */
export const rejectedCommand: Command = {
  name: "rejected",
  usage: "JOB",
  summary: "rows that were rejected, and why",
  argumentCount: { least: 1, most: 1 },
  flags: {
    csv: { description: "all of them as CSV" },
    output: { value: "FILE", short: "o", description: "write the CSV to a file" },
    limit: { value: "N", short: "n", description: `how many to list, ${USUAL_COUNT} unless told` },
  },
  run: async (invocation) => {
    const { args, flags, output, isJson } = invocation;
    const limit = flags.wholeNumber("limit", 1) ?? USUAL_COUNT;
    const client = await requireService(await invocation.loadConfig());
    const job = await findJob(client, args[0] ?? "");
    if (flags.has("csv") || flags.has("output")) {
      await writeCsv(client, job, invocation);
      return EXIT.done;
    }
    const items = await list(client, job, limit);
    if (isJson) {
      output.print(JSON.stringify({ items }));
      return EXIT.done;
    }
    for (const line of tableLines(items, output.resultColumns())) output.print(line);
    const total = job.progress.recordsRejected;
    if (total > items.length)
      output.note(
        `${formatCount(items.length)} of ${formatCount(total)}. ` +
          "--limit lists more; --csv -o FILE writes all.",
      );
    if (total === 0) output.note("No row was rejected.");
    return EXIT.done;
  },
};

async function list(
  client: SluiceClient,
  job: JobView,
  limit: number,
): Promise<readonly RejectedRecordView[]> {
  const items: RejectedRecordView[] = [];
  let after: string | number | null = 0;
  while (after !== null && items.length < limit) {
    const size = Math.min(PAGE_SIZE, limit - items.length);
    const page = await client.listRejected(job.id, { limit: size, after });
    items.push(...page.items);
    after = page.next;
  }
  return items;
}

function tableLines(
  items: readonly RejectedRecordView[],
  columns: number | null,
): readonly string[] {
  if (items.length === 0) return [];
  return renderTable(
    [
      { title: "LINE", align: "right" },
      { title: "COLUMN" },
      { title: "VALUE", isFlexible: true },
      { title: "REASON", isFlexible: true },
    ],
    items.map((item) => [
      formatCount(item.line),
      printable(item.column ?? "–"),
      printable(item.value ?? item.raw),
      printable(item.message),
    ]),
    columns,
  );
}

async function writeCsv(
  client: SluiceClient,
  job: JobView,
  { flags, output }: Invocation,
): Promise<void> {
  const file = flags.text("output");
  const pieces = await client.streamRejectedCsv(job.id);
  if (file === undefined || file === "-") {
    for await (const piece of pieces) {
      if (output.closed.aborted) return;
      await output.write(piece);
    }
    return;
  }
  const sink = createWriteStream(file);
  try {
    for await (const piece of pieces) if (!sink.write(piece)) await once(sink, "drain");
    sink.end();
    await finished(sink);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new SluiceError("storage_failed", `${file} cannot be written: ${reason}.`, { cause });
  }
  output.note(`Wrote ${formatCounted(job.progress.recordsRejected, "rejected row")} to ${file}.`);
}
