/** `sluice inspect`: format, columns, types and problems of a file. No service and no database. */
import { basename } from "node:path";
import { inspectionView } from "../../api/views.ts";
import type { Inspection } from "../../core/inspection.ts";
import type { ImportRequest } from "../../core/job.ts";
import { importPlanner } from "../../kinds/import/import-planner.ts";
import type { Command, Invocation } from "../command.ts";
import { EXIT } from "../exit-codes.ts";
import { decisionsOf, INSPECT_FLAGS } from "../import-request.ts";
import { inspectionLines } from "../inspect-view.ts";
import { openLocalSource } from "../local-source.ts";
import { readingOf } from "../reading-flags.ts";

/** Shows what an import of a file would do, as far as the file alone tells. */
export const inspectCommand: Command = {
  name: "inspect",
  usage: "FILE",
  summary: "format, columns, types and problems of a CSV",
  argumentCount: { least: 1, most: 1 },
  flags: {
    all: { description: "read a large file to its end too" },
    ...INSPECT_FLAGS,
  },
  notes: [
    "A file of up to 64 MiB is read to its end, of a larger one the first 16 MiB.",
    "",
    "  sluice inspect people.csv",
    '  sluice inspect people.csv --date-formats "born=DD.MM.YYYY" --json',
  ],
  run: async (invocation) => {
    const { args, output, isJson } = invocation;
    const path = args[0] ?? "";
    const inspection = await inspectPath(path, invocation);
    const view = inspectionView(inspection);
    if (isJson) {
      output.print(JSON.stringify({ ...view, file: path }));
      return EXIT.done;
    }
    const { header } = inspection.plan.reading;
    const look = { style: output.style, columns: output.resultColumns(), hasHeader: header };
    for (const line of inspectionLines(view, look)) output.print(line);
    return EXIT.done;
  },
};

async function inspectPath(path: string, { flags }: Invocation): Promise<Inspection> {
  const { columns = {}, types = {} } = decisionsOf(flags);
  const reading = readingOf(flags);
  const request: ImportRequest = { kind: "import", file: path, columns, types, reading };
  const source = await openLocalSource(path);
  try {
    const files = {
      open: (_id: string, range: { start: number; end: number }) => source.open(range),
    };
    // A file that is not stored has neither an id nor a hash.
    const file = {
      id: "",
      name: basename(path),
      bytes: source.bytes,
      sha256: "",
      createdAt: new Date(0),
    };
    const sample = await importPlanner.readSample(files, file, { reading, isMeasured: true });
    const target = importPlanner.targetOf({}, file.name);
    const input = { request, file, ...sample, target, targetTable: null, staging: "" };
    let inspection: Inspection | null = null;
    const options = { readsAll: flags.has("all") };
    for await (const found of importPlanner.inspect(files, input, options)) inspection = found;
    if (inspection === null) throw new Error("An inspection ends with what was found.");
    return inspection;
  } finally {
    await source.close();
  }
}
