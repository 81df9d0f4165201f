-- Files that still arrive, and jobs that read them meanwhile.
-- Why: an import need not wait for the end of its upload. The row of a file exists from its first byte on and says who
-- receives it, how much is durable and when the receiver was seen last; it has no digest before the file is whole. A
-- search for parts that has used up what is there says how much it waits for, so that nobody looks in vain.
-- Safe while the previous version runs: its files have a digest from the start. A runner of it that takes a part of a
-- job whose file arrives fails that job with source_changed.

alter table sluice.file
  alter column sha256 drop not null,
  add column version text,
  -- The worker that receives it; null when it is whole, or broke off.
  add column receiver text,
  add column receiver_seen_at timestamptz,
  add column bytes_announced bigint check (bytes_announced >= 0),
  add constraint file_is_whole_or_arrives check (sha256 is not null or receiver is not null or removed_at is not null);

create index file_by_receiver on sluice.file (receiver) where receiver is not null;

-- Only of part 0: how many bytes have to be there before the search goes on.
alter table sluice.part add column waits_for_byte bigint;

-- Whether a job has nothing to do before more of its file is there: no part to read, and a search that nobody is at and
-- that waits for more than has come. Such a job takes no place among those that run, and nobody looks for its parts.
create function sluice.waits_for_bytes(p_job text, p_file text) returns boolean language sql stable as $$
  select exists (
      select from sluice.part s join sluice.file f on f.id = p_file
      where s.job_id = p_job and s.part_no = 0 and s.runner_id is null and s.waits_for_byte > f.bytes
        and f.receiver is not null)
    and not exists (
      select from sluice.part p where p.job_id = p_job and p.part_no > 0 and p.next_byte < p.end_byte)
$$;
