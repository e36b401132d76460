-- Every change of a project's definitions is announced on the channel halyard_definitions; the payload is the team id.
-- PostgreSQL sends equal notices of one transaction once, so triggers per row cost nothing further.

create function halyard_announce_team() returns trigger language plpgsql as $$
begin
  if tg_op <> 'INSERT' then
    perform pg_notify('halyard_definitions', old.id::text);
  end if;
  if tg_op <> 'DELETE' then
    perform pg_notify('halyard_definitions', new.id::text);
  end if;
  return null;
end $$;

create function halyard_announce_team_row() returns trigger language plpgsql as $$
begin
  if tg_op <> 'INSERT' then
    perform pg_notify('halyard_definitions', old.team_id::text);
  end if;
  if tg_op <> 'DELETE' then
    perform pg_notify('halyard_definitions', new.team_id::text);
  end if;
  return null;
end $$;

-- A link without its flag needs no notice: deleting the flag has announced itself.
create function halyard_announce_flag_context() returns trigger language plpgsql as $$
begin
  perform pg_notify('halyard_definitions', f.team_id::text)
    from posthog_featureflag f
   where f.id in (
     case when tg_op <> 'INSERT' then old.feature_flag_id end,
     case when tg_op <> 'DELETE' then new.feature_flag_id end);
  return null;
end $$;

create trigger halyard_definitions after insert or update or delete on posthog_team
  for each row execute function halyard_announce_team();
create trigger halyard_definitions after insert or update or delete on posthog_featureflag
  for each row execute function halyard_announce_team_row();
create trigger halyard_definitions after insert or update or delete on posthog_cohort
  for each row execute function halyard_announce_team_row();
create trigger halyard_definitions after insert or update or delete on posthog_evaluationcontext
  for each row execute function halyard_announce_team_row();
create trigger halyard_definitions after insert or update or delete on posthog_grouptypemapping
  for each row execute function halyard_announce_team_row();
create trigger halyard_definitions after insert or update or delete on posthog_featureflagevaluationcontext
  for each row execute function halyard_announce_flag_context();
