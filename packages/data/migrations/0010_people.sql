-- What is kept of events of SDKs beside the persons and groups that they change (I204). It lies in the persons database.

-- Events that were applied, by which a repeat is recognised (I150). Kept for two days, in the order of arrival.
create table halyard_ingested_event (
  team_id integer not null,
  uuid uuid not null,
  seen_at timestamptz not null default now(),
  primary key (team_id, uuid)
);
create index halyard_ingested_event_seen_idx on halyard_ingested_event using brin (seen_at);

-- What SDKs report of flags that they asked for (I110). A count is of exposures, not of evaluations (I112).
create table halyard_flag_calls (
  team_id integer not null,
  day date not null,
  flag_key varchar(400) not null,
  value varchar(400) not null,
  calls bigint not null,
  errors bigint not null,
  last_called_at timestamptz not null,
  people bytea,
  primary key (team_id, day, flag_key, value)
);

-- An update touches no indexed column and stays in its page, where there is room.
alter table posthog_person set (fillfactor = 80);
alter table posthog_group set (fillfactor = 80);
