-- Which folder of files a runner reads from, as the id that the folder holds: services with different folders on one
-- database would fail each other's jobs, so the second one is refused. Null: a runner of an older version.
alter table sluice.runner add column files_folder text;
