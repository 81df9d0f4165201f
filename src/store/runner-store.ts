/** The statements of a runner, all on its own connection, one at a time. */
import type pg from "pg";
import { setTimeout as delay } from "node:timers/promises";
import { SluiceError } from "../core/errors.ts";
import type { Failpoints } from "../core/failpoint.ts";
import type { ExportStore } from "../core/export-ports.ts";
import type { ProcessStore } from "../core/process-store-ports.ts";
import type { ImportPlan } from "../core/import-plan.ts";
import { OPEN_END, type JobKind } from "../core/job.ts";
import type { DispatchMessage, PartBoundary } from "../core/ports.ts";
import type { PartAssignment, PartLook, RunnerStore, SearchOutcome } from "../core/runner-ports.ts";
import type { Arrived } from "../core/upload-ports.ts";
import { refuseIncomplete, SOURCE_COLUMNS, withSource, type SourceRow } from "./arriving-source.ts";
import { commitChunk, leaveReason } from "./chunk-commit.ts";
import { isConnectionLoss, isPassing, openRunnerClient, storeError } from "./connect.ts";
import { createProcessStore } from "./process-store.ts";
import { isRowError } from "./row-error.ts";
import { prepared, quoteText, sql } from "./sql.ts";
import { toMaxRejected, type RejectionLimitRow } from "./rejection-limit-row.ts";
import { createExportStore } from "./target/export-store.ts";
import { publish } from "./target/publish.ts";
import { writtenTable } from "./target/staging.ts";
import { WatcherConnection } from "./watcher-connection.ts";
import { messageOf } from "../core/message-of.ts";

/** Between two tries of a transaction. */
const AGAIN_MS = 100;

/** Opens a runner's connection. Errors: `database_unavailable`. */
export async function openRunnerStore(url: string, failpoints: Failpoints): Promise<RunnerStore> {
  const client = await guard(() => openRunnerClient(url));
  let isOpen = true;
  client.once("end", () => (isOpen = false));
  const watcher = new WatcherConnection(url);
  const countRecords: RunnerStore["countRecords"] = (jobId) =>
    guard(async () => {
      const { rows } = await client.query<{ read: number; rejected: number; bytes: number }>(
        sql`select coalesce(sum(records_read), 0)::bigint as read,
            coalesce(sum(records_rejected), 0)::bigint as rejected,
            coalesce(sum(next_byte - first_byte), 0)::bigint as bytes
          from sluice.part where job_id = ${jobId} and part_no > 0`,
      );
      return rows[0] ?? { read: 0, rejected: 0, bytes: 0 };
    });
  return {
    openPart: (message) => guard(() => openPart(client, message)),
    commitChunk: (assignment, format, copyColumns, chunk) =>
      guard(() =>
        orAgain(() => commitChunk(client, assignment, format, copyColumns, chunk, failpoints)),
      ),
    addParts: (assignment, found) =>
      guard(() => orAgain(() => addParts(client, assignment, found))),
    waitForByte: ({ part }, byte) =>
      guard(async () => {
        await client.query(
          sql`update sluice.part set waits_for_byte = ${byte}
            where job_id = ${part.jobId} and part_no = 0 and next_byte = ${part.nextByte} and end_byte = ${OPEN_END}`,
        );
      }),
    beginPart: (message) => guard(() => beginPart(client, message)),
    lookAtPart: (message) => guard(() => lookAtPart(client, message)),
    findArrived: (jobId) => guard(() => findArrived(client, jobId)),
    countRecords,
    publish: (assignment, readPart) =>
      guard(() => publish(client, assignment, readPart, failpoints)),
    exports: guardExports(createExportStore(client, failpoints)),
    processes: {
      ...guardProcesses(createProcessStore(client, () => watcher.get(), failpoints)),
      countRecords,
    },
    isOpen: () => isOpen,
    close: async () => {
      // Closing a connection that is gone is done.
      await client.end().catch(() => undefined);
      await watcher.close();
    },
  };
}

/**
 * Repeats a transaction that the server ended for a reason that passes. It has rolled back, and its gate says whether it
 * may still be done.
 */
async function orAgain<T>(transaction: () => Promise<T>): Promise<T> {
  for (;;) {
    try {
      return await transaction();
    } catch (error) {
      if (!isPassing(error)) throw error;
      await delay(AGAIN_MS);
    }
  }
}

/** Wraps errors: what speaks of rows but could not be isolated becomes `rows_refused`. */
async function guard<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (isRowError(error) && !isConnectionLoss(error))
      throw new SluiceError(
        "rows_refused",
        `The database refused rows: ${messageOf(error)}. What was committed before is kept.`,
        { cause: error },
      );
    throw storeError(error);
  }
}

function guardExports(store: ExportStore): ExportStore {
  return {
    openPart: (message) => guard(() => store.openPart(message)),
    takeSnapshot: (assignment, partBytes) => guard(() => store.takeSnapshot(assignment, partBytes)),
    findEnd: (plan, range, rows) => guard(() => store.findEnd(plan, range, rows)),
    readRows: (plan, range, sink) => guard(() => store.readRows(plan, range, sink)),
    commit: (assignment, chunk) => guard(() => orAgain(() => store.commit(assignment, chunk))),
    publish: (assignment, files) => guard(() => store.publish(assignment, files)),
  };
}

function guardProcesses(
  store: Omit<ProcessStore, "countRecords">,
): Omit<ProcessStore, "countRecords"> {
  return {
    openPart: (message) => guard(() => store.openPart(message)),
    findBegun: (assignment, record) => guard(() => store.findBegun(assignment, record)),
    beginRun: (assignment, batch) => guard(() => orAgain(() => store.beginRun(assignment, batch))),
    splitRun: (assignment, batch) => guard(() => orAgain(() => store.splitRun(assignment, batch))),
    openTransaction: (idleMs) => guard(() => store.openTransaction(idleMs)),
    // What the server says to user code is for user code.
    query: (text, values) => store.query(text, values),
    commitRun: (assignment, batch) => guard(() => store.commitRun(assignment, batch)),
    rollBack: () => guard(() => store.rollBack()),
    letGo: (assignment) => guard(() => store.letGo(assignment)),
    findUndoable: (assignment) => guard(() => store.findUndoable(assignment)),
    beginUndo: (assignment, batch) =>
      guard(() => orAgain(() => store.beginUndo(assignment, batch))),
    commitUndo: (assignment, batch, outcome) =>
      guard(() => store.commitUndo(assignment, batch, outcome)),
    endUndo: (assignment) => guard(() => orAgain(() => store.endUndo(assignment))),
    addLog: (jobId, lines) => guard(() => orAgain(() => store.addLog(jobId, lines))),
    watch: (assignment) => guard(() => store.watch(assignment)),
    publish: (assignment, files) => guard(() => store.publish(assignment, files)),
  };
}

async function findArrived(client: pg.Client, jobId: string): Promise<Arrived> {
  const { rows } = await client.query<SourceRow>(
    `select ${SOURCE_COLUMNS} from sluice.job j join sluice.file f on f.id = j.file_id where j.id = $1`,
    [jobId],
  );
  const row = rows[0];
  if (row === undefined) throw new SluiceError("not_found", `There is no job ${jobId}.`);
  refuseIncomplete(row);
  return { bytes: row.source_bytes, isWhole: row.source_sha256 !== null };
}

async function beginPart(
  client: pg.Client,
  { jobId, partNo, epoch }: DispatchMessage,
): Promise<JobKind | null> {
  const { rows } = await client.query<{ kind: JobKind }>(
    prepared(
      "begin_part",
      sql`with noted as (
        update sluice.runner r set backend_pid = pg_backend_pid() from sluice.part p
          join sluice.job j on j.id = p.job_id and j.epoch = ${epoch}
          where p.job_id = ${jobId} and p.part_no = ${partNo} and r.id = p.runner_id
            and r.backend_pid is distinct from pg_backend_pid())
      select kind from sluice.job where id = ${jobId}`,
    ),
  );
  return rows[0]?.kind ?? null;
}

async function lookAtPart(
  client: pg.Client,
  { jobId, partNo, epoch }: DispatchMessage,
): Promise<PartLook> {
  const { rows } = await client.query<{ may_go_on: boolean; speed: number | null }>(
    sql`select s.max_records_per_second as speed, s.wish = 'run' and j.wish = 'run' and j.epoch = ${epoch} and (
          s.max_records_per_second is null or not exists (select from sluice.part e
            where e.job_id = j.id and e.part_no between 1 and ${partNo} - 1 and e.next_byte < e.end_byte)) as may_go_on
      from sluice.job j join sluice.job_signal s on s.job_id = j.id where j.id = ${jobId}`,
  );
  const [row] = rows;
  return { mayGoOn: row?.may_go_on ?? false, maxRecordsPerSecond: row?.speed ?? null };
}

interface PartRow extends RejectionLimitRow, SourceRow {
  readonly part_no: number;
  readonly first_byte: number;
  readonly next_byte: number;
  readonly end_byte: number;
  readonly next_record: number;
  readonly next_line: number;
  readonly plan: ImportPlan;
  readonly pause_after: number | null;
  readonly total_read: number;
  readonly is_stopping: boolean;
  readonly is_dry_run: boolean;
}

async function openPart(
  client: pg.Client,
  { jobId, partNo, epoch }: DispatchMessage,
): Promise<PartAssignment | null> {
  const { rows } = await client.query<PartRow>(
    prepared("open_part", {
      text: `select p.part_no, p.first_byte, p.next_byte, p.end_byte, p.next_record, p.next_line, j.plan,
        j.max_rejected, j.max_rejected_percent, j.pause_after, j.state = 'stopping' as is_stopping,
        (j.request ->> 'dryRun') is not distinct from 'true' as is_dry_run, ${SOURCE_COLUMNS},
        (select coalesce(sum(o.records_read), 0)::bigint from sluice.part o where o.job_id = j.id) as total_read
      from sluice.part p join sluice.job j on j.id = p.job_id join sluice.file f on f.id = j.file_id
      where p.job_id = $1 and p.part_no = $2 and j.epoch = $3 and j.kind = 'import'`,
      values: [jobId, partNo, epoch],
    }),
  );
  const row = rows[0];
  if (row === undefined) return null;
  if (row.plan.source.isArriving === true) refuseIncomplete(row);
  return {
    part: {
      jobId,
      partNo,
      firstByte: row.first_byte,
      endByte: row.end_byte,
      nextByte: row.next_byte,
      nextRecord: row.next_record,
      nextLine: row.next_line,
    },
    epoch,
    plan: withSource(row.plan, row),
    isStopping: row.is_stopping,
    isDryRun: row.is_dry_run,
    maxRejected: toMaxRejected(row),
    recordsUntilPause:
      row.pause_after === null ? null : Math.max(row.pause_after - row.total_read, 0),
  };
}

/** The transaction of the search for parts: the same gate and compare-and-set as a chunk, on part 0. */
async function addParts(
  client: pg.Client,
  { part, epoch, plan }: PartAssignment,
  found: readonly PartBoundary[],
): Promise<SearchOutcome> {
  const last = found.at(-1);
  if (last === undefined) return { kind: "added", messages: [] };
  await client.query("begin");
  try {
    await client.query(
      `select sluice.chunk_gate(${quoteText(part.jobId)}, 0, ${epoch}, ${part.nextByte}, ${last.endByte},
        ${last.nextRecord}, ${last.nextLine}, 0, 0, 0, 0, ${quoteText(writtenTable(plan))})`,
    );
    const numbers = await insertParts(client, part.jobId, part, found);
    await client.query("commit");
    const messages = numbers.map((partNo) => ({ jobId: part.jobId, partNo, epoch }));
    return { kind: "added", messages };
  } catch (error) {
    await client.query("rollback").catch(() => undefined);
    const why = leaveReason(error);
    if (why !== null) return { kind: "left", why };
    throw error;
  }
}

async function insertParts(
  client: pg.Client,
  jobId: string,
  from: { readonly nextByte: number; readonly nextRecord: number; readonly nextLine: number },
  found: readonly PartBoundary[],
): Promise<number[]> {
  const { rows } = await client.query<{ newest: number }>(
    sql`select max(part_no) as newest from sluice.part where job_id = ${jobId}`,
  );
  const newest = rows[0]?.newest ?? 0;
  const starts = [
    { byte: from.nextByte, record: from.nextRecord, line: from.nextLine },
    ...found.map((end) => ({ byte: end.endByte, record: end.nextRecord, line: end.nextLine })),
  ].slice(0, found.length);
  const numbers = found.map((_, index) => newest + 1 + index);
  await client.query(
    sql`insert into sluice.part (job_id, part_no, first_byte, next_byte, end_byte, first_record, next_record, next_line)
      select ${jobId}, n, b, b, e, r, r, l from unnest(${numbers}::int[], ${starts.map((start) => start.byte)}::bigint[],
        ${found.map((end) => end.endByte)}::bigint[], ${starts.map((start) => start.record)}::bigint[],
        ${starts.map((start) => start.line)}::bigint[]) as found (n, b, e, r, l)`,
  );
  return numbers;
}
