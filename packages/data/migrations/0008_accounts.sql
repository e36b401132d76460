-- What a management API needs to know of people, memberships and projects (M190), and its sessions (M193). PostHog's names and types;
-- the defaults are ours.

alter table posthog_user
  add uuid uuid not null unique default gen_random_uuid(),
  add distinct_id varchar(200) unique default replace(gen_random_uuid()::text || gen_random_uuid()::text, '-', ''),
  add first_name varchar(150) not null default '',
  add last_name varchar(150) not null default '',
  add password varchar(128) not null default '',
  add is_email_verified boolean default false,
  add is_staff boolean not null default false,
  add date_joined timestamptz not null default now(),
  add last_login timestamptz,
  add current_team_id integer references posthog_team (id) on delete set null;

alter table posthog_organizationmembership
  add level smallint not null default 1,
  add joined_at timestamptz not null default now(),
  add updated_at timestamptz not null default now();

-- Equal names need different slugs; whoever makes an organization and knows better says so.
alter table posthog_organization
  add slug varchar(48) not null unique default 'organization-' || replace(gen_random_uuid()::text, '-', '');

alter table posthog_team add app_urls varchar(200)[] not null default '{}';

-- Project and team are one, under one number (M2): from here on both draw it from one sequence, beyond all that there are.
select setval(pg_get_serial_sequence('posthog_project', 'id'),
  greatest((select coalesce(max(id), 0) from posthog_project), (select coalesce(max(id), 0) from posthog_team)) + 1, false);
alter table posthog_team alter id drop identity;
alter table posthog_team alter id set default nextval('posthog_project_id_seq');

-- A signed-in browser. The cookie's own text is nowhere.
create table halyard_session (
  digest text primary key,
  user_id integer not null references posthog_user (id) on delete cascade,
  created_at timestamptz not null default now(),
  last_seen_at timestamptz not null default now(),
  confirmed_at timestamptz not null default now(),
  expires_at timestamptz not null
);
create index halyard_session_user_idx on halyard_session (user_id);
create index halyard_session_expiry_idx on halyard_session (expires_at);
