import type { Statement } from './statement.ts';

/** Projects, oldest first, as one document in the column `projects`: lists of id, public token and name. */
export function projectListStatement(limit: number, ticket: string): Statement {
  const text = `select coalesce(json_agg(json_build_array(id, api_token, name) order by id), '[]')::text as projects, $2::text as asked
from (select id, api_token, name from posthog_team order by id limit $1) oldest`;
  return { text, values: [limit, ticket] };
}
