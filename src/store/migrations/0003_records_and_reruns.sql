-- The first line of each part, which rejections came with publishing, and the job that a job was made from.
-- Why: the records of a job are read again by outcome, beginning at any part while others are still being read, and
-- each says on which line it is. That of a part's first record was only known until its first chunk.
-- Publishing rejects records that checkpoints have passed long ago: who began to read before it leaves these out, so
-- that all it reads is of one moment. A rerun says which
-- job it repeats. Safe while the previous version runs: it names none of the columns, the trigger fills the first and the second has a default.

alter table sluice.part add column first_line bigint check (first_line >= 1);

-- A part that has begun starts where the one before it ends; while that is not read to its end, its line is not known
-- any more and the checkpoint's stands for it. No released version has such parts.
update sluice.part p set first_line = case
  when p.next_byte = p.first_byte then p.next_line
  when p.part_no <= 1 then coalesce((select (j.plan #>> '{start,line}')::bigint from sluice.job j where j.id = p.job_id), 1)
  else coalesce((select b.next_line from sluice.part b
    where b.job_id = p.job_id and b.part_no = p.part_no - 1 and b.next_byte = b.end_byte), p.next_line)
  end;

create function sluice.part_begins() returns trigger language plpgsql as $$
begin
  new.first_line := coalesce(new.first_line, new.next_line);
  return new;
end $$;

create trigger part_begins before insert on sluice.part
  for each row execute function sluice.part_begins();

alter table sluice.part alter column first_line set not null;

alter table sluice.rejection add column at_publishing boolean not null default false;

-- No foreign key: what a job was made from stays true when that job is forgotten.
alter table sluice.job add column parent_id text check (parent_id ~ '^job_[0-7][0-9a-hjkmnp-tv-z]{25}$');
create index job_by_parent on sluice.job (parent_id) where parent_id is not null;
