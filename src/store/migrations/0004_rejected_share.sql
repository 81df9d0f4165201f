-- The limit of rejections as a share of the file's records, beside the one as a number. At most one of the two is set.
-- A version that does not know the column goes on without a limit, as it does for jobs that have none.
alter table sluice.job
  add column max_rejected_percent double precision
    check (max_rejected_percent >= 0 and max_rejected_percent <= 100);
