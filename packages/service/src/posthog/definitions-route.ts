import { type LocalDefinitions, POSITION_HEADER } from 'halyard/host';
import { emptyResponse } from '../http/response.ts';
import { header, type HttpRequest, type HttpResponse } from '../http/messages.ts';
import type { Route, Visit } from '../http/route.ts';
import type { KeyedProjects, KeyedProject } from './keyed-projects.ts';
import type { DefinitionsPort } from './ports.ts';
import { type KeyedLimits, tooOften } from './protection/keyed-limits.ts';
import type { Quota } from './protection/quota.ts';
import { Failure, failureResponse } from './wire/failure.ts';

const ALLOW = { allow: 'GET, OPTIONS, HEAD' };
const JSON_TYPE = { 'content-type': 'application/json' };

/** The headers of a document, written once. */
interface Headed {
  readonly etag: string;
  readonly unchanged: HttpResponse;
  readonly plain: HttpResponse;
  readonly gzipped: HttpResponse;
}

export interface DefinitionsRouteOptions {
  readonly keyed: KeyedProjects;
  readonly definitions: DefinitionsPort;
  readonly limits: KeyedLimits | undefined;
  readonly quota: Quota | null;
}

/** `/flags/definitions` and its old name: what SDKs evaluate from by themselves (H165 to H177). */
export function definitionsRoute({ keyed, definitions, limits, quota }: DefinitionsRouteOptions): Route {
  const answers = new WeakMap<LocalDefinitions, Headed>();
  const answer = (document: LocalDefinitions | null, { request, record }: Visit, teamId: number): HttpResponse => {
    if (document === null) return failureResponse(new Failure('key_invalid'), record);
    let headed = answers.get(document);
    if (headed === undefined) answers.set(document, (headed = headedOf(document)));
    if (isCurrent(request, headed.etag)) {
      // Every process of every team asks twice a minute, and nearly always hears this.
      record.routine = true;
      return headed.unchanged;
    }
    if (hasTag(request) && limits?.mayHaveWhole(teamId) === false) return tooOften('its definitions', record);
    return takesGzip(request) ? headed.gzipped : headed.plain;
  };
  const forProject = (found: KeyedProject | Failure, visit: Visit): HttpResponse | Promise<HttpResponse> => {
    if (found instanceof Failure) return failureResponse(found, visit.record);
    const { request, record } = visit;
    const { teamId, project } = found.project;
    record.teamId = teamId;
    // H169: the limit, the quota, then the tag.
    if (limits?.mayAsk(teamId, hasTag(request)) === false) return tooOften('its definitions', record);
    if (quota?.flags(project?.token ?? '') === true) {
      record.notes.quotaLimited = true;
      return failureResponse(new Failure('payment_required'), record);
    }
    const document = definitions.of(found.project);
    return document instanceof Promise
      ? document.then((made) => answer(made, visit, teamId))
      : answer(document, visit, teamId);
  };
  return (visit) => {
    const { method } = visit.request;
    // H15: before any credential is looked at.
    if (method === 'HEAD') return emptyResponse(200, JSON_TYPE);
    if (method !== 'GET') return emptyResponse(405, ALLOW);
    const found = keyed.find(visit);
    return found instanceof Promise ? found.then((project) => forProject(project, visit)) : forProject(found, visit);
  };
}

function headedOf({ tag, position, plain, gzipped }: LocalDefinitions): Headed {
  const etag = `W/"${tag}"`;
  const shared = {
    etag,
    'cache-control': 'private, must-revalidate',
    vary: 'Accept-Encoding, Origin',
    ...(position === null ? {} : { [POSITION_HEADER]: position }),
  };
  return {
    etag,
    unchanged: { status: 304, headers: shared, body: null },
    plain: { status: 200, headers: { ...JSON_TYPE, ...shared }, body: plain },
    gzipped: { status: 200, headers: { ...JSON_TYPE, ...shared, 'content-encoding': 'gzip' }, body: gzipped },
  };
}

/** H100: the answer may be that nothing has changed. */
function hasTag({ headers }: HttpRequest): boolean {
  return header(headers, 'if-none-match') !== undefined;
}

/** H170: one value, weak, strong or bare. */
function isCurrent({ headers }: HttpRequest, etag: string): boolean {
  const asked = header(headers, 'if-none-match')?.trim();
  if (asked === undefined) return false;
  if (asked === etag) return true;
  const tag = etag.slice('W/'.length);
  return asked === tag || asked === tag.slice(1, -1);
}

/** A refusal of gzip (`gzip;q=0`) is as rare as it is meant. */
function takesGzip({ headers }: HttpRequest): boolean {
  const accepted = header(headers, 'accept-encoding');
  if (accepted === undefined || !accepted.includes('gzip')) return false;
  return !/gzip\s*;\s*q=0(?:\.0*)?\s*(?:,|$)/.test(accepted);
}
