-- What a person may change of a job while it runs: its speed and its name.
-- Why beside the wish: chunks hold the job row `for share`, and a change must neither wait for them nor hold them up.
-- Safe while the previous version runs: its runners know no limit, and it shows the first name.
alter table sluice.job_signal
  -- Null: full speed.
  add column max_records_per_second integer
    check (max_records_per_second >= 1 and max_records_per_second <= 10000000),
  -- Null: as the job row has it.
  add column new_name text check (new_name <> ''),
  -- Counts these changes: with the version of the job row it says what a reader has seen.
  add column changes integer not null default 0;
