-- A dry run makes no table, so it keeps no other job from making it. A version before does not know dry runs and has none.
drop index sluice.one_creator_of_a_table;
create unique index one_creator_of_a_table on sluice.job (target_schema, target_table)
  where mode = 'create' and state in ('queued', 'running', 'pausing', 'paused', 'stopping')
    and (request ->> 'dryRun') is distinct from 'true';
