-- Imports that have written over rows of a table can be undone: the rows are kept as they were.
-- Why: an upsert changes rows and a replace takes them away, so deleting what a job has written does not give the table
-- back. The transaction that publishes copies the rows as they are into a private table of the job. It goes when the undo
-- has ended, when its days are over, or with the job. Safe while the previous version runs: it undoes no such job.

alter table sluice.kept_rows
  -- Name of the table in schema sluice. Null: the job has written over nothing, or they are kept no longer.
  add column former text;
create index kept_rows_with_former on sluice.kept_rows (job_id) where former is not null;

alter table sluice.undo
  -- Rows of an upsert are restored `before` its new ones are deleted, and what could not be once more `after`.
  add column restore_step text not null default 'before' check (restore_step in ('before', 'deleting', 'after')),
  -- Up to this record of the step all are dealt with.
  add column restore_after bigint not null default 0,
  add column restored bigint not null default 0 check (restored >= 0);

create function sluice.drop_former() returns trigger language plpgsql as $$
begin
  execute format('drop table if exists sluice.%I', old.former);
  return null;
end $$;

create trigger former_goes_with_its_note after delete on sluice.kept_rows
  for each row when (old.former is not null) execute function sluice.drop_former();
create trigger former_is_given_up after update of former on sluice.kept_rows
  for each row when (old.former is not null and new.former is null) execute function sluice.drop_former();
