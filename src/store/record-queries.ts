/** What the books of a job say of its records, for those who read them again. */
import type { ImportPlan } from "../core/import-plan.ts";
import type { ProcessPlan } from "../core/process-plan.ts";
import type { BookedPart } from "../core/record-ranges.ts";
import type { JobStore } from "../core/store-ports.ts";
import { SOURCE_COLUMNS, withSource, type SourceRow } from "./arriving-source.ts";
import type { RowsOf } from "./rows.ts";
import { sql } from "./sql.ts";

/** The part of the job store that is about records. */
export function createRecordQueries(
  rowsOf: RowsOf,
): Pick<JobStore, "findBookedRecords" | "listRejectedOffsets"> {
  return {
    // One statement is one snapshot: parts, result and plan are of one moment.
    findBookedRecords: async (jobId) => {
      const rows = await rowsOf<BooksRow>({
        text: `select j.plan, ${SOURCE_COLUMNS}, f.name as file_name,
            j.result ->> 'rows' is not distinct from 'undone' as is_undone,
            j.staging is not null as has_staging,
            (select json_agg(json_build_object('partNo', p.part_no, 'endByte', p.end_byte, 'rejected', p.records_rejected,
                'first', json_build_object('byte', p.first_byte, 'record', p.first_record, 'line', p.first_line),
                'next', json_build_object('byte', p.next_byte, 'record', p.next_record, 'line', p.next_line))
                order by p.part_no)
              from sluice.part p where p.job_id = j.id) as parts
          from sluice.job j join sluice.file f on f.id = j.file_id where j.id = $1`,
        values: [jobId],
      });
      const [row] = rows;
      if (row === undefined) return null;
      return {
        plan: withSource(row.plan, row),
        fileName: row.file_name,
        isUndone: row.is_undone,
        isBeforePublishing: row.has_staging,
        parts: row.parts,
      };
    },
    listRejectedOffsets: async (jobId, { afterRecord, limit, isBeforePublishing = false }) => {
      const rows = await rowsOf<{ record_no: number; byte_offset: number }>(
        sql`select record_no, byte_offset from sluice.rejection
          where job_id = ${jobId} and record_no > ${afterRecord}
            and not (at_publishing and ${isBeforePublishing})
          order by record_no limit ${limit}`,
      );
      return rows.map((row) => ({ record: row.record_no, byte: row.byte_offset }));
    },
  };
}

interface BooksRow extends SourceRow {
  plan: ImportPlan | ProcessPlan;
  file_name: string;
  is_undone: boolean;
  has_staging: boolean;
  parts: readonly BookedPart[];
}
