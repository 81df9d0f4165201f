/** `sluice cat`: every record as the reader scans it. No service and no database. */
import { SluiceError } from "../../core/errors.ts";
import type { ReadingOptions } from "../../core/reading-options.ts";
import { OutputBuffer } from "../../csv/output-buffer.ts";
import { readRecords } from "../../csv/read-records.ts";
import { RecordJsonWriter } from "../../csv/record-json.ts";
import type { ScannedRecord } from "../../csv/scanned-record.ts";
import type { Command, Invocation } from "../command.ts";
import { EXIT, exitCodeOf, type ExitCode } from "../exit-codes.ts";
import { openLocalSource } from "../local-source.ts";
import { READING_FLAGS, readingOf } from "../reading-flags.ts";
import { printable } from "../terminal/text.ts";

/** Output that is gathered before it is written. */
const ENOUGH_BYTES = 256 * 1024;

/** Prints the records of files. */
export const catCommand: Command = {
  name: "cat",
  usage: "FILE…",
  summary: "every record of a CSV as a JSON array",
  argumentCount: { least: 1, most: Number.POSITIVE_INFINITY },
  flags: READING_FLAGS,
  notes: [
    "The header is printed too. A record that cannot be read is told on standard error.",
    "",
    "  sluice cat --json people.csv",
    "  sluice cat --delimiter tab --encoding windows-1252 old.txt | head -3",
  ],
  run: async (invocation) => {
    const reading = readingOf(invocation.flags);
    let worst: ExitCode = EXIT.done;
    for (const file of invocation.args) {
      try {
        await printFile(file, reading, invocation);
      } catch (error) {
        if (!(error instanceof SluiceError)) throw error;
        report(invocation, { file, code: error.code, message: error.message, ...error.details });
        worst = error.code === "usage" ? exitCodeOf(error.code) : EXIT.failed;
      }
      if (invocation.output.closed.aborted) break;
    }
    return worst;
  },
};

async function printFile(
  file: string,
  reading: ReadingOptions,
  invocation: Invocation,
): Promise<void> {
  const { output } = invocation;
  const into = new OutputBuffer();
  let writer: RecordJsonWriter | null = null;

  const flush = async (): Promise<void> => {
    await output.write(into.written.slice());
    into.length = 0;
  };
  const finishRecord = async (
    bytes: Uint8Array,
    found: ScannedRecord,
    next: number,
  ): Promise<void> => {
    let field = next;
    for (;;) {
      await flush();
      if (field >= found.fieldCount || writer === null) return;
      field = writer.write(bytes, found, field, { into, enough: ENOUGH_BYTES });
    }
  };

  const source = await openLocalSource(file);
  try {
    await readRecords(
      source,
      { reading },
      {
        record: (bytes, found, escape) => {
          writer ??= new RecordJsonWriter(escape);
          const field = writer.write(bytes, found, 0, { into, enough: ENOUGH_BYTES });
          const isDone = field >= found.fieldCount && into.length < ENOUGH_BYTES;
          return isDone ? undefined : finishRecord(bytes, found, field);
        },
        rejection: ({ record, line, byte, code, message }) => {
          report(invocation, { file, record, line, byte, code, message });
          return undefined;
        },
      },
    );
  } finally {
    await flush();
    await source.close();
  }
}

/** Tells of a refused record, or of a refused file where there is no record. */
function report(
  { output, isJson }: Invocation,
  facts: Readonly<Record<string, unknown>> & {
    readonly file: string;
    readonly code: string;
    readonly message: string;
  },
): void {
  if (isJson) return output.warn(JSON.stringify(facts));
  const line = facts["line"];
  const place = typeof line === "number" ? `:${line}` : "";
  output.warn(printable(`${facts.file}${place}: ${facts.message} (${facts.code})`));
}
