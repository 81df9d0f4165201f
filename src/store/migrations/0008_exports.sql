-- Exports: jobs without a source file, whose parts are ranges of a key. A part's bytes count what its rows became in the
-- result, so that ledger, compare-and-set and "done when next_byte = end_byte" are the same for every kind; until a part
-- is done nobody knows its end, and end_byte is the largest number that JavaScript counts to.
-- A version that does not know exports neither shows such jobs nor can run them: it fails those that it claims, and they
-- go on when they are resumed under this one.
alter table sluice.job
  alter column file_id drop not null,
  alter column target_schema drop not null,
  alter column target_table drop not null,
  alter column mode drop not null,
  add constraint import_has_file_and_target check (kind <> 'import' or
    (file_id is not null and target_schema is not null and target_table is not null and mode is not null));

alter table sluice.part
  add column after_key text[],
  add column up_to_key text[],
  -- The checkpoint between rows, beside that between bytes; null before the first.
  add column last_key text[];

-- Which file of a part the bytes are in: each runner that takes a part writes to a file of its own.
alter table sluice.chunk add column segment text;

-- The gate of an export's chunk: refuses as `chunk_gate` does, and moves bytes and key together.
create function sluice.export_gate(
  p_job text, p_part integer, p_epoch integer, p_from bigint, p_to bigint, p_before text[], p_after text[],
  p_rows bigint, p_segment text, p_is_last boolean
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
  update sluice.part set
    next_byte = p_to, end_byte = case when p_is_last then p_to else end_byte end, last_key = p_after,
    next_record = next_record + p_rows, records_read = records_read + p_rows,
    records_written = records_written + p_rows, checkpoint_at = clock_timestamp()
  where job_id = p_job and part_no = p_part and next_byte = p_from and last_key is not distinct from p_before
    and next_byte < end_byte;
  if not found then
    raise exception 'part % is not at byte %', p_part, p_from using errcode = 'SL003';
  end if;
  if p_to > p_from then
    insert into sluice.chunk (job_id, part_no, from_byte, to_byte, epoch, records_read, records_written,
      records_rejected, records_filtered, segment)
    values (p_job, p_part, p_from, p_to, p_epoch, p_rows, p_rows, 0, 0, p_segment);
  end if;
end $$;
