-- How often flags are asked for, and what came out (M183, M193).
create table halyard_flag_traffic (
  team_id integer not null references posthog_team (id) on delete cascade,
  flag_id integer not null references posthog_featureflag (id) on delete cascade,
  hour timestamptz not null,
  value varchar(400) not null,
  count bigint not null,
  primary key (team_id, flag_id, hour, value)
);
create index halyard_flag_traffic_hour_idx on halyard_flag_traffic (hour);
create index halyard_flag_traffic_flag_idx on halyard_flag_traffic (flag_id);

-- That a flag was called changes nothing that anybody evaluates with: no notice for it.
drop trigger halyard_definitions on posthog_featureflag;
create trigger halyard_definitions after insert or delete on posthog_featureflag
  for each row execute function halyard_announce_team_row();
create trigger halyard_definitions_changed after update on posthog_featureflag for each row
  when ((to_jsonb(old) - 'last_called_at') is distinct from (to_jsonb(new) - 'last_called_at'))
  execute function halyard_announce_team_row();
