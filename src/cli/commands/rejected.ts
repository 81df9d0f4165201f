/** `sluice rejected`. */
import type { JobView, RejectedRecordView, SluiceClient } from "../../client/index.ts";
import type { Command, Invocation } from "../command.ts";
import { EXIT } from "../exit-codes.ts";
import { formatCount, formatCounted } from "../format.ts";
import { findJob } from "../job-reference.ts";
import { firstRejected, saveStream } from "../rejected-rows.ts";
import { requireService } from "../service-connection.ts";
import { renderTable } from "../terminal/table.ts";
import { printable } from "../terminal/text.ts";

const USUAL_COUNT = 50;

/** Lists the first rejected rows of a job, or writes all of them as they are in the file. */
export const rejectedCommand: Command = {
  name: "rejected",
  usage: "JOB",
  summary: "rows that were rejected, and why",
  argumentCount: { least: 1, most: 1 },
  flags: {
    csv: { description: "all of them under the header, byte for byte as they are in the file" },
    reasons: { description: "the same after columns _line, _column, _code and _reason" },
    open: { description: "in a file, only those that no retry has" },
    output: {
      value: "FILE",
      short: "o",
      description: "write all of them to a file, - for standard output; with --json one a line",
    },
    limit: { value: "N", short: "n", description: `how many to list, ${USUAL_COUNT} unless told` },
  },
  notes: [
    "  sluice rejected last",
    "  sluice rejected last --csv -o bad.csv",
    "  sluice rejected last --reasons -o why.csv",
  ],
  run: async (invocation) => {
    const { args, flags, output, isJson } = invocation;
    const limit = flags.wholeNumber("limit", 1) ?? USUAL_COUNT;
    const client = await requireService(await invocation.loadConfig());
    const job = await findJob(client, args[0] ?? "");
    if (flags.has("csv") || flags.has("reasons") || flags.has("open") || flags.has("output")) {
      await writeAll(client, job, invocation);
      return EXIT.done;
    }
    const items = await firstRejected(client, job.id, limit);
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

async function writeAll(
  client: SluiceClient,
  job: JobView,
  { flags, output, isJson }: Invocation,
): Promise<void> {
  const file = flags.text("output") ?? "-";
  const isText = isJson && !flags.has("csv") && !flags.has("reasons");
  const pieces = await client.streamRecords(job.id, "rejected", {
    format: isText ? "ndjson" : "csv",
    withReasons: flags.has("reasons"),
    onlyOpen: flags.has("open"),
  });
  await saveStream(pieces, file, output);
  if (file === "-") return;
  const isOpen = flags.has("open") && job.kind !== "export";
  const rows = isOpen ? job.retries.recordsOpen : job.progress.recordsRejected;
  const count = formatCounted(rows, "rejected row");
  output.note(`Wrote ${count} to ${printable(file)}.`);
}
