-- Jobs, their parts, chunks and rejections, and the two functions of the chunk transaction.
-- Why: one truth. State, wish, epoch, checkpoint and counters are rows here; no process, message or file name
-- holds any of them. The constraints repeat the invariants, so that a defect fails a transaction and not a book.

-- Written by the migrator from the table of states in the code.
create table sluice.job_state (
  name text primary key,
  meaning text not null
);

create table sluice.job_edge (
  from_state text not null references sluice.job_state (name),
  to_state text not null references sluice.job_state (name),
  meaning text not null,
  primary key (from_state, to_state)
);

create table sluice.file (
  id text primary key check (id ~ '^file_[0-7][0-9a-hjkmnp-tv-z]{25}$'),
  name text not null check (name <> ''),
  bytes bigint not null check (bytes >= 0),
  sha256 text not null check (sha256 ~ '^[0-9a-f]{64}$'),
  created_at timestamptz not null default clock_timestamp(),
  -- The bytes are gone; jobs that used them keep name and fingerprint.
  removed_at timestamptz
);

-- One row a job. Nothing updates it inside a chunk: chunks hold it `for share`, and that lock is the barrier.
create table sluice.job (
  id text primary key check (id ~ '^job_[0-7][0-9a-hjkmnp-tv-z]{25}$'),
  kind text not null check (kind in ('import', 'export', 'process')),
  door text not null check (door in ('api', 'flat')),
  name text not null,
  state text not null references sluice.job_state (name),
  phase text check (phase in ('reading', 'publishing', 'undoing')),
  wish text not null check (wish in ('run', 'pause', 'stop')),
  epoch integer not null default 1 check (epoch >= 1),
  version integer not null default 1,
  file_id text not null references sluice.file (id),
  target_schema text not null,
  target_table text not null,
  mode text not null check (mode in ('create', 'append', 'upsert', 'replace')),
  staging text,
  request jsonb not null,
  plan jsonb not null,
  max_rejected bigint check (max_rejected >= 0),
  pause_after bigint check (pause_after > 0),
  rescues integer not null default 0 check (rescues >= 0),
  rescued_at_record bigint not null default 0,
  failure jsonb,
  result jsonb,
  idempotency_key text unique,
  created_by text not null,
  created_at timestamptz not null default clock_timestamp(),
  started_at timestamptz,
  ended_at timestamptz,
  state_at timestamptz not null default clock_timestamp(),
  running_ms bigint not null default 0 check (running_ms >= 0),
  paused_ms bigint not null default 0 check (paused_ms >= 0),
  constraint failed_has_failure check ((state = 'failed') <= (failure is not null)),
  constraint ended_has_end check ((state in ('succeeded', 'stopped', 'undone', 'failed')) = (ended_at is not null)),
  constraint staging_goes_at_the_end check (state not in ('succeeded', 'stopped', 'undone') or staging is null),
  constraint paused_is_wished check (state <> 'paused' or wish = 'pause')
);

-- The flat API knows one active job: two simultaneous creates are decided here.
create unique index one_active_flat_job on sluice.job (door)
  where door = 'flat' and state in ('queued', 'running', 'pausing', 'paused');
-- Two active jobs cannot both be about to create one table.
create unique index one_creator_of_a_table on sluice.job (target_schema, target_table)
  where mode = 'create' and state in ('queued', 'running', 'pausing', 'paused', 'stopping');
create index job_by_state on sluice.job (state) where state not in ('succeeded', 'stopped', 'undone');
create index job_by_file on sluice.job (file_id);

-- What runners read before each chunk. Never locked by chunks, so a request is durable at once even when
-- hundreds of chunks hold the job row.
create table sluice.job_signal (
  job_id text primary key references sluice.job (id) on delete cascade,
  wish text not null check (wish in ('run', 'pause', 'stop', 'hold')),
  by_actor text,
  reason text,
  at timestamptz not null default clock_timestamp()
);

-- A worker is an operating system process, a runner one of its threads. A runner is alive while seen_at is recent.
create table sluice.runner (
  id text primary key,
  worker text not null,
  lane integer not null,
  started_at timestamptz not null default clock_timestamp(),
  seen_at timestamptz not null default clock_timestamp()
);
create index runner_by_worker on sluice.runner (worker);

-- A byte range with its checkpoint. Part 0 is the search for the parts of a large file: it reads no records, and
-- its next_byte is how far the parts are known.
create table sluice.part (
  job_id text not null references sluice.job (id) on delete cascade,
  part_no integer not null check (part_no >= 0),
  first_byte bigint not null check (first_byte >= 0),
  next_byte bigint not null,
  end_byte bigint not null,
  first_record bigint not null check (first_record >= 1),
  next_record bigint not null,
  next_line bigint not null check (next_line >= 1),
  records_read bigint not null default 0,
  records_written bigint not null default 0,
  records_rejected bigint not null default 0,
  records_filtered bigint not null default 0,
  runner_id text references sluice.runner (id) on delete set null,
  checkpoint_at timestamptz,
  primary key (job_id, part_no),
  check (first_byte <= next_byte and next_byte <= end_byte),
  check (records_written >= 0 and records_rejected >= 0 and records_filtered >= 0),
  constraint books_balance check (records_read = records_written + records_rejected + records_filtered),
  constraint records_are_counted check (part_no = 0 or next_record - first_record = records_read)
) with (fillfactor = 70);
create index part_by_runner on sluice.part (runner_id) where runner_id is not null;

-- The ledger: one row for each committed chunk. Without gap or overlap it covers a part.
create table sluice.chunk (
  job_id text not null,
  part_no integer not null,
  from_byte bigint not null,
  to_byte bigint not null,
  epoch integer not null,
  records_read bigint not null,
  records_written bigint not null,
  records_rejected bigint not null,
  records_filtered bigint not null,
  committed_at timestamptz not null default clock_timestamp(),
  primary key (job_id, part_no, from_byte),
  foreign key (job_id, part_no) references sluice.part (job_id, part_no) on delete cascade,
  check (from_byte < to_byte),
  check (records_read = records_written + records_rejected + records_filtered)
);

create table sluice.rejection (
  job_id text not null,
  part_no integer not null,
  record_no bigint not null check (record_no >= 1),
  line_no bigint not null check (line_no >= 1),
  byte_offset bigint not null check (byte_offset >= 0),
  byte_length bigint not null check (byte_length >= 0),
  column_name text,
  value text,
  code text not null,
  message text not null,
  raw bytea not null,
  primary key (job_id, record_no),
  foreign key (job_id, part_no) references sluice.part (job_id, part_no) on delete cascade
);

-- The history of a job. Append only; changes of state are written by the trigger below and cannot be forgotten.
create table sluice.event (
  id bigint generated always as identity primary key,
  job_id text not null references sluice.job (id) on delete cascade,
  type text not null,
  at timestamptz not null default clock_timestamp(),
  by_actor text,
  details jsonb not null default '{}'
);
create index event_by_job on sluice.event (job_id, id);

create table sluice.access_token (
  id text primary key,
  name text not null,
  sha256 text not null unique check (sha256 ~ '^[0-9a-f]{64}$'),
  scope text not null check (scope in ('read', 'operate', 'admin')),
  created_at timestamptz not null default clock_timestamp(),
  revoked_at timestamptz
);

-- Guards every change of a job row: only edges of the table, time accounted to the state that ends, history written.
create function sluice.job_changes() returns trigger language plpgsql as $$
declare
  stretch_ms bigint := extract(epoch from clock_timestamp() - old.state_at) * 1000;
begin
  new.version := old.version + 1;
  if new.state = old.state then
    return new;
  end if;
  if not exists (select from sluice.job_edge e where e.from_state = old.state and e.to_state = new.state) then
    raise exception 'job %: no edge from % to %', old.id, old.state, new.state using errcode = 'SL009';
  end if;
  if old.state in ('running', 'pausing') then
    new.running_ms := old.running_ms + greatest(stretch_ms, 0);
  elsif old.state = 'paused' then
    new.paused_ms := old.paused_ms + greatest(stretch_ms, 0);
  end if;
  new.state_at := clock_timestamp();
  new.ended_at := case when new.state in ('succeeded', 'stopped', 'undone', 'failed') then clock_timestamp() end;
  -- The -ing states of a control request are logged when they are asked for, not when the barrier passes them.
  if new.state not in ('pausing', 'stopping', 'undoing') then
    insert into sluice.event (job_id, type, by_actor, details)
    values (new.id, 'job.' || new.state, nullif(current_setting('sluice.actor', true), ''),
      jsonb_build_object('epoch', new.epoch, 'reason', nullif(current_setting('sluice.reason', true), '')));
  end if;
  return new;
end $$;

create trigger job_changes before update on sluice.job
  for each row execute function sluice.job_changes();

-- Opens the transaction of a chunk. Raises when the chunk must not be written:
--   SL001 a person asked for something else (signal or wish); SL002 the epoch is over; SL003 the part is elsewhere.
-- The signal row is read before any lock is asked for: a runner that must leave never joins the queue of share lockers.
create function sluice.chunk_gate(
  p_job text, p_part integer, p_epoch integer, p_from bigint, p_to bigint, p_next_record bigint, p_next_line bigint,
  p_read bigint, p_written bigint, p_rejected bigint, p_filtered bigint, p_staging text
) returns void language plpgsql as $$
declare
  v_wish text;
  v_epoch integer;
begin
  select s.wish into v_wish from sluice.job_signal s where s.job_id = p_job;
  if v_wish is distinct from 'run' then
    raise exception 'signal %', v_wish using errcode = 'SL001';
  end if;
  select j.wish, j.epoch into v_wish, v_epoch from sluice.job j where j.id = p_job for share;
  if v_epoch is distinct from p_epoch then
    raise exception 'epoch % is over, it is %', p_epoch, v_epoch using errcode = 'SL002';
  end if;
  if v_wish <> 'run' then
    raise exception 'wish %', v_wish using errcode = 'SL001';
  end if;
  if p_to > p_from then
    update sluice.part set
      next_byte = p_to, next_record = p_next_record, next_line = p_next_line,
      records_read = records_read + p_read, records_written = records_written + p_written,
      records_rejected = records_rejected + p_rejected, records_filtered = records_filtered + p_filtered,
      checkpoint_at = clock_timestamp()
    where job_id = p_job and part_no = p_part and next_byte = p_from;
    if not found then
      raise exception 'part % is not at byte %', p_part, p_from using errcode = 'SL003';
    end if;
    if p_part > 0 then
      insert into sluice.chunk (job_id, part_no, from_byte, to_byte, epoch, records_read, records_written,
        records_rejected, records_filtered)
      values (p_job, p_part, p_from, p_to, p_epoch, p_read, p_written, p_rejected, p_filtered);
    end if;
  end if;
  -- Looked up only now: after a stop the table is gone, and the gate has said so above.
  perform set_config('sluice.inserted_before',
    coalesce(pg_stat_get_xact_tuples_inserted(p_staging::regclass), 0)::text, true);
end $$;

-- Closes the transaction of a chunk: the rows that COPY wrote must be the rows that the encoder counted.
-- The counter is the backend's own, of this transaction and of earlier ones not reported yet, hence the difference.
create function sluice.chunk_check(p_staging text, p_written bigint) returns void language plpgsql as $$
declare
  inserted bigint := pg_stat_get_xact_tuples_inserted(p_staging::regclass)
    - current_setting('sluice.inserted_before')::bigint;
begin
  if current_setting('track_counts') = 'on' and inserted <> p_written then
    raise exception 'COPY wrote % rows, the encoder counted %', inserted, p_written using errcode = 'SL004';
  end if;
end $$;
