-- Imports that have ended with their rows kept can be undone: which table the rows are in, and who wrote them.
-- Why: a row says by its xmin which transaction wrote it. Rows of a new table and of direct delivery carry the number of
-- their chunk's, which the ledger has. Rows of `append` are written by the publishing, under savepoints, and those have
-- numbers of their own, which nobody would know afterwards. The table is known by its oid: one that somebody has put in
-- the place of the first is another. Safe while the previous version runs: what that ends has no row here, and is not
-- undone after its end.

create table sluice.kept_rows (
  job_id text primary key references sluice.job (id) on delete cascade,
  relation oid not null,
  -- The file of the table then. With another one the table was emptied or written anew. Null: it has partitions.
  file_node oid,
  -- Whether the job has made the table, so that undoing may drop it.
  is_made boolean not null,
  -- Whether rows carry numbers of `row_writer` and not of the ledger.
  has_writers boolean not null,
  -- Of the transaction that ended the job: none of its rows has a later one.
  last_xid xid8 not null default pg_current_xact_id()
);

-- The (sub)transactions in which rows of a job were written to its target.
create table sluice.row_writer (
  id bigint generated always as identity primary key,
  job_id text not null references sluice.job (id) on delete cascade,
  xid xid8 not null
);
create index row_writer_by_job on sluice.row_writer (job_id);

-- Notes under which number rows are written now: within a savepoint it is not that of the transaction. The row that is
-- inserted here carries it as the rows of the target do. A savepoint has a higher number than its transaction.
create function sluice.note_writer(p_job text) returns void language plpgsql as $$
declare
  v_top numeric := pg_current_xact_id()::text::numeric;
  v_id bigint;
begin
  insert into sluice.row_writer (job_id, xid) values (p_job, pg_current_xact_id()) returning id into v_id;
  update sluice.row_writer w
    set xid = (v_top + ((w.xmin::text::numeric - v_top) % 4294967296 + 4294967296) % 4294967296)::text::xid8
    where w.id = v_id;
end $$;
