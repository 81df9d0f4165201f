/**
 * Files of corrected records: how one that Sluice writes is read, and whether one that somebody sends fits the job.
 *
 * What people send is what they were given, edited: the header of the job's file with the rejected records below, with or
 * without the columns of the reasons. An editor may have changed encoding and dialect on the way, so the file is looked at by
 * the job's own first, and as any other file if that does not show the header.
 */
import { setImmediate } from "node:timers/promises";
import { SluiceError } from "../../core/errors.ts";
import type {
  CheckedPlan,
  CorrectedFile,
  CorrectedFileRecord,
  Corrections,
} from "../../core/correction.ts";
import type { Dialect, ReadingPlan } from "../../core/import-plan.ts";
import type { StoredFile } from "../../core/job.ts";
import type { FileStore } from "../../core/ports.ts";
import type { ReadingOptions } from "../../core/reading-options.ts";
import { SCAN_OUTCOMES } from "../../csv/scanned-record.ts";
import { correctRecords } from "./correct-records.ts";
import { planReading } from "./plan-reading.ts";
import { readSample } from "./read-sample.ts";
import { RecordCursor } from "./record-cursor.ts";
import { charactersOf, REASON_COLUMNS } from "./record-head.ts";
import { createRecordReading } from "./record-source.ts";
import { makeRecordWriter } from "./record-writer.ts";
import { sourceOpening } from "./source-opening.ts";

const READ_BYTES = 256 * 1024;
/** Source bytes between two turns of other work. */
const SLICE_BYTES = 256 * 1024;
const MOST_DIGITS = 15;

/** Corrections over the files of a store. */
export function createCorrections(files: FileStore): Corrections {
  const reading = createRecordReading(files);
  return {
    correct: (plan, items) => {
      let header: Promise<readonly string[]> | undefined;
      const headerOf = (): Promise<readonly string[]> =>
        (header ??= reading.open(plan).then((source) => source.header));
      return correctRecords(files, plan, items, headerOf);
    },
    readingOf: (plan, asked) => readingOf(plan.dialect, plan, asked),
    headOf: (plan, header) => headOf(plan.dialect, plan, header),
    openFile: (file, job) => openFile(files, file, job),
  };
}

/** How a file in UTF-8 is read by a dialect, and otherwise as the job reads its own. */
function readingOf(dialect: Dialect, plan: CheckedPlan, asked: ReadingOptions): ReadingOptions {
  const { encoding: _encoding, skipLines: _skipLines, delimiter: _delimiter, ...rest } = asked;
  const { delimiter, quote, escape } = charactersOf(dialect);
  const formats = plan.columns?.flatMap(({ column, spelling }) =>
    spelling?.dateFormat === undefined ? [] : [[column, spelling.dateFormat] as const],
  );
  return {
    ...rest,
    encoding: "utf-8",
    delimiter,
    quote,
    ...(escape === quote ? {} : { escape }),
    ...(plan.width === 1 ? { blankLines: "null" as const } : {}),
    ...(formats === undefined || formats.length === 0
      ? {}
      : { dateFormats: Object.fromEntries(formats) }),
  };
}

function headOf(dialect: Dialect, plan: ReadingPlan, header: readonly string[]): Uint8Array {
  if (!plan.reading.header) return new Uint8Array(0);
  const writer = makeRecordWriter(dialect);
  return writer.line(header.map((text, at) => writer.field(text, at === 0)));
}

type Job = Parameters<Corrections["openFile"]>[1];

/** A file with the way in which it shows the header of the job. */
interface Fitting {
  readonly plan: ReadingPlan;
  readonly reading: ReadingOptions;
  readonly hasReasons: boolean;
}

async function openFile(files: FileStore, file: StoredFile, job: Job): Promise<CorrectedFile> {
  const { plan, reading, hasReasons } = await findFitting(files, file, job);
  const { dialect } = plan;
  return {
    reading,
    hasReasons,
    bareReading: readingOf(dialect, job.plan, job.asked),
    head: headOf(dialect, job.plan, job.header),
    records: () => readRecords(files, plan, hasReasons),
  };
}

/** Errors: `header_mismatch`, and the refusals of the file as any other. */
async function findFitting(files: FileStore, file: StoredFile, job: Job): Promise<Fitting> {
  const { encoding, dialect } = job.plan;
  const alike = readingOf(dialect, job.plan, job.asked);
  const { delimiter: _delimiter, quote: _quote, escape: _escape, ...any } = alike;
  const { delimiter, quote, escape } = job.asked;
  const said = Object.fromEntries(
    Object.entries({ delimiter, quote, escape }).filter(([, value]) => value !== undefined),
  );
  const stat = await files.stat(file.id);
  const version = stat === null ? {} : { sourceVersion: stat.version };
  const sample = await readSample(files, file, { reading: alike, isMeasured: true });
  const own = encoding === "utf-8" ? [] : [{ ...alike, encoding }];
  const ways: readonly ReadingOptions[] = isUtf8(sample.sample)
    ? [alike, ...own, { ...any, ...said }]
    : [...own, alike, { ...any, ...said }];
  let failure: unknown = null;
  let found: readonly string[] = [];
  for (const reading of ways) {
    try {
      const { plan, header } = planReading({ ...sample, file, ...version }, reading);
      const hasReasons = fitOf(header.texts, job);
      if (hasReasons !== null) return { plan, reading, hasReasons };
      found = header.texts;
    } catch (error) {
      // Another way may read what this one does not; the last says why nothing does.
      failure = error;
    }
  }
  if (found.length === 0) throw failure;
  throw mismatch(found, job);
}

/** Whether an editor has saved it as UTF-8. What the sample cuts off at its end is left out. */
function isUtf8(bytes: Uint8Array): boolean {
  try {
    new TextDecoder("utf-8", { fatal: true }).decode(bytes, { stream: true });
    return true;
  } catch {
    return false; // that it is something else is the finding itself
  }
}

/** Whether the header has the reasons before the job's; null when it is another. */
function fitOf(texts: readonly string[], { plan, header }: Job): boolean | null {
  const extra = REASON_COLUMNS.length;
  const isSame = (found: readonly string[]): boolean =>
    found.length === plan.width &&
    (!plan.reading.header || found.every((text, at) => text === header[at]));
  if (isSame(texts)) return false;
  const hasNames = REASON_COLUMNS.every((name, at) => texts[at] === name);
  return (hasNames || !plan.reading.header) && isSame(texts.slice(extra)) ? true : null;
}

function mismatch(found: readonly string[], { plan, header }: Job): SluiceError {
  if (!plan.reading.header)
    return new SluiceError(
      "header_mismatch",
      `Expected ${plan.width} columns as in the file of the job, or ${REASON_COLUMNS.length} more with the reasons, got ${found.length}.`,
    );
  const at = header.findIndex((text, index) => text !== found[index]);
  const isLonger = at < 0;
  return new SluiceError(
    "header_mismatch",
    isLonger
      ? `Expected the ${header.length} columns of the job, got ${found.length}.`
      : `Expected ${JSON.stringify(header[at])} as column ${at + 1}, as in the file of the job, got ${JSON.stringify(found[at] ?? null)}.`,
  );
}

async function* readRecords(
  files: FileStore,
  plan: ReadingPlan,
  hasReasons: boolean,
): AsyncGenerator<readonly CorrectedFileRecord[]> {
  const cursor = new RecordCursor(plan, sourceOpening(files, plan), READ_BYTES);
  const writer = makeRecordWriter(plan.dialect);
  let batch: CorrectedFileRecord[] = [];
  let sliceEnd = plan.start.byte + SLICE_BYTES;
  try {
    await cursor.moveTo({ byte: plan.start.byte, record: 1, line: plan.start.line });
    while (cursor.byte < plan.source.bytes) {
      const outcome = cursor.scan();
      if (outcome === SCAN_OUTCOMES.more) {
        await cursor.readMore();
        continue;
      }
      if (outcome === SCAN_OUTCOMES.end) break;
      if (cursor.isFailure) throw cursor.failure;
      if (cursor.isRecord) batch.push(hasReasons ? bareRecord(cursor, writer) : null);
      cursor.pass();
      if (cursor.byte < sliceEnd) continue;
      sliceEnd = cursor.byte + SLICE_BYTES;
      yield batch;
      batch = [];
      await setImmediate();
    }
    yield batch;
  } finally {
    await cursor.close();
  }
}

/** A record without its reasons, and the line that they name. Errors: `invalid_request`. */
function bareRecord(
  cursor: RecordCursor,
  writer: ReturnType<typeof makeRecordWriter>,
): NonNullable<CorrectedFileRecord> {
  const { fields, line } = cursor.read(null);
  const [named = ""] = fields ?? [];
  const isNumber = /^[1-9]\d*$/.test(named) && named.length <= MOST_DIGITS;
  if (fields === null || !isNumber || fields.length <= REASON_COLUMNS.length)
    throw new SluiceError(
      "invalid_request",
      fields === null
        ? `Line ${line} of the corrected file has text after a closing quote, so that its fields cannot be told apart.`
        : `Expected the number of a rejected line in \`_line\` on line ${line} of the corrected file, got ${JSON.stringify(named.slice(0, 40))}.`,
    );
  const { bytes, found } = cursor.placed;
  const bare = fields
    .map((_, at) => at)
    .slice(REASON_COLUMNS.length)
    .map((at) => writer.fieldAsFound(bytes, found, at));
  return { line: Number(named), source: writer.line(bare) };
}
