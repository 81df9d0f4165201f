-- Sample jobs, which run in a worker that their service keeps for them alone, so that a person may kill it.
-- Why a column: other lanes have to leave such a job alone in the statement that claims. They do so only while its keeper is
-- seen: the sample of a service that never comes back is a job as any other, and holds up nobody.
-- Safe while the previous version runs: its lanes take a sample as any job.
alter table sluice.job
  -- The worker that the keeping service is; null: the job is no sample.
  add column sample_keeper text;

-- Whether a job is left to the worker that its keeper has started for it.
create function sluice.is_kept(p_keeper text, p_lease_seconds double precision) returns boolean language sql stable as $$
  select p_keeper is not null and exists (
    select from sluice.runner r where r.worker = p_keeper
      and r.seen_at > clock_timestamp() - make_interval(secs => p_lease_seconds))
$$;
