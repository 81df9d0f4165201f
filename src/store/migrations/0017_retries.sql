-- Corrections of rejected records, and which retry has which record.
-- Why: the rejected records of a job that is over are corrected and imported by another job, its retry, and none of them by
-- two. A row of `retried` is the right of one retry to one record; whether it still has that right follows from the state
-- of the retry, so that nothing has to be done when a retry is undone. It outlives its retry: what was written by a job that is
-- forgotten is written all the same.
-- Safe while the previous version runs: it names none of these tables. A job that it makes is no retry.

create table sluice.correction (
  job_id text not null,
  record_no bigint not null,
  -- A list of texts, null where there is no value. Not jsonb, which has no NUL character.
  fields json not null,
  -- The record as it is written to the file of a retry: UTF-8 in the dialect of the job, without a line end.
  source bytea not null check (length(source) <= 1048576),
  -- Why it does not fit; all null when it does.
  code text,
  column_name text,
  value text,
  message text,
  by_actor text not null,
  at timestamptz not null default clock_timestamp(),
  primary key (job_id, record_no),
  foreign key (job_id, record_no) references sluice.rejection (job_id, record_no) on delete cascade,
  check ((code is null) = (message is null))
);

create table sluice.retry (
  child_id text primary key check (child_id ~ '^job_[0-7][0-9a-hjkmnp-tv-z]{25}$'),
  parent_id text not null references sluice.job (id) on delete cascade,
  -- The corrected file that it was asked for with; null: the corrections that are stored.
  file_id text,
  -- Another retry was given what this one had no right to any more: it is not gone on with.
  is_given_back boolean not null default false
);
create index retry_by_parent on sluice.retry (parent_id);

create table sluice.retried (
  parent_id text not null,
  record_no bigint not null,
  child_id text not null references sluice.retry (child_id) on delete cascade,
  -- Its number in the file of the retry; null where nobody said which record is which.
  child_record bigint check (child_record >= 1),
  primary key (parent_id, record_no)
);
create index retried_by_child on sluice.retried (child_id, child_record);

-- What a retry has a right to: `all` while it may still write, when it has succeeded, when it is forgotten, and when a
-- retry of its own has rows in the target; `none` when nothing of it is in the target; `processed` when it ended on its way and
-- what it had read up to there is in the target, or was run.
create function sluice.retry_holds(p_child text) returns text language sql stable as $$
  select coalesce((
    select case
      when j.state not in ('failed', 'stopped', 'undone') then 'all'
      when exists (
        select from sluice.retry r left join sluice.job c on c.id = r.child_id
        where r.parent_id = j.id and exists (select from sluice.retried d where d.child_id = r.child_id)
          and (c.id is null or c.state not in ('failed', 'stopped', 'undone') or c.result ->> 'rows' = 'kept'))
        then 'all'
      when j.state = 'undone' or j.result ->> 'rows' = 'undone' then 'none'
      when j.state = 'failed' and j.staging is not null then 'none'
      else 'processed'
      end
    from sluice.job j where j.id = p_child), 'all')
$$;

-- Whether a retry has a right to one of its records.
create function sluice.is_held(p_child text, p_child_record bigint) returns boolean language sql stable as $$
  select case sluice.retry_holds(p_child)
    when 'all' then true
    when 'none' then false
    else p_child_record is null or exists (
      select from sluice.part p where p.job_id = p_child and p.part_no > 0
        and p_child_record >= p.first_record and p_child_record < p.next_record)
    end
$$;

-- How many records a retry has a right to.
create function sluice.count_held(p_child text) returns bigint language sql stable as $$
  select case sluice.retry_holds(p_child)
    when 'all' then (select count(*) from sluice.retried d where d.child_id = p_child)
    when 'none' then 0
    else (select count(*) from sluice.retried d where d.child_id = p_child and sluice.is_held(d.child_id, d.child_record))
    end
$$;

-- How many records the retries of a job have written, and theirs.
create function sluice.count_fixed(p_parent text) returns bigint language sql stable as $$
  with recursive retries as (
    select r.child_id from sluice.retry r where r.parent_id = p_parent
    union all
    select r.child_id from sluice.retry r join retries p on r.parent_id = p.child_id)
  select coalesce(sum(p.records_written), 0)::bigint
  from retries r join sluice.job j on j.id = r.child_id
  join sluice.part p on p.job_id = j.id and p.part_no > 0
  where j.state = 'succeeded' or (j.state = 'stopped' and j.result ->> 'rows' = 'kept')
$$;
