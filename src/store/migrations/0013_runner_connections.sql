-- Which connection a runner works by, so that the server can be asked what a job waits for.
-- Why a column: what waits for a lock tells its process id and not its job.
-- Safe while the previous version runs: its runners leave it null, and of them nothing is told.
alter table sluice.runner
  -- Of the backend of the part that the runner took last; null before its first.
  add column backend_pid integer;
