-- Webhooks, and the outbox of what is to be sent to them.
-- Why a trigger: what is to be sent is written in the transaction that changes the job, whoever does that, so that nothing that
-- happened is left out and nothing that did not happen is sent. Why no foreign keys: a job must never wait for somebody who
-- deletes a webhook, nor fail because of it. Sending is done elsewhere, and no job waits for it.

create table sluice.webhook (
  id text primary key check (id ~ '^webhook_[0-7][0-9a-hjkmnp-tv-z]{25}$'),
  url text not null,
  types text[] not null check (cardinality(types) > 0),
  -- Signs what is sent, so it has to be known here.
  secret text not null,
  created_by text not null,
  created_at timestamptz not null default clock_timestamp(),
  -- The receiver has said that it will never take anything again (410).
  gone_at timestamptz
);

create table sluice.webhook_delivery (
  -- The receiver knows a repeated message by it.
  id text primary key default 'delivery_' || replace(gen_random_uuid()::text, '-', ''),
  webhook_id text not null,
  event_id bigint not null,
  job_id text not null,
  type text not null,
  happened_at timestamptz not null,
  state text not null default 'waiting' check (state in ('waiting', 'delivered', 'failed')),
  attempts integer not null default 0 check (attempts >= 0),
  -- Also how long an attempt is left alone, when the process that makes it dies.
  next_attempt_at timestamptz not null default clock_timestamp(),
  attempted_at timestamptz,
  -- Of the last attempt: the answer, or why there was none.
  status integer,
  error text,
  unique (webhook_id, event_id)
);
create index webhook_delivery_waiting on sluice.webhook_delivery (webhook_id, next_attempt_at) where state = 'waiting';

create function sluice.feed_webhooks() returns trigger language plpgsql as $$
declare
  v_word text := substr(new.type, 5);
begin
  if new.type = 'job.running' then
    -- It runs again after each pause and each loss of a runner, and has started once.
    if exists (select from sluice.event e where e.job_id = new.job_id and e.type = 'job.running' and e.id < new.id) then
      return null;
    end if;
    v_word := 'started';
  elsif new.type = 'job.queued' then
    -- Without a person it was drained or rescued, which is nobody's business.
    if new.by_actor is null then
      return null;
    end if;
    v_word := 'resumed';
  end if;
  insert into sluice.webhook_delivery (webhook_id, event_id, job_id, type, happened_at)
  select w.id, new.id, new.job_id, 'job.' || v_word, new.at from sluice.webhook w
  where w.gone_at is null and 'job.' || v_word = any (w.types);
  return null;
end $$;

create trigger feed_webhooks after insert on sluice.event for each row
  when (new.type in ('job.running', 'job.queued', 'job.paused', 'job.stopped', 'job.succeeded', 'job.failed', 'job.undone'))
  execute function sluice.feed_webhooks();
