-- Direct delivery: chunks are written into the target itself, and a stop takes the rows out again.
-- Why: a row says by its xmin which transaction wrote it, and whoever changes it makes a version with another. So the
-- transactions of a job's chunks are a ledger of its rows that costs nothing to keep, and what somebody changed since is
-- never taken for the job's. Safe while the previous version runs: the default fills the column, and such a version has
-- no direct jobs. An older version that stopped one would leave its rows; it has no way to make one either.

alter table sluice.chunk add column xid xid8;
alter table sluice.chunk alter column xid set default pg_current_xact_id();

-- What becomes of the rows that a stop finds in the target. Null: they are undone.
alter table sluice.job_signal add column rows text check (rows in ('undo', 'keep'));

-- How far the undoing of a direct job has come: from the end of the target towards its beginning.
create table sluice.undo (
  job_id text primary key references sluice.job (id) on delete cascade,
  -- The blocks from here on are done.
  next_block bigint not null check (next_block >= 0),
  removed bigint not null default 0 check (removed >= 0),
  moved_at timestamptz not null default clock_timestamp()
);
