-- A key that is made, revoked or restricted is announced like a change of definitions: a project's own key by the team id, and
-- whatever decides about personal keys by the word `keys`. That a key was used is no change.

create trigger halyard_definitions
  after insert or delete or update of team_id, secure_value, scopes on posthog_projectsecretapikey
  for each row execute function halyard_announce_team_row();

create function halyard_announce_keys() returns trigger language plpgsql as $$
begin
  perform pg_notify('halyard_definitions', 'keys');
  return null;
end $$;

create trigger halyard_keys
  after insert or delete or update of user_id, secure_value, scopes, scoped_teams, scoped_organizations
  on posthog_personalapikey for each statement execute function halyard_announce_keys();
create trigger halyard_keys after delete or update of is_active on posthog_user
  for each statement execute function halyard_announce_keys();
create trigger halyard_keys after insert or delete or update on posthog_organizationmembership
  for each statement execute function halyard_announce_keys();
