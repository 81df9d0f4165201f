/** Which rejected records no retry has. */

/** Whether no retry has the record `r` of a query over `sluice.rejection r`, as SQL. */
export const IS_OPEN = `not exists (select from sluice.retried d
  where d.parent_id = r.job_id and d.record_no = r.record_no and sluice.is_held(d.child_id, d.child_record))`;
