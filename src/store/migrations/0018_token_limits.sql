-- Tokens end, and may show one job alone: a link that is given to somebody shows that job until then, and nothing else.
-- Why not in the token itself: what is in a row can be revoked, and a job that is deleted takes its tokens along.

alter table sluice.access_token
  add column expires_at timestamptz,
  add column job_id text references sluice.job (id) on delete cascade,
  add column created_by text not null default 'the service',
  add constraint a_job_is_only_shown check (job_id is null or scope = 'read');

create index access_token_by_job on sluice.access_token (job_id) where job_id is not null;
