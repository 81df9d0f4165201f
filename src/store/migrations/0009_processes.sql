-- Processes: jobs that run user code over the records of a file, one part each. The job row has a file and no target.
-- Why batches are rows: what user code does outside the database cannot be rolled back, so that it was started with a
-- batch has to be known before it is, and the key that makes its effects findable must be the same in every attempt. A
-- batch is undone when it was begun, whether or not it was committed.
-- A version that does not know processes neither shows such jobs nor can run them: it fails those that it claims, and
-- they go on when they are resumed under this one.
alter table sluice.job add constraint process_has_file check (kind <> 'process' or file_id is not null);

-- Where in its segment the lines of a chunk are, and how many there are. Only of processes with a result.
alter table sluice.chunk
  add column segment_from bigint check (segment_from >= 0),
  add column segment_to bigint check (segment_to >= segment_from),
  add column output_rows bigint check (output_rows >= 0);

create table sluice.batch (
  -- Grows in the order in which batches were begun: undoing goes from the newest to the oldest.
  id bigint generated always as identity primary key,
  job_id text not null references sluice.job (id) on delete cascade,
  from_byte bigint not null check (from_byte >= 0),
  to_byte bigint not null,
  first_record bigint not null check (first_record >= 1),
  last_record bigint not null,
  first_line bigint not null check (first_line >= 1),
  next_line bigint not null,
  state text not null default 'begun' check (state in ('begun', 'committed', 'undone', 'undo_failed')),
  -- It kept failing, and its halves, batches of their own, took its place.
  is_split boolean not null default false,
  -- Who works on it now: nobody else begins anything of the job while that runner is alive.
  runner_id text references sluice.runner (id) on delete set null,
  records_rejected bigint not null default 0 check (records_rejected >= 0),
  records_undone bigint not null default 0 check (records_undone >= 0),
  records_kept bigint not null default 0 check (records_kept >= 0),
  -- What `run` returned for `undo`, as JSON.
  result text,
  -- Why undoing it failed.
  message text,
  begun_at timestamptz not null default clock_timestamp(),
  committed_at timestamptz,
  unique (job_id, first_record, last_record),
  check (from_byte < to_byte and first_record <= last_record),
  check (state <> 'committed' or committed_at is not null)
);
create index batch_to_undo on sluice.batch (job_id, id) where state in ('begun', 'committed');
create index batch_in_hand on sluice.batch (runner_id) where runner_id is not null;

create table sluice.process_log (
  id bigint generated always as identity primary key,
  job_id text not null references sluice.job (id) on delete cascade,
  at timestamptz not null,
  message text not null,
  fields jsonb
);
create index process_log_by_job on sluice.process_log (job_id, id);

-- Whether a runner that is alive works on a batch of the job. User code that goes on after its runner was told to stop
-- has some seconds to end: until then neither the same batch nor an undo is begun.
create function sluice.has_batch_in_hand(p_job text, p_lease double precision) returns boolean language sql stable as $$
  select exists (
    select from sluice.batch b join sluice.runner r on r.id = b.runner_id
    where b.job_id = p_job and r.seen_at > clock_timestamp() - make_interval(secs => p_lease))
$$;

-- Notes a batch before user code gets it. Raises as `chunk_gate` does: SL001 when a person asked for something else.
create function sluice.process_begin(
  p_job text, p_epoch integer, p_runner text, p_from bigint, p_to bigint, p_first_record bigint, p_last_record bigint,
  p_first_line bigint, p_next_line bigint
) returns void language plpgsql as $$
declare
  v_wish text;
  v_epoch integer;
  v_state text;
begin
  select s.wish into v_wish from sluice.job_signal s where s.job_id = p_job;
  if v_wish is distinct from 'run' then
    raise exception 'signal %', v_wish using errcode = 'SL001';
  end if;
  select j.wish, j.epoch, j.state into v_wish, v_epoch, v_state from sluice.job j where j.id = p_job for share;
  if v_epoch is distinct from p_epoch then
    raise exception 'epoch % is over, it is %', p_epoch, v_epoch using errcode = 'SL002';
  end if;
  if v_wish <> 'run' or v_state <> 'running' then
    raise exception 'wish %, state %', v_wish, v_state using errcode = 'SL001';
  end if;
  perform from sluice.part where job_id = p_job and part_no = 1 and next_byte = p_from and runner_id = p_runner;
  if not found then
    raise exception 'the part is not at byte % with runner %', p_from, p_runner using errcode = 'SL003';
  end if;
  insert into sluice.batch as b (job_id, from_byte, to_byte, first_record, last_record, first_line, next_line, runner_id)
  values (p_job, p_from, p_to, p_first_record, p_last_record, p_first_line, p_next_line, p_runner)
  on conflict (job_id, first_record, last_record) do update set runner_id = excluded.runner_id
    where b.state = 'begun' and b.from_byte = excluded.from_byte and b.to_byte = excluded.to_byte;
  if not found then
    raise exception 'batch %-% is not to be run', p_first_record, p_last_record using errcode = 'SL003';
  end if;
end $$;

-- Closes the transaction in which user code ran. A batch that was begun before a pause may still end, so `pausing` is
-- let pass and the signal is not asked; after a stop the epoch is another.
create function sluice.process_gate(
  p_job text, p_epoch integer, p_from bigint, p_to bigint, p_first_record bigint, p_next_record bigint,
  p_next_line bigint, p_read bigint, p_rejected bigint, p_segment text, p_segment_from bigint, p_segment_to bigint,
  p_output_rows bigint
) returns void language plpgsql as $$
declare
  v_epoch integer;
  v_state text;
begin
  select j.epoch, j.state into v_epoch, v_state from sluice.job j where j.id = p_job for share;
  if v_epoch is distinct from p_epoch then
    raise exception 'epoch % is over, it is %', p_epoch, v_epoch using errcode = 'SL002';
  end if;
  if v_state not in ('running', 'pausing') then
    raise exception 'state %', v_state using errcode = 'SL001';
  end if;
  update sluice.part set
    next_byte = p_to, next_record = p_next_record, next_line = p_next_line, records_read = records_read + p_read,
    records_written = records_written + p_read - p_rejected, records_rejected = records_rejected + p_rejected,
    checkpoint_at = clock_timestamp()
  where job_id = p_job and part_no = 1 and next_byte = p_from;
  if not found then
    raise exception 'the part is not at byte %', p_from using errcode = 'SL003';
  end if;
  insert into sluice.chunk (job_id, part_no, from_byte, to_byte, epoch, records_read, records_written,
    records_rejected, records_filtered, segment, segment_from, segment_to, output_rows)
  values (p_job, 1, p_from, p_to, p_epoch, p_read, p_read - p_rejected, p_rejected, 0, p_segment, p_segment_from,
    p_segment_to, p_output_rows);
  if p_read = 0 then
    return;
  end if;
  update sluice.batch set state = 'committed', committed_at = clock_timestamp(), runner_id = null,
    records_rejected = p_rejected
  where job_id = p_job and first_record = p_first_record and last_record = p_next_record - 1 and state = 'begun';
  if not found then
    raise exception 'batch %-% was not begun', p_first_record, p_next_record - 1 using errcode = 'SL003';
  end if;
end $$;

-- Whether what a job did may be undone at this epoch: raises as the gates do.
create function sluice.undo_check(p_job text, p_epoch integer) returns void language plpgsql as $$
declare
  v_epoch integer;
  v_state text;
  v_phase text;
begin
  select j.epoch, j.state, j.phase into v_epoch, v_state, v_phase from sluice.job j where j.id = p_job for share;
  if v_epoch is distinct from p_epoch then
    raise exception 'epoch % is over, it is %', p_epoch, v_epoch using errcode = 'SL002';
  end if;
  if v_state not in ('stopping', 'undoing') or v_phase is distinct from 'undoing' then
    raise exception 'state %', v_state using errcode = 'SL001';
  end if;
end $$;

create function sluice.process_undo_begin(p_job text, p_epoch integer, p_runner text, p_batch bigint)
returns void language plpgsql as $$
begin
  perform sluice.undo_check(p_job, p_epoch);
  perform from sluice.part where job_id = p_job and part_no = 1 and runner_id = p_runner;
  if not found then
    raise exception 'the part is not with runner %', p_runner using errcode = 'SL003';
  end if;
  update sluice.batch set runner_id = p_runner
  where id = p_batch and job_id = p_job and state in ('begun', 'committed');
  if not found then
    raise exception 'batch % is not to be undone', p_batch using errcode = 'SL003';
  end if;
end $$;

-- Closes the transaction in which `undo` ran, or notes that it failed.
create function sluice.process_undo_gate(
  p_job text, p_epoch integer, p_batch bigint, p_state text, p_undone bigint, p_kept bigint, p_message text
) returns void language plpgsql as $$
begin
  perform sluice.undo_check(p_job, p_epoch);
  update sluice.batch set state = p_state, records_undone = p_undone, records_kept = p_kept, message = p_message,
    runner_id = null
  where id = p_batch and job_id = p_job and state in ('begun', 'committed');
  if not found then
    raise exception 'batch % is not to be undone', p_batch using errcode = 'SL003';
  end if;
end $$;
