/** The history, the log and the rejections of a job. */
import type { JobEvent } from "../core/job.ts";
import type { ProcessLogLine } from "../core/process-store-ports.ts";
import type { Rejection, RejectionCode } from "../core/rejection.ts";
import type { JobStore } from "../core/store-ports.ts";
import { IS_OPEN } from "./open-records.ts";
import type { RowsOf } from "./rows.ts";
import { sql } from "./sql.ts";

const MAX_EVENTS = 1000;

/** The part of the job store that reads what jobs wrote down. */
export function createBookQueries(
  rowsOf: RowsOf,
): Pick<JobStore, "listEvents" | "listEventsOfAll" | "listRejections" | "listLog"> {
  return {
    listLog: (jobId, { limit, after }) =>
      rowsOf<LogRow>(
        sql`select id, at, message, fields from sluice.process_log
          where job_id = ${jobId} and id > ${after} order by id limit ${limit}`,
      ),
    listEvents: async (jobId, after) =>
      (
        await rowsOf<EventRow>(
          sql`select id, job_id, type, at, by_actor, details from sluice.event
            where job_id = ${jobId} and id > ${after} order by id limit ${MAX_EVENTS}`,
        )
      ).map(toEvent),
    listEventsOfAll: async (after) =>
      (
        await rowsOf<EventRow>(
          sql`select id, job_id, type, at, by_actor, details from sluice.event
            where id > ${after} order by id desc limit ${MAX_EVENTS}`,
        )
      )
        .map(toEvent)
        .toReversed(),
    listRejections: async (jobId, page) =>
      (
        await rowsOf<RejectionRow>({
          text: `select ${REJECTION_COLUMNS} from sluice.rejection r where job_id = $1 and record_no > $2
                and not (at_publishing and $3) ${page.isOpen === true ? `and ${IS_OPEN}` : ""}
              order by record_no limit $4`,
          values: [jobId, page.afterRecord, page.isBeforePublishing ?? false, page.limit],
        })
      ).map(toRejection),
  };
}

type LogRow = { -readonly [Field in keyof ProcessLogLine]: ProcessLogLine[Field] };

interface EventRow {
  id: number;
  job_id: string;
  type: string;
  at: Date;
  by_actor: string | null;
  details: Record<string, unknown>;
}

function toEvent(row: EventRow): JobEvent {
  const { id, type, at, details } = row;
  return { id, jobId: row.job_id, type, at, by: row.by_actor, details };
}

/** Columns of `sluice.rejection` for `RejectionRow`. */
export const REJECTION_COLUMNS =
  "record_no, line_no, byte_offset, byte_length, column_name, value, code, message, raw";

/** A rejection as it is stored. */
export interface RejectionRow {
  record_no: number;
  line_no: number;
  byte_offset: number;
  byte_length: number;
  column_name: string | null;
  value: string | null;
  code: RejectionCode;
  message: string;
  raw: Uint8Array;
}

/** A rejection from its row. */
export function toRejection(row: RejectionRow): Rejection {
  const { value, code, message, raw } = row;
  return {
    record: row.record_no,
    line: row.line_no,
    byte: row.byte_offset,
    byteLength: row.byte_length,
    column: row.column_name,
    value,
    code,
    message,
    raw,
  };
}
