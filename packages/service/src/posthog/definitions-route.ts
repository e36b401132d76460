import { type LocalDefinitions, POSITION_HEADER } from 'halyard/host';
import { emptyResponse } from '../http/response.ts';
import { header, type HttpRequest, type HttpResponse } from '../http/messages.ts';
import type { Route, Visit } from '../http/route.ts';
import type { KeyedProjects, KeyedProject } from './keyed-projects.ts';
import type { RequestRecord } from '../http/request-record.ts';
import type { DefinitionsPort } from './ports.ts';
import type { KeyedLimits } from './protection/keyed-limits.ts';
import type { Quota } from './protection/quota.ts';
import { RefusedLately } from './protection/refused-lately.ts';
import { libraryOf, type Usage } from './usage.ts';
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
  /** Counts usage (H110); null: nobody does. */
  readonly usage: Usage | null;
  /** Milliseconds since the epoch. */
  readonly clock: () => number;
}

/** `/flags/definitions` and its old name: what SDKs evaluate from by themselves (H165 to H177). */
export function definitionsRoute(options: DefinitionsRouteOptions): Route {
  const { keyed, definitions, limits, quota, usage, clock } = options;
  const refusedLately = new RefusedLately();
  const answers = new WeakMap<LocalDefinitions, Headed>();
  const answer = (document: LocalDefinitions | null, { request, record }: Visit, teamId: number): HttpResponse => {
    if (document === null) return failureResponse(new Failure('key_invalid'), record);
    let headed = answers.get(document);
    if (headed === undefined) answers.set(document, (headed = headedOf(document)));
    const told = toldOf(record);
    if (isCurrent(request, headed.etag) && (quota === null || !refusedLately.has(teamId, clock()))) {
      told.etag = 'hit';
      // Every process of every team asks twice a minute, and nearly always hears this.
      record.routine = true;
      return headed.unchanged;
    }
    if (hasTag(request)) {
      const refused = limits?.whole(teamId, record) ?? null;
      if (refused !== null) return refused;
    }
    told.etag = hasTag(request) ? 'miss' : 'none';
    if (usage !== null && document.isBillable) usage.record('definitions', teamId, libraryOf(request.headers));
    if (document.isBillable) record.usage = 'flag_definitions';
    return takesGzip(request) ? headed.gzipped : headed.plain;
  };
  const forProject = (found: KeyedProject | Failure, visit: Visit): HttpResponse | Promise<HttpResponse> => {
    if (found instanceof Failure) return failureResponse(found, visit.record);
    const { request, record } = visit;
    const { teamId, project } = found.project;
    record.teamId = teamId;
    const told = toldOf(record);
    told.auth = found.by === 'project' ? 'secret_api_key' : 'personal_api_key';
    // H169: the limit, the quota, then the tag.
    const refused = limits?.ask(teamId, hasTag(request), record) ?? null;
    if (refused !== null) return refused;
    if (quota?.flags(project?.token ?? '') === true) {
      record.notes.quotaLimited = true;
      refusedLately.note(teamId, clock());
      return failureResponse(new Failure('payment_required'), record);
    }
    const document = definitions.of(found.project);
    told.held = !(document instanceof Promise);
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

/** What metrics tell of this request. */
function toldOf(record: RequestRecord): NonNullable<RequestRecord['definitions']> {
  return (record.definitions ??= {});
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
