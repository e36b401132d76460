-- How often somebody tried to sign in, and keys of a project asked: all processes count together (M17, M185). Unlogged, for it is written
-- often, and after a crash counting may begin anew.
create unlogged table halyard_rate_count (
  name text primary key,
  count integer not null,
  ends_at timestamptz not null
) with (fillfactor = 50);
create index halyard_rate_count_end_idx on halyard_rate_count (ends_at);
