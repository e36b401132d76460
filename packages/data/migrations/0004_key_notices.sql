-- A key that is made, revoked or restricted is announced like a change of definitions: a project's own key by the team id, and
-- whatever decides about personal keys by the word `keys`. That a key was used is no change. No trigger names columns: those could not
-- change their types any more.

create function halyard_announce_project_key() returns trigger language plpgsql as $$
begin
  if tg_op = 'UPDATE' and to_jsonb(old) - 'last_used_at' = to_jsonb(new) - 'last_used_at' then
    return null;
  end if;
  if tg_op <> 'INSERT' then
    perform pg_notify('halyard_definitions', old.team_id::text);
  end if;
  if tg_op <> 'DELETE' then
    perform pg_notify('halyard_definitions', new.team_id::text);
  end if;
  return null;
end $$;

create function halyard_announce_personal_key() returns trigger language plpgsql as $$
begin
  if tg_op <> 'UPDATE' or to_jsonb(old) - 'last_used_at' <> to_jsonb(new) - 'last_used_at' then
    perform pg_notify('halyard_definitions', 'keys');
  end if;
  return null;
end $$;

create function halyard_announce_owner() returns trigger language plpgsql as $$
begin
  if tg_op <> 'UPDATE' or old.is_active is distinct from new.is_active then
    perform pg_notify('halyard_definitions', 'keys');
  end if;
  return null;
end $$;

create function halyard_announce_membership() returns trigger language plpgsql as $$
begin
  perform pg_notify('halyard_definitions', 'keys');
  return null;
end $$;

create trigger halyard_definitions after insert or update or delete on posthog_projectsecretapikey
  for each row execute function halyard_announce_project_key();
create trigger halyard_definitions after insert or update or delete on posthog_personalapikey
  for each row execute function halyard_announce_personal_key();
create trigger halyard_definitions after update or delete on posthog_user
  for each row execute function halyard_announce_owner();
create trigger halyard_definitions after insert or update or delete on posthog_organizationmembership
  for each statement execute function halyard_announce_membership();
