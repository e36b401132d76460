import { type BodyForm, decodeBody } from './body/decode-body.ts';
import { decodeLargeBody, isLarge } from './body/decode-large-body.ts';
import { detectRuntime } from '../http/client-runtime.ts';
import { type Evaluation, type EvaluationRequest, type FlagResult, isBillable, Turns } from 'halyard/host';
import { type JsonObject, member } from '@halyard/json';
import { type HttpResponse, header } from '../http/messages.ts';
import type { RequestRecord } from '../http/request-record.ts';
import type { Observer } from './observer.ts';
import type { Project, Projects } from './ports.ts';
import { type FlagsQuery, parseFlagsQuery } from './query.ts';
import { type RequestFields, readFields } from './request-fields.ts';
import { type Answer, answerText, hasMany, noFlags, prepareAnswer } from './wire/answer.ts';
import { attachedMembers } from './configuration/attached-config.ts';
import { minimalMembers } from './wire/config.ts';
import { COOKIELESS, type Cookieless } from './cookieless/cookieless.ts';
import { differs, filled, type GeoIp } from './geo/geo-ip.ts';
import { overridesIn } from './internal/overrides-in.ts';
import { detailedText } from './internal/detailed-answer.ts';
import { type InternalRequests, overridden } from './internal/internal-requests.ts';
import type { Bots } from './protection/bots.ts';
import { guarded } from './protection/guard.ts';
import { libraryOf, type Usage } from './usage.ts';
import { limitedMembers, type Quota } from './protection/quota.ts';
import type { RateLimits } from './protection/rate-limits.ts';
import { Failure, failureResponse } from './wire/failure.ts';
import { emptyResponse, jsonResponse } from '../http/response.ts';
import { chooseShape, shapeOf } from './wire/shape.ts';
import type { Route, Visit } from '../http/route.ts';

export interface FlagsRouteOptions {
  readonly projects: Projects;
  /** Milliseconds since the epoch. */
  readonly clock: () => number;
  /** Treat the path `/decide` like the header of the old protocol (H3 (R)). */
  readonly decideByPath: boolean;
  /** Answer version 3 and above with typed records (H65). */
  readonly typedRecords: boolean;
  /** Store no sticky keys (H221). */
  readonly readOnly: boolean;
  /** Told how each answer came about; undefined: nobody wants to know. */
  readonly onDetail: DetailLog | undefined;
  /** Where addresses are; without it nowhere (H130). */
  readonly geo?: GeoIp | null | undefined;
  /** Makes ids for those who keep none; without it theirs is an id like any other (H140, H141). */
  readonly cookieless?: Cookieless | null | undefined;
  /** Who may ask for more; without it nobody (H150). */
  readonly internal?: InternalRequests | null | undefined;
  readonly limits?: RateLimits | null | undefined;
  readonly bots?: Bots | null | undefined;
  /** Without it no project is over a quota. */
  readonly quota?: Quota | null | undefined;
  /** Counts usage (H109); without it nobody does. */
  readonly usage?: Usage | null | undefined;
  /** Hears what is asked and answered (M194, M195); without it nobody does. */
  readonly observer?: Observer | null | undefined;
}

/** For `LOG_LEVEL=debug`: names and results, never property values or tokens (H232). */
export type DetailLog = (message: string, fields: object) => void;

/** What is known of a request before its body is read. */
interface FlagsVisit extends Visit {
  readonly query: FlagsQuery;
  /** H3. */
  readonly decide: boolean;
  /** H65. */
  readonly typed: boolean;
  /** Shared by all requests whose work is cut into pieces. */
  readonly turns: Turns;
  readonly quota: Quota | null;
  readonly geo: GeoIp | null;
  /** Whether it may count as usage: not in read-only mode, and not for internal requests (H109). */
  readonly counts: boolean;
  readonly usage: Usage | null;
  readonly observer: Observer | null;
}

type Awaitable<T> = T | Promise<T>;

/** `/flags` and `/decide` (H1, H12–H14). */
export function flagsRoute(options: FlagsRouteOptions): Route {
  const turns = new Turns();
  const { limits = null, bots = null, quota = null, geo = null, usage = null, observer = null, clock } = options;
  const counts = !options.readOnly;
  const isGuarded = limits !== null || bots !== null;
  return (visit) => {
    const { request, path, search, record } = visit;
    if (request.method === 'HEAD') return emptyResponse(200, { 'content-type': 'application/json' });
    if (request.method !== 'POST' && request.method !== 'GET') {
      return emptyResponse(405, { allow: 'GET, POST, OPTIONS, HEAD' });
    }
    const query = parseFlagsQuery(search);
    if (query instanceof Failure) return failureResponse(query, record);
    record.apiVersion = query.version;
    if (query.libVersion !== undefined) record.libVersion = query.libVersion;
    const decide =
      header(request.headers, 'x-original-endpoint') === 'decide' ||
      (options.decideByPath && path.startsWith('/decide'));
    const flagsVisit: FlagsVisit = {
      request,
      path,
      search,
      record,
      query,
      decide,
      typed: options.typedRecords,
      turns,
      quota,
      geo,
      counts,
      usage,
      observer,
    };
    if (request.method === 'GET') return minimal(flagsVisit, clock());
    if (!isGuarded) return evaluate(flagsVisit, options);
    return guarded(visit, {
      limits,
      bots,
      minimal: () => minimal(flagsVisit, clock()),
      evaluate: () => evaluate(flagsVisit, options),
    });
  };
}

/** H63: an answer without evaluation. */
function minimal({ record, query, decide, typed }: FlagsVisit, now: number): HttpResponse {
  const text = answerText({
    shape: shapeOf(query.version, decide, typed),
    evaluation: noFlags,
    program: noFlags,
    requestId: record.requestId,
    evaluatedAt: now,
    minimalFlagCalledEvents: false,
    config: minimalMembers,
  });
  return jsonResponse(text);
}

/**
 * POST in the order of H50, which decides the error of a doubly wrong request, behind what guards it. Usage belongs behind the evaluation.
 */
function evaluate(visit: FlagsVisit, options: FlagsRouteOptions): Awaitable<HttpResponse> {
  const { request, turns, record } = visit;
  const form = formOf(visit);
  if (!isLarge(request.body, form)) return evaluateBody(decodeBody(request.body, form, record), visit, options);
  return decodeLargeBody(request.body, form, turns, record)
    .then((body) => turns.next().then(() => body))
    .then((body) => evaluateBody(body, visit, options));
}

function formOf({ request: { headers }, query }: FlagsVisit): BodyForm {
  return {
    contentType: header(headers, 'content-type'),
    contentEncoding: header(headers, 'content-encoding'),
    compression: query.compression,
  };
}

function evaluateBody(
  body: JsonObject | Failure,
  visit: FlagsVisit,
  options: FlagsRouteOptions,
): Awaitable<HttpResponse> {
  const { record } = visit;
  if (body instanceof Failure) return failureResponse(body, record);
  const fields = readFields(body);
  if (fields instanceof Failure) return failureResponse(fields, record);
  record.distinctId = fields.distinctId;
  record.deviceId = fields.deviceId;
  record.anonDistinctId = fields.anonDistinctId;
  record.flagsDisabled = fields.disableFlags;

  if (!fields.token) return failureResponse(new Failure('not_authenticated'), record);
  const project = options.projects.byToken(fields.token, record.clientAddress);
  record.teamHeld = !(project instanceof Promise);
  if (!(project instanceof Promise)) return evaluateFor(project, fields, visit, options);
  return project.then((found) => evaluateFor(found, fields, visit, options));
}

function evaluateFor(
  project: Project | null,
  fields: RequestFields,
  visit: FlagsVisit,
  options: FlagsRouteOptions,
): Awaitable<HttpResponse> {
  const { record } = visit;
  if (project === null) return failureResponse(new Failure('authentication_failed'), record);
  record.teamId = project.teamId;
  const now = options.clock();
  if (fields.disableFlags) return respond(noFlags, project, visit, now);
  const { distinctId } = fields;
  if (distinctId === undefined) return failureResponse(new Failure('distinct_id_missing'), record);
  if (visit.quota?.flags(fields.token ?? '') === true) {
    record.notes.quotaLimited = true;
    return respond(noFlags, project, visit, now);
  }
  const { cookieless = null } = options;
  if (cookieless === null || distinctId !== COOKIELESS || !hasCookieless(project)) {
    return evaluateAs(distinctId, project, fields, visit, options, now);
  }
  return cookieless
    .identify({
      request: visit.request,
      record,
      teamId: project.teamId,
      timezones: [fields.timezone, project.project?.timezone],
      sentAt: visit.query.sentAt,
      now,
      extra: fields.cookielessExtra,
    })
    .then((id) =>
      id instanceof Failure ? failureResponse(id, record) : evaluateAs(id, project, fields, visit, options, now),
    );
}

/** The project has switched ids without cookies on (H140): any other mode is off. */
function hasCookieless({ project }: Project): boolean {
  const mode = project === undefined ? undefined : member(project.settings, 'cookieless_server_hash_mode');
  return mode === 1 || mode === 2;
}

function evaluateAs(
  distinctId: string,
  project: Project,
  fields: RequestFields,
  visit: FlagsVisit,
  options: FlagsRouteOptions,
  now: number,
): Awaitable<HttpResponse> {
  const asked = evaluationRequest(distinctId, fields, visit, { now, skipWrites: options.readOnly });
  const { internal = null } = options;
  if (internal !== null && internal.isInternal(visit.request.headers)) {
    return evaluateInternally(project, fields, { ...asked, skipWrites: true }, { ...visit, counts: false }, internal);
  }
  const evaluation = project.evaluate(asked, visit.record);
  visit.record.factsAsked = evaluation instanceof Promise;
  visit.observer?.asked(project, asked, visit.request.body.length);
  if (options.onDetail !== undefined) return respondInDetail(evaluation, asked, project, visit, options.onDetail);
  if (!(evaluation instanceof Promise)) return respond(evaluation, project, visit, now);
  return evaluation.then((result) => respond(result, project, visit, now));
}

/** H150: with what only internal requests may ask for. */
async function evaluateInternally(
  found: Project,
  { token = '', overrideFlags }: RequestFields,
  request: EvaluationRequest,
  visit: FlagsVisit,
  { recompile }: InternalRequests,
): Promise<HttpResponse> {
  const { query, record } = visit;
  const overrides = overrideFlags === undefined ? null : overridesIn(visit.request.body, formOf(visit));
  if (overrides instanceof Failure) return failureResponse(overrides, record);
  const { project, flags } =
    overrides === null ? { project: found, flags: 0 } : await overridden(found, token, overrides, recompile);
  if (flags > 0) record.notes.flagsOverridden = flags;
  const asked = query.onlyOverrideProperties ? { ...request, onlyUseOverridePersonProperties: true } : request;
  if (!query.detailedAnalysis || project.explain === undefined) {
    return respond(await project.evaluate(asked, record), project, visit, asked.now);
  }
  const explained = await project.explain(asked);
  const results = explained.flags.flatMap(({ result }) => (result === null ? [] : [result]));
  const answer = answerTo({ results, errors: explained.errors }, project, visit, asked.now);
  // Only records have room for it.
  const hasRecords = answer.shape === 'v2' || answer.shape === 'v3';
  return jsonResponse(hasRecords ? detailedText(answer, explained.flags) : answerText(answer));
}

function evaluationRequest(
  distinctId: string,
  fields: RequestFields,
  visit: FlagsVisit,
  { now, skipWrites }: Pick<EvaluationRequest, 'now' | 'skipWrites'>,
): EvaluationRequest {
  return {
    distinctId,
    now,
    skipWrites,
    deviceId: fields.deviceId,
    anonDistinctId: fields.anonDistinctId,
    groups: fields.groups,
    personProperties: visit.geo === null ? fields.personProperties : placed(fields, visit, visit.geo),
    groupProperties: fields.groupProperties,
    flagKeys: fields.flagKeys,
    runtime: fields.runtime ?? detectRuntime(visit.request.headers),
    evaluationContexts: fields.evaluationContexts,
    onlySurveyFlags: visit.query.onlySurveyFlags,
  };
}

/** The caller's properties, with the place of its address where it says nothing of it (H130). */
function placed({ personProperties, geoipDisable }: RequestFields, { record }: FlagsVisit, geo: GeoIp) {
  if (geoipDisable) return personProperties;
  const place = geo.properties(record.clientAddress);
  if (differs(personProperties, place)) record.notes.geoipDiffers = true;
  return filled(personProperties, place);
}

function answerTo(evaluation: Evaluation, project: Project, visit: FlagsVisit, now: number): Answer {
  const { record, query, decide, typed } = visit;
  record.flagsEvaluated = evaluation.results.length;
  record.flagsErrored = 0;
  if (evaluation.errors) {
    record.failureCodes = codesOfFailures(evaluation);
    record.flagsErrored = record.failureCodes.length;
  }
  noteFigures(evaluation, project, record);
  if (visit.counts && evaluation.results.some(({ flag }) => isBillable(flag.key))) {
    record.usage = 'decide';
    visit.usage?.record('flags', project.teamId, libraryOf(visit.request.headers));
  }
  if (visit.counts) visit.observer?.answered(project, evaluation);
  const choice = chooseShape({ version: query.version, config: query.config, decide, typed });
  return {
    shape: choice.shape,
    evaluation,
    program: project.program,
    requestId: record.requestId,
    evaluatedAt: now,
    minimalFlagCalledEvents: project.minimalFlagCalledEvents === true,
    config: configOf(project, visit, choice.config),
  };
}

function respond(evaluation: Evaluation, project: Project, visit: FlagsVisit, now: number): Awaitable<HttpResponse> {
  const { turns } = visit;
  const answer = answerTo(evaluation, project, visit, now);
  if (!hasMany(answer)) return jsonResponse(answerText(answer));
  const prepared = turns.through(prepareAnswer(answer));
  const written = (): HttpResponse => jsonResponse(answerText(answer));
  return prepared instanceof Promise ? prepared.then(written) : written();
}

/** The configuration that an answer carries, and what of the project is over its quota (H106), recordings only where they matter (H108). */
function configOf(project: Project, { quota, record, request }: FlagsVisit, wanted: boolean): string {
  if (quota === null) return wanted ? attachedMembers(project, request.headers, true) : '';
  const limited = record.notes.quotaLimited === true ? ['feature_flags'] : [];
  const mayRecord = !wanted || !quota.recordings(project.project?.token ?? '');
  if (!mayRecord) limited.push('recordings');
  return limitedMembers(limited) + (wanted ? attachedMembers(project, request.headers, mayRecord) : '');
}

/** The same, after telling what was asked and what came out. */
async function respondInDetail(
  evaluation: Awaitable<Evaluation>,
  asked: EvaluationRequest,
  project: Project,
  visit: FlagsVisit,
  onDetail: DetailLog,
): Promise<HttpResponse> {
  const { results, errors } = await evaluation;
  onDetail('evaluation', {
    request_id: visit.record.requestId,
    team_id: project.teamId,
    runtime: asked.runtime ?? 'unknown',
    evaluation_contexts: asked.evaluationContexts,
    flag_keys: asked.flagKeys,
    group_types: Object.keys(asked.groups ?? {}),
    person_properties: Object.keys(asked.personProperties ?? {}),
    stored_facts_loaded: evaluation instanceof Promise,
    flags: Object.fromEntries(results.map((result) => [result.flag.key, resultText(result)])),
  });
  return respond({ results, errors }, project, visit, asked.now);
}

/** Such as `low: condition_match 1`. */
function resultText({ value, reason }: FlagResult): string {
  return `${value}: ${reason.code}${reason.conditionIndex === null ? '' : ` ${reason.conditionIndex}`}`;
}

function codesOfFailures({ results }: Evaluation): readonly string[] {
  return results.flatMap(({ failed, reason }) => (failed ? [reason.code] : []));
}

/** What is told of a project that has flags out of the ordinary (H231). */
function noteFigures({ results }: Evaluation, { program: { figures } }: Project, record: RequestRecord): void {
  if (figures === undefined) return;
  const { continuity, onDevice, dependencyErrors } = figures;
  if (continuity.size > 0) record.continuityFlags = results.filter(({ flag }) => continuity.has(flag.key)).length;
  if (onDevice.size > 0 && record.deviceId !== undefined) {
    record.deviceFlags = results.filter(({ flag }) => onDevice.has(flag.key)).length;
  }
  if (dependencyErrors > 0) record.notes.dependencyErrors = dependencyErrors;
}
