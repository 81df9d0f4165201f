/** The statements of a runner about exports, on its own connection. What they promise is in `ExportStore`. */
import type pg from "pg";
import { SluiceError } from "../../core/errors.ts";
import type { Failpoints } from "../../core/failpoint.ts";
import type { ExportPlan, ExportPosition, ExportRange } from "../../core/export-plan.ts";
import type {
  ExportAssignment,
  ExportedChunk,
  ExportStore,
  StepOutcome,
} from "../../core/export-ports.ts";
import { OPEN_END } from "../../core/job.ts";
import type { DispatchMessage } from "../../core/ports.ts";
import { leaveReason } from "../chunk-commit.ts";
import { isConnectionLoss, sqlStateOf } from "../connect.ts";
import { CopyOut } from "../copy-out.ts";
import { quoteStaging, sql } from "../sql.ts";
import { publishExport } from "./export-publish.ts";
import { copyRange, selectEdge, selectEnd, selectSnapshot, type KeyRow } from "./export-sql.ts";

/** Keys that are whole numbers: a stretch of them ends where arithmetic says, and nothing is looked up. */
const WHOLE_NUMBERS = new Set(["smallint", "integer", "bigint"]);
/** The query of a person: it only reads, and needs no compiled plan for a stretch of rows. */
const READING = "set local transaction_read_only = on; set local jit = off";

/** The export statements over a runner's connection. */
export function createExportStore(client: pg.Client, failpoints: Failpoints): ExportStore {
  return {
    openPart: (message) => openPart(client, message),
    takeSnapshot: (assignment, partBytes) =>
      asQuery(() => takeSnapshot(client, assignment, partBytes)),
    findEnd: (plan, range, rows) => asQuery(() => findEnd(client, plan, range, rows)),
    readRows: (plan, range, sink) =>
      asQuery(async () => {
        const copy = new CopyOut(
          `${READING}; ${copyRange(plan, range)}`,
          sink,
          plan.format.lineEnd,
        );
        client.query(copy);
        return copy.done;
      }),
    commit: (assignment, chunk) => commit(client, assignment, chunk, failpoints),
    publish: (assignment, files) => publishExport(client, assignment, files, failpoints),
  };
}

async function openPart(
  client: pg.Client,
  { jobId, partNo, epoch }: DispatchMessage,
): Promise<ExportAssignment | null> {
  const { rows } = await client.query<{
    plan: ExportPlan;
    bytes: number;
    is_done: boolean;
    after_key: readonly string[] | null;
    up_to_key: readonly string[] | null;
    last_key: readonly string[] | null;
  }>(
    sql`select j.plan, p.next_byte as bytes, p.next_byte = p.end_byte as is_done, p.after_key, p.up_to_key, p.last_key
      from sluice.part p join sluice.job j on j.id = p.job_id
      where p.job_id = ${jobId} and p.part_no = ${partNo} and j.epoch = ${epoch} and j.kind = 'export'`,
  );
  const row = rows[0];
  if (row === undefined) return null;
  const { plan, bytes, is_done: isDone, last_key: position } = row;
  const range = { after: row.after_key, upTo: row.up_to_key };
  return { part: { jobId, partNo, bytes, isDone, position, ...range }, epoch, plan };
}

/** What the server says of the query of a person becomes `query_failed`. */
async function asQuery<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    const state = sqlStateOf(error);
    if (!(error instanceof Error) || state === null || isConnectionLoss(error) || state === "53100")
      throw error;
    throw new SluiceError(
      "query_failed",
      `The database ended the query of the export: ${error.message} (SQLSTATE ${state}). What was exported before is kept.`,
      { cause: error, details: { sqlState: state } },
    );
  }
}

async function takeSnapshot(
  client: pg.Client,
  { part, epoch, plan }: ExportAssignment,
  partBytes: number,
): ReturnType<ExportStore["takeSnapshot"]> {
  const { jobId } = part;
  const staging = quoteStaging(plan.staging ?? "");
  await client.query("begin");
  try {
    await client.query(`create table ${staging} as ${selectSnapshot(plan)}`);
    const gate = {
      fromByte: 0,
      toByte: 0,
      before: null,
      after: null,
      rows: 0,
      segment: "",
      isLast: true,
    };
    await client.query(gateOf(part.jobId, 0, epoch, gate));
    const { rows } = await client.query<{ part_no: number }>(
      sql`insert into sluice.part (job_id, part_no, first_byte, next_byte, end_byte, first_record, next_record, next_line,
          after_key, up_to_key)
        select ${jobId}, n, 0, 0, ${OPEN_END}, 1, 1, 1, array[(s.step * (n - 1))::text],
          array[case when n = s.parts then s.blocks else s.step * n end::text]
        from (select blocks, greatest(ceil(blocks::numeric / greatest(blocks / ${partBlocks(partBytes)}, 1)), 1)::bigint as step,
            greatest(blocks / ${partBlocks(partBytes)}, 1) as parts
          from (select pg_relation_size(to_regclass(${staging})) / current_setting('block_size')::bigint as blocks) b) s,
          generate_series(1, s.parts) n
        returning part_no`,
    );
    await client.query("commit");
    return { kind: "added", messages: rows.map((row) => ({ jobId, partNo: row.part_no, epoch })) };
  } catch (error) {
    await client.query("rollback").catch(() => undefined);
    if (leaveReason(error) !== null) return { kind: "left" };
    throw error;
  }
}

/** Blocks of a part; the server's are of 8 KiB unless it was built in another way. */
function partBlocks(partBytes: number): number {
  return Math.max(1, Math.floor(partBytes / 8192));
}

async function findEnd(
  client: pg.Client,
  plan: ExportPlan,
  range: ExportRange,
  rows: number,
): Promise<ExportPosition> {
  const { after, upTo } = range;
  if (plan.method === "snapshot") {
    // A block has room for some ten to some hundred rows; what it has is learnt from the chunk before.
    const end = Number(after?.[0] ?? 0) + rows;
    return end >= Number(upTo?.[0] ?? 0) ? upTo : [String(end)];
  }
  const [only] = plan.key;
  if (plan.key.length === 1 && WHOLE_NUMBERS.has(only?.sqlType ?? "")) {
    const start = after?.[0] ?? (await edgeOf(client, plan))?.[0];
    const last = BigInt(upTo?.[0] ?? 0);
    const end = BigInt(start ?? last) + BigInt(rows);
    return end >= last ? upTo : [String(end)];
  }
  const found = await client.query<KeyRow>(selectEnd(plan, range, rows));
  return found.rows[0]?.sluice_key_texts ?? upTo;
}

async function edgeOf(client: pg.Client, plan: ExportPlan): Promise<readonly string[] | undefined> {
  const { rows } = await client.query<KeyRow>(selectEdge(plan, "first"));
  return rows[0]?.sluice_key_texts;
}

async function commit(
  client: pg.Client,
  { part, epoch }: ExportAssignment,
  chunk: ExportedChunk,
  failpoints: Failpoints,
): Promise<StepOutcome> {
  try {
    await failpoints.hit("before_commit");
    await client.query(gateOf(part.jobId, part.partNo, epoch, chunk));
    await failpoints.hit("after_commit");
    return "done";
  } catch (error) {
    if (leaveReason(error) !== null) return "left";
    throw error;
  }
}

function gateOf(jobId: string, partNo: number, epoch: number, chunk: ExportedChunk) {
  return sql`select sluice.export_gate(${jobId}, ${partNo}, ${epoch}, ${chunk.fromByte}, ${chunk.toByte},
    ${chunk.before}, ${chunk.after}, ${chunk.rows}, ${chunk.segment}, ${chunk.isLast})`;
}
