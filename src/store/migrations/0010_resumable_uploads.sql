-- Uploads that are sent in pieces.
-- Why: a browser that lost its connection, or its page, goes on where it was. How much is durable is a row, so that what a
-- sender is told is what is there after any crash. The file gets its row when the last byte is durable.
-- Safe while the previous version runs: a table that it does not know.

create table sluice.upload (
  -- The id that its file gets.
  id text primary key check (id ~ '^file_[0-7][0-9a-hjkmnp-tv-z]{25}$'),
  name text not null check (name <> ''),
  metadata jsonb not null,
  -- Null while the sender has not said.
  bytes_total bigint check (bytes_total >= 0),
  -- Durable, from the first on.
  bytes bigint not null default 0 check (bytes >= 0 and (bytes_total is null or bytes <= bytes_total)),
  -- The worker that takes a piece of it; null when none does.
  receiver text,
  seen_at timestamptz not null default clock_timestamp(),
  -- Its file has a row.
  finished_at timestamptz,
  -- Given up; the bytes are removed next, then the row.
  ended_at timestamptz,
  check (finished_at is null or bytes = bytes_total)
);
