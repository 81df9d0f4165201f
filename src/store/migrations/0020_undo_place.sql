-- Where an undo is, for imports that have ended too: by the table's oid, through its partitions, at a pace that follows
-- how long deleting takes, and with what the table refuses to delete.
-- Safe while the previous version runs: an undo that it has begun has no table here, and is gone on with by its name; one
-- that is begun here the previous version would go on with by the name of the table as well, and finds the same rows.
alter table sluice.undo
  add column relation oid,
  -- The table whose blocks are gone through: `relation`, or one of its partitions. Null: all are gone through.
  add column leaf oid,
  -- The file of `leaf` when the place was noted: in another file rows are at other places.
  add column file_node oid,
  -- How many blocks are gone through at once: as many as take a fraction of a second.
  add column blocks integer not null default 64 check (blocks > 0),
  -- How often it was tried to drop the table that the job has made.
  add column drop_tries integer not null default 0 check (drop_tries >= 0),
  -- Rows that stay because deleting them is refused, and why: rows by reason.
  add column failed bigint not null default 0 check (failed >= 0),
  add column reasons jsonb not null default '{}';
