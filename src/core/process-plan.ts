/**
 * Everything that a runner needs to run a process over a file without asking anybody: decided once when the job is
 * created, kept with the job, the same after every restart. The code of the process itself is read again at each start of
 * a part, so that a job which failed by a defect goes on with the corrected file.
 */
import type { ReadingPlan } from "./import-plan.ts";
import type { KeptReason } from "./kept-reasons.ts";
import type { ReadingOptions } from "./reading-options.ts";
import type { MaxRejected } from "./rejection-limit.ts";

/** What a person asked of a process. Absent fields take their defaults. */
export interface ProcessRequest {
  readonly kind: "process";
  /** Name of a process in the folder of processes. */
  readonly process: string;
  readonly file: string;
  /** What the process's `params` schema takes. Default: nothing. */
  readonly params?: Readonly<Record<string, unknown>>;
  readonly reading?: ReadingOptions;
  /** More rejections than this fail the job; null or absent: never. */
  readonly maxRejected?: MaxRejected | null;
  /** Pauses the job after exactly this many records; null or absent: never. */
  readonly pauseAfter?: number | null;
  /** A name for people. Default: `file → process`. */
  readonly name?: string;
  /** Creates the job in state `paused`. Default false. */
  readonly startPaused?: boolean;
  /** How many records a second are read at the most; null or absent: as many as can be. */
  readonly maxRecordsPerSecond?: number | null;
}

/** A job's decisions. JSON: it lives in the job row. */
export interface ProcessPlan extends ReadingPlan {
  readonly kind: "process";
  /** Name of the process. */
  readonly process: string;
  /** Title of the process, for people. */
  readonly title: string;
  /** As they were asked for, secrets included: shown by `shownParams` alone. The process's schema reads them at each start. */
  readonly params: Readonly<Record<string, unknown>>;
  /** See `secretPlaces`; absent in jobs of versions before there were any. */
  readonly secretParams?: readonly string[];
  /** Records of a batch, from 1 to 50,000. */
  readonly batchSize: number;
  /** Whether what it did outside can be reversed. */
  readonly hasUndo: boolean;
  /** Texts of the file's header, one a field; made-up names for a file without header. */
  readonly header: readonly string[];
  /** The names by which a record knows its values, one a field, unique: the header's, `name_2` for a second `name`. */
  readonly fields: readonly string[];
  /** The header of the result, when the process writes one; null when it does not. */
  readonly outputHeader: readonly string[] | null;
  /** Id that the result file gets, and the name that people see. */
  readonly resultFile: string;
  readonly fileName: string;
}

/** What a process has done, as it ended or was stopped. Rows are records of the file. */
export interface ProcessResult {
  readonly rows: "kept" | "undone";
  /** Records that were run and committed. */
  readonly recordsDone: number;
  /** Of an undo: records whose batch was reversed, records that `undo` kept, and records whose batch could not be reversed. */
  readonly recordsUndone: number;
  readonly recordsKept: number;
  readonly recordsFailed: number;
  /** Why records were kept, the most frequent first, the ten first; absent where none were. */
  readonly keptReasons?: readonly KeptReason[];
  /** The file of what the process emitted; null when it emits nothing, and after a stop or undo. */
  readonly output: {
    readonly file: string;
    readonly name: string;
    readonly bytes: number;
    /** Lower-case hexadecimal. */
    readonly sha256: string;
    /** Records in it, the header not counted. */
    readonly rows: number;
  } | null;
}

/** The bytes of a result before its first line: the header. */
export function resultHead({ outputHeader }: Pick<ProcessPlan, "outputHeader">): Uint8Array {
  if (outputHeader === null) return new Uint8Array(0);
  // A line of one empty field would be a blank line.
  const cells = outputHeader.map((text) =>
    /[",\r\n]/.test(text) || (text === "" && outputHeader.length === 1)
      ? `"${text.replaceAll('"', '""')}"`
      : text,
  );
  return new TextEncoder().encode(`${cells.join(",")}\n`);
}

/** Records that belong together, by their numbers from 1. */
export interface BatchRecords {
  readonly firstRecord: number;
  readonly lastRecord: number;
}

/** The halves of a batch that kept failing. Of one record there are none. */
export function halvesOf({
  firstRecord,
  lastRecord,
}: BatchRecords): readonly [BatchRecords, BatchRecords] {
  const middle = firstRecord + Math.floor((lastRecord - firstRecord) / 2);
  return [
    { firstRecord, lastRecord: middle },
    { firstRecord: middle + 1, lastRecord },
  ];
}

/**
 * The batch that comes next, from those that were begun and not committed and hold `record`, the largest first: one that
 * was begun keeps its records, and of one that was halved a half comes next. Null when none was begun.
 */
export function batchAt(
  begun: readonly (BatchRecords & { readonly isSplit: boolean })[],
  record: number,
): BatchRecords | null {
  let batch: BatchRecords | undefined = begun[0];
  if (batch === undefined) return null;
  for (;;) {
    const { firstRecord, lastRecord }: BatchRecords = batch;
    const row = begun.find(
      (each) => each.firstRecord === firstRecord && each.lastRecord === lastRecord,
    );
    if (row?.isSplit !== true || firstRecord === lastRecord) return { firstRecord, lastRecord };
    const [first, second] = halvesOf(batch);
    batch = record <= first.lastRecord ? first : second;
  }
}

/**
 * The key of a batch: the same in every attempt at it, and of no other batch of any job. A batch keeps its first and last
 * record from its first attempt on.
 */
export function batchKeyOf(jobId: string, batch: BatchRecords): string {
  return `${jobId}:${batch.firstRecord}-${batch.lastRecord}`;
}
