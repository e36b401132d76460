import { type JsonObject, jsonText, member } from '@halyard/json';
import { asciiJson } from '../http/ascii-json.ts';
import type { HttpResponse } from '../http/messages.ts';
import { emptyResponse, jsonResponse } from '../http/response.ts';
import type { Route } from '../http/route.ts';
import { configOf } from './configuration/attached-config.ts';
import type { Project, Projects } from './ports.ts';

const NONE = jsonResponse('{"surveys":[]}');

/**
 * `GET /api/surveys/?token=…` (H244): the surveys that stand in the configuration which PostHog made of the project (H155), so that a browser that hears of
 * some finds them here as well. Nobody has any else, and who names no project hears the same.
 */
export function surveysRoute(projects: Projects): Route {
  return ({ request, search, record }) => {
    record.routine = true;
    if (request.method !== 'GET' && request.method !== 'HEAD') {
      return emptyResponse(405, { allow: 'GET, OPTIONS, HEAD' });
    }
    const token = new URLSearchParams(search).get('token') ?? '';
    const project = token === '' ? null : projects.byToken(token, record.clientAddress);
    return project instanceof Promise ? project.then(listed) : listed(project);
  };
}

function listed(project: Project | null): HttpResponse {
  const document = project === null ? undefined : configOf(project)?.document;
  const surveys = document === undefined ? undefined : member(document, 'surveys');
  if (document === undefined || !Array.isArray(surveys)) return NONE;
  const config = member(document, 'survey_config');
  const body: JsonObject = config === undefined ? { surveys } : { surveys, survey_config: config };
  return jsonResponse(asciiJson(jsonText(body)));
}
