import { jsonText } from '@halyard/json';
import type { KeyGrant, RemoteConfig, RemoteConfigs } from 'halyard/host';
import { asciiJson } from '../http/ascii-json.ts';
import type { HttpResponse } from '../http/messages.ts';
import { emptyResponse, jsonResponse } from '../http/response.ts';
import type { Route, Visit } from '../http/route.ts';
import { openFernet } from './fernet.ts';
import { type KeyedProject, type KeyedProjects, lacksScope, namedToken, type Refused } from './keyed-projects.ts';
import type { RemoteConfigsPort } from './ports.ts';
import type { KeyedLimits } from './protection/keyed-limits.ts';
import { Failure, failureResponse } from './wire/failure.ts';

const PATH = /^\/api\/projects\/([^/]+)\/feature_flags\/([^/]+)\/remote_config\/?$/;

/** H189: what a secret key sees of an encrypted payload; the quotation marks belong to it. */
const MASK = '"********* (encrypted)"';

const LARGEST_ID = 2 ** 31 - 1;

export interface RemoteConfigOptions {
  readonly keyed: KeyedProjects;
  readonly configs: RemoteConfigsPort;
  /** The public token of a project by its id; null: there is none. */
  readonly tokenOfTeam: (teamId: number) => Promise<string | null>;
  /** For encrypted payloads, in the order in which they are tried. */
  readonly fernetKeys: readonly Uint8Array[];
  readonly limits: KeyedLimits | undefined;
}

/** The payload of one remote configuration flag (H185 to H190). Null: not such a path. */
export function remoteConfigRoute(path: string, options: RemoteConfigOptions): Route | null {
  const match = path.endsWith('g') || path.endsWith('/') ? PATH.exec(path) : null;
  if (match === null) return null;
  const [segment, name] = [decoded(match[1]), decoded(match[2])];
  return (visit) => {
    const { method } = visit.request;
    // H15: before any credential is looked at.
    if (method === 'HEAD') return emptyResponse(200, { 'content-type': 'application/json' });
    if (method !== 'GET') return emptyResponse(405, { allow: 'GET, OPTIONS, HEAD' });
    return answer(segment, name, visit, options);
  };
}

/** The key comes first: who has none learns nothing of what there is. */
async function answer(
  segment: string,
  name: string,
  visit: Visit,
  options: RemoteConfigOptions,
): Promise<HttpResponse> {
  const { record } = visit;
  const { keyed, configs, tokenOfTeam } = options;
  const grant = await keyed.grant(visit);
  if (grant === undefined || grant === null) return refused(grant === null ? 'invalid' : 'missing', visit);
  if (lacksScope(grant)) return failureResponse(new Failure('scope_missing'), record);
  const token = await tokenOf(segment, grant, visit, tokenOfTeam);
  if (token === null) return refused('no such project', visit);
  const opened = await keyed.opened(grant, token, visit);
  if (typeof opened === 'string') return refused(opened, visit);
  const { teamId } = opened.project;
  record.teamId = teamId;
  const limited = options.limits?.config(teamId, opened.by, record) ?? null;
  if (limited !== null) return limited;
  const config = named(name, await configs.of(opened.project));
  return config === undefined ? emptyResponse(404) : payloadOf(config, opened, visit, options);
}

/** H185: what the request names, the number in the path, or what the secret key belongs to. */
function tokenOf(
  segment: string,
  grant: KeyGrant,
  visit: Visit,
  tokenOfTeam: RemoteConfigOptions['tokenOfTeam'],
): string | null | Promise<string | null> {
  const token = namedToken(visit);
  if (token !== undefined) return token;
  if (isNumber(segment)) return Number(segment) > LARGEST_ID ? null : tokenOfTeam(Number(segment));
  return grant.kind === 'project' ? grant.token : null;
}

/** H186: 401 says nothing, 403 is for whoever has a key of another project; both have empty bodies. */
function refused(why: Refused, { record }: Visit): HttpResponse {
  const isUnknown = why === 'missing' || why === 'invalid';
  record.errorCode = why === 'missing' ? 'key_missing' : 'key_invalid';
  if (isUnknown) return emptyResponse(401);
  return emptyResponse(why === 'other project' ? 403 : 404);
}

/** H187: by key, or by id when it is all digits. */
function named(name: string, configs: RemoteConfigs | null): RemoteConfig | undefined {
  return isNumber(name) ? configs?.byId.get(Number(name)) : configs?.byKey.get(name);
}

function payloadOf(
  { isEncrypted, payload }: RemoteConfig,
  { by }: KeyedProject,
  { record }: Visit,
  { fernetKeys }: RemoteConfigOptions,
): HttpResponse {
  // H188 (R): clients cannot parse an empty body.
  if (payload === undefined || payload === null || payload === '' || payload === false || payload === 0) {
    return jsonResponse('null');
  }
  if (!isEncrypted) return jsonResponse(asciiJson(jsonText(payload)));
  if (by === 'project') return jsonResponse(asciiJson(jsonText(MASK)));
  const text = typeof payload === 'string' ? openFernet(payload, fernetKeys) : null;
  if (text === null) return failureResponse(new Failure('remote_config_decrypt_failed'), record);
  return jsonResponse(asciiJson(jsonText(text)));
}

function isNumber(text: string): boolean {
  return /^\d+$/.test(text);
}

/** A segment of a path; what cannot be decoded is the name of nothing. */
function decoded(segment = ''): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    return '';
  }
}
