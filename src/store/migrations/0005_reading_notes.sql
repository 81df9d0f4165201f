-- What reading noticed and kept no record out for, counted with the chunks that were committed. A version that does not
-- know the columns counts nothing.
alter table sluice.part
  add column bare_quotes bigint not null default 0 check (bare_quotes >= 0),
  add column blank_lines bigint not null default 0 check (blank_lines >= 0),
  add column lf_ends bigint not null default 0 check (lf_ends >= 0),
  add column crlf_ends bigint not null default 0 check (crlf_ends >= 0),
  add column cr_ends bigint not null default 0 check (cr_ends >= 0);
