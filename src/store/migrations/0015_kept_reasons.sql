-- Why `undo` of a process left records as they are, so that the receipt can tell it: the log has room for 1,000 lines only.
-- Safe while the previous version runs: its undone batches tell no reasons.
alter table sluice.batch
  -- A list of {"reason", "records", "firstRecord"}; null: nothing was kept.
  add column kept_reasons jsonb;
