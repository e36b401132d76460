import { isObject, type JsonObject, type JsonValue, member, parseJson } from '@halyard/json';
import type { Definitions, FlagResult } from 'halyard/host';
import type { HttpResponse } from '../../http/messages.ts';
import { emptyResponse, jsonResponse } from '../../http/response.ts';
import type { Route } from '../../http/route.ts';
import type { Project } from '../ports.ts';
import { storeFailure } from '../wire/store-failure.ts';
import { errorCodes } from '../wire/error-codes.ts';
import { utf8Text } from '../body/text.ts';
import type { InternalRequests } from './internal-requests.ts';

/** The path of H195. */
export const BATCH_PATH = '/internal/batch_flag_evaluation';

/** One person of a page. */
export interface BatchPerson {
  readonly id: number;
  readonly uuid: string;
  readonly distinctId: string | null;
}

/** What a page is made from. Everything rejects when the store cannot say. */
export interface BatchStore {
  /** The public token of a team; null: there is no such team. */
  readonly tokenOfTeam: (teamId: number) => Promise<string | null>;
  /** Persons of a team behind an id, in the order of ids. */
  persons(teamId: number, after: number, limit: number): Promise<readonly BatchPerson[]>;
}

/** Beyond it a body is refused. Bytes. */
const MOST_BYTES = 64 * 1024;

const MOST_PERSONS = 10_000;

/** Persons that are evaluated at the same time; they share statements. */
const AT_ONCE = 100;

const NO_PERSONS = { persons: 0 };

interface Asked {
  readonly teamId: number;
  readonly flagKey: string;
  readonly expectedVersion: number | undefined;
  readonly expectedMatching: number | undefined;
  readonly cursor: number;
  readonly limit: number;
}

/**
 * `POST /internal/batch_flag_evaluation` (H195 to H197): the persons of a page for whom a flag is on. Nothing is written, and nothing counts as usage.
 *
 * @param clock milliseconds since the epoch
 */
export function batchEvaluationRoute(internal: InternalRequests, store: BatchStore, clock: () => number): Route {
  return async ({ request, record }) => {
    if (request.method !== 'POST') return emptyResponse(405, { allow: 'POST, OPTIONS' });
    record.batch = NO_PERSONS;
    const failed = (status: number, error: string, detail: string, more: JsonObject = {}): HttpResponse => {
      record.errorCode = error;
      return { ...jsonResponse(JSON.stringify({ error, detail, ...more })), status };
    };
    if (!internal.isInternal(request.headers))
      return failed(401, 'unauthorized', 'The internal token is missing or wrong.');
    if (request.body.length > MOST_BYTES) return failed(413, 'payload_too_large', 'The body is larger than 64 KiB.');
    const asked = readAsked(request.body);
    if (typeof asked === 'string') return failed(400, 'invalid_request', asked);
    record.teamId = asked.teamId;
    try {
      const token = await store.tokenOfTeam(asked.teamId);
      const found = token === null ? null : await readFlag(token, asked.flagKey, internal.recompile);
      if (found === null) return failed(404, 'flag_not_found', 'The project has no such flag.');
      const { project, flag, matching } = found;
      const version = numberAt(flag, 'version') ?? 0;
      if (asked.expectedVersion !== undefined && asked.expectedVersion !== version) {
        return failed(409, 'version_conflict', 'The flag has another version.', { actual_version: version });
      }
      if (asked.expectedMatching !== undefined && asked.expectedMatching !== matching) {
        const actual = { actual_property_matching_version: matching };
        return failed(409, 'property_matching_version_conflict', 'The project matches in another way.', actual);
      }
      const unfit = whyNot(flag);
      if (unfit !== null) return failed(400, unfit.error, unfit.detail);
      const page = await store.persons(asked.teamId, asked.cursor, asked.limit);
      record.batch = { persons: page.length };
      const { matched, errors } = await evaluatePage(project, asked.flagKey, page, clock());
      return jsonResponse(
        JSON.stringify({
          matched_person_uuids: matched,
          next_cursor: page.length < asked.limit ? null : (page.at(-1)?.id ?? null),
          errors_count: errors,
          property_matching_version: matching,
        }),
      );
    } catch (error) {
      const { code, detail } = storeFailure(error);
      // What nobody foresaw is told where all such errors are.
      if (code === 'internal_error') throw error;
      return failed(errorCodes[code].status, 'upstream_error', detail);
    }
  };
}

interface Found {
  readonly project: Project;
  readonly flag: JsonObject;
  readonly matching: number;
}

async function readFlag(token: string, key: string, recompile: InternalRequests['recompile']): Promise<Found | null> {
  let read: Definitions | undefined;
  const project = await recompile(token, (definitions) => (read = definitions));
  const flag = read?.flags.find((row): row is JsonObject => isObject(row) && member(row, 'key') === key);
  if (project === null || flag === undefined) return null;
  return { project, flag, matching: read?.propertyMatchingVersion ?? 1 };
}

function whyNot(flag: JsonObject): { readonly error: string; readonly detail: string } | null {
  const filters = member(flag, 'filters');
  if (member(flag, 'active') !== true) return { error: 'flag_inactive', detail: 'The flag is inactive.' };
  if (!isObject(filters)) return { error: 'unsupported_config_format', detail: 'The flag has no conditions.' };
  const groups = member(filters, 'groups');
  const conditions = Array.isArray(groups) ? groups.filter(isObject) : [];
  if ([filters, ...conditions].some((part) => typeof member(part, 'aggregation_group_type_index') === 'number')) {
    return { error: 'group_aggregated_flag', detail: 'The flag is about groups, not about persons.' };
  }
  if (!Array.isArray(groups)) return { error: 'unsupported_config_format', detail: 'The flag has no conditions.' };
  return null;
}

async function evaluatePage(
  project: Project,
  flagKey: string,
  page: readonly BatchPerson[],
  now: number,
): Promise<{ readonly matched: readonly string[]; readonly errors: number }> {
  const matched: string[] = [];
  let errors = 0;
  const persons = page.filter(({ distinctId }) => distinctId !== null);
  for (let at = 0; at < persons.length; at += AT_ONCE) {
    const some = persons.slice(at, at + AT_ONCE);
    const results = await Promise.all(some.map(({ distinctId }) => resultFor(project, flagKey, distinctId ?? '', now)));
    for (const [index, result] of results.entries()) {
      if (result === undefined || result.failed) errors += 1;
      else if (result.enabled) matched.push(some[index]?.uuid ?? '');
    }
  }
  return { matched, errors };
}

async function resultFor(
  project: Project,
  flagKey: string,
  distinctId: string,
  now: number,
): Promise<FlagResult | undefined> {
  const { results } = await project.evaluate({
    distinctId,
    now,
    flagKeys: [flagKey],
    runtime: 'all',
    skipWrites: true,
  });
  return results.find(({ flag }) => flag.key === flagKey);
}

/** What is asked, or what is wrong with it. */
function readAsked(body: Uint8Array): Asked | string {
  let value: JsonValue;
  try {
    value = parseJson(utf8Text(body));
  } catch {
    return 'The body is not JSON.';
  }
  if (!isObject(value)) return 'The body must be a JSON object.';
  const fields = value;
  const whole = (name: string, least: number, most: number, fallback?: number): number | undefined | null => {
    const given = member(fields, name) ?? null;
    if (given === null) return fallback;
    return typeof given === 'number' && Number.isInteger(given) && given >= least && given <= most ? given : null;
  };
  const most = Number.MAX_SAFE_INTEGER;
  const teamId = whole('team_id', 1, most);
  const cursor = whole('cursor', 0, most, 0);
  const limit = whole('limit', 1, MOST_PERSONS, 1_000);
  const expectedMatching = whole('expected_property_matching_version', 0, most);
  // Null stands for a flag without a version, which counts as 0 (H196).
  const expectedVersion = member(fields, 'expected_version') === null ? 0 : whole('expected_version', 0, most);
  const flagKey = member(fields, 'flag_key');
  if (teamId === null || teamId === undefined) return '"team_id" must be the id of a project.';
  if (typeof flagKey !== 'string' || flagKey === '') return '"flag_key" must be the key of a flag.';
  if (cursor === null || cursor === undefined) return '"cursor" must be a whole number.';
  if (limit === null || limit === undefined) return `"limit" must be a whole number from 1 to ${MOST_PERSONS}.`;
  if (expectedVersion === null) return '"expected_version" must be a whole number.';
  if (expectedMatching === null) return '"expected_property_matching_version" must be a whole number.';
  return { teamId, flagKey, cursor, limit, expectedVersion, expectedMatching };
}

function numberAt(object: JsonObject, name: string): number | undefined {
  const value = member(object, name);
  return typeof value === 'number' ? value : undefined;
}
