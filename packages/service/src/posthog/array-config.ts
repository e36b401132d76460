import type { Headers, HttpResponse } from '../http/messages.ts';
import { configOf, configText } from './configuration/attached-config.ts';
import type { Project, Projects } from './ports.ts';
import { remoteConfig } from './wire/config.ts';
import { Failure, failureResponse } from './wire/failure.ts';
import { emptyResponse } from '../http/response.ts';
import type { Route } from '../http/route.ts';

const PATH = /^\/array\/([^/]+)\/config(\.js)?$/;
const TOKEN = /^[\w-]{1,200}$/;

/** H205–H207: the configuration document that browser SDKs ask for first. Null: not such a path. */
export function arrayConfigRoute(path: string, projects: Projects): Route | null {
  const match = PATH.exec(path);
  if (match === null) return null;
  const token = match[1] as string; // the group is not optional
  const asScript = match[2] !== undefined;
  return (visit) => {
    const { request, record } = visit;
    record.routine = true;
    if (request.method !== 'GET' && request.method !== 'HEAD') {
      return emptyResponse(405, { allow: 'GET, OPTIONS, HEAD' });
    }
    if (!TOKEN.test(token)) return failureResponse(new Failure('authentication_failed'), record);
    const project = projects.byToken(token, record.clientAddress);
    const respond = (found: Project | null): HttpResponse =>
      found === null ? emptyResponse(404) : configResponse(token, asScript, found, request.headers);
    return project instanceof Promise ? project.then(respond) : respond(project);
  };
}

function configResponse(token: string, asScript: boolean, project: Project, asked: Headers): HttpResponse {
  const document = configText(project, asked) ?? JSON.stringify(remoteConfig(token));
  const headers = {
    'content-type': asScript ? 'application/javascript; charset=utf-8' : 'application/json',
    'cache-control': 'public, max-age=300',
    vary: 'Origin, Referer',
  };
  return {
    status: 200,
    headers,
    body: asScript ? script(token, document, configOf(project)?.siteApps ?? []) : document,
  };
}

/** The token holds no character that could end the string it stands in; site apps are code of the project's own people, of any characters. */
function script(token: string, document: string, siteApps: readonly string[]): string | Uint8Array {
  const global = 'window._POSTHOG_REMOTE_CONFIG';
  const start = `(function(){${global}=${global}||{};${global}["${token}"]={config:${document},siteApps:[`;
  const text = `${start}${siteApps.join(',')}]};})();\n`;
  return siteApps.length === 0 ? text : Buffer.from(text, 'utf8');
}
