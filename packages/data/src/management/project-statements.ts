import type { Statement } from '../statements/statement.ts';

/** Columns of a project that people set (M147, M148), each with its type. Nothing but these names is ever written into a statement. */
export const projectColumns = {
  name: 'text',
  timezone: 'text',
  autocapture_opt_out: 'boolean',
  autocapture_exceptions_opt_in: 'boolean',
  autocapture_web_vitals_opt_in: 'boolean',
  heatmaps_opt_in: 'boolean',
  surveys_opt_in: 'boolean',
  inject_web_apps: 'boolean',
  capture_performance_opt_in: 'boolean',
  capture_console_log_opt_in: 'boolean',
  capture_dead_clicks: 'boolean',
  session_recording_opt_in: 'boolean',
  app_urls: 'text[]',
  recording_domains: 'text[]',
} as const;

export type ProjectColumn = keyof typeof projectColumns;

/** What to set; members that are absent stay. */
export type ProjectChange = {
  readonly [Column in ProjectColumn]?: string | boolean | readonly string[] | null | undefined;
};

/** Makes a project, with its public token: one row `id`. Project and team have one number (M2). */
export function addProjectStatement(organizationId: string, name: string, timezone: string, token: string): Statement {
  return {
    text: `with project as (
  insert into posthog_project (organization_id, name) values ($1::uuid, $2) returning id
)
insert into posthog_team (id, project_id, organization_id, name, timezone, api_token)
select id, id, $1::uuid, $2, $3, $4 from project returning id::text`,
    values: [organizationId, name, timezone, token],
  };
}

/** Sets what is there of a change, by members of one JSON document. */
export function updateProjectStatement(teamId: number, change: ProjectChange): Statement {
  const set = (Object.keys(projectColumns) as ProjectColumn[])
    .filter((column) => change[column] !== undefined)
    .map((column) => {
      const type = projectColumns[column];
      if (type !== 'text[]') return `${column} = ($2::jsonb ->> '${column}')::${type}`;
      return `${column} = case when jsonb_typeof($2::jsonb -> '${column}') = 'array'
    then array(select jsonb_array_elements_text($2::jsonb -> '${column}')) end`;
    });
  return {
    text: `with renamed as (
  update posthog_project p set name = coalesce($2::jsonb ->> 'name', p.name)
    from posthog_team t where t.id = $1 and p.id = t.project_id
)
update posthog_team set ${[...set, 'updated_at = now()'].join(', ')} where id = $1`,
    values: [teamId, JSON.stringify(change)],
  };
}

/** Deletes a project with everything that belongs to it. */
export function deleteProjectStatements(teamId: number): readonly Statement[] {
  return [
    { text: 'delete from halyard_flag_calls where team_id = $1', values: [teamId] },
    { text: 'delete from halyard_ingested_event where team_id = $1', values: [teamId] },
    // Nothing deletes a flag that an early access feature has; these go first, then the team with all the rest.
    { text: `delete from posthog_earlyaccessfeature where team_id = $1`, values: [teamId] },
    {
      text: `with gone as (delete from posthog_team where id = $1 returning id, project_id)
delete from posthog_project p using gone where p.id = gone.project_id
  and not exists (select from posthog_team t where t.project_id = p.id and t.id <> gone.id)`,
      values: [teamId],
    },
  ];
}
