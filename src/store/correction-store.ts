/** Rows of corrections, and what is known of rejected records beside their rejection. */
import type { Correction, CorrectionStore } from "../core/correction.ts";
import type { RejectionCode } from "../core/rejection.ts";
import { REJECTION_COLUMNS, toRejection, type RejectionRow } from "./book-queries.ts";
import { IS_OPEN } from "./open-records.ts";
import type { RowsOf } from "./rows.ts";
import { sql } from "./sql.ts";

interface CorrectionRow {
  record_no: number;
  fields: readonly (string | null)[];
  code: RejectionCode | null;
  column_name: string | null;
  value: string | null;
  message: string | null;
  by_actor: string;
  at: Date;
}

function toCorrection(row: CorrectionRow): Correction & { readonly record: number } {
  const { code, message, value } = row;
  const problem =
    code === null || message === null ? null : { code, column: row.column_name, value, message };
  return { record: row.record_no, fields: row.fields, problem, by: row.by_actor, at: row.at };
}

/** Corrections over a pool. */
export function createCorrectionStore(rowsOf: RowsOf): CorrectionStore {
  return {
    ...createCorrectionRows(rowsOf),
    findRejections: async (jobId, records) =>
      (
        await rowsOf<RejectionRow>({
          text: `select ${REJECTION_COLUMNS} from sluice.rejection
            where job_id = $1 and record_no = any($2::bigint[]) order by record_no`,
          values: [jobId, [...records]],
        })
      ).map(toRejection),
    findFixes: async (jobId, records) => {
      const rows = await rowsOf<Omit<CorrectionRow, "fields"> & FixRow>({
        text: `select r.record_no, c.fields, c.code, c.column_name, c.value, c.message, c.by_actor, c.at,
            (select d.child_id from sluice.retried d where d.parent_id = r.job_id and d.record_no = r.record_no
              and sluice.is_held(d.child_id, d.child_record)) as retried_by
          from sluice.rejection r
          left join sluice.correction c on c.job_id = r.job_id and c.record_no = r.record_no
          where r.job_id = $1 and r.record_no = any($2::bigint[]) order by r.record_no`,
        values: [jobId, [...records]],
      });
      return rows.map(({ retried_by: retriedBy, fields, ...row }) => ({
        record: row.record_no,
        correction: fields === null ? null : toCorrection({ ...row, fields }),
        retriedBy,
      }));
    },
    countCorrections: async (jobId) => {
      const [row] = await rowsOf<{ open: number; corrected: number; fitting: number }>({
        text: `select count(*) as open, count(c.record_no) as corrected,
            count(c.record_no) filter (where c.code is null) as fitting
          from sluice.rejection r
          left join sluice.correction c on c.job_id = r.job_id and c.record_no = r.record_no
          where r.job_id = $1 and ${IS_OPEN}`,
        values: [jobId],
      });
      if (row === undefined) throw new Error("an aggregate gave no row");
      const { open, corrected, fitting } = row;
      return { recordsOpen: open, recordsCorrected: corrected, recordsFitting: fitting };
    },
    listFitting: async (jobId, { afterRecord, limit }) => {
      const rows = await rowsOf<{ record_no: number; source: Uint8Array }>({
        text: `select r.record_no, r.source from sluice.correction r
          where r.job_id = $1 and r.record_no > $2 and r.code is null and ${IS_OPEN}
          order by r.record_no limit $3`,
        values: [jobId, afterRecord, limit],
      });
      return rows.map((row) => ({ record: row.record_no, source: row.source }));
    },
  };
}

interface FixRow {
  /** Null where there is no correction; then all of it is. */
  fields: readonly (string | null)[] | null;
  retried_by: string | null;
}

function createCorrectionRows(
  rowsOf: RowsOf,
): Pick<CorrectionStore, "saveCorrections" | "deleteCorrections"> {
  return {
    saveCorrections: async (jobId, corrections, by) => {
      const problems = corrections.map(({ problem }) => problem);
      const rows = await rowsOf<CorrectionRow>(
        sql`insert into sluice.correction (job_id, record_no, fields, source, code, column_name, value, message, by_actor)
          select ${jobId}, n.record_no, n.fields::json, n.source, n.code, n.column_name, n.value, n.message, ${by}
          from unnest(${corrections.map(({ record }) => record)}::bigint[],
            ${corrections.map(({ fields }) => JSON.stringify(fields))}::text[],
            ${corrections.map(({ source }) => Buffer.from(source))}::bytea[],
            ${problems.map((problem) => problem?.code ?? null)}::text[],
            ${problems.map((problem) => problem?.column ?? null)}::text[],
            ${problems.map((problem) => problem?.value ?? null)}::text[],
            ${problems.map((problem) => problem?.message ?? null)}::text[])
            as n (record_no, fields, source, code, column_name, value, message)
          on conflict (job_id, record_no) do update set fields = excluded.fields, source = excluded.source,
            code = excluded.code, column_name = excluded.column_name, value = excluded.value,
            message = excluded.message, by_actor = excluded.by_actor, at = clock_timestamp()
          returning record_no, fields, code, column_name, value, message, by_actor, at`,
      );
      return rows.map(toCorrection);
    },
    deleteCorrections: async (jobId, record) =>
      (
        await rowsOf(
          sql`delete from sluice.correction
            where job_id = ${jobId} and (${record === undefined} or record_no = ${record ?? 0}) returning record_no`,
        )
      ).length,
  };
}
