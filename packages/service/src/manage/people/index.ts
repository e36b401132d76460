import {
  findPerson,
  listGroups,
  listGroupTypes,
  listPersons,
  readCohort,
  readPerson,
  type Slice,
} from '@halyard/manage';
import { z } from '@hono/zod-openapi';
import { read } from '../flags/run.ts';
import { anyObject } from '../flags/shapes.ts';
import { invalid } from '../frame/api-error.ts';
import { type Endpoint, endpoint, ok } from '../frame/endpoint.ts';
import { pageOf, pageWish, type PageWish } from '../frame/page.ts';

const ofPersons = { scopes: ['person:read'] } as const;
const ofGroups = { scopes: ['group:read'] } as const;
const pages = { limit: 'How many at most; 100 unless said.', offset: 'How many to leave out.' };

/** A page without a count (M113, M122). */
function uncounted(url: URL, wish: PageWish, { results, hasMore }: Slice<unknown>): object {
  const behind = wish.offset + results.length + (hasMore ? 1 : 0);
  const { next, previous } = pageOf(url, wish, behind, results);
  return { results, next, previous };
}

const sliceShape = z.object({
  results: z.array(anyObject),
  next: z.string().nullable(),
  previous: z.string().nullable(),
});

const text = (query: URLSearchParams, name: string): string | null => {
  const value = query.get(name)?.replaceAll('\0', '').trim() ?? '';
  return value === '' ? null : value;
};

const personsEndpoint = endpoint({
  method: 'get',
  place: 'project',
  path: '/persons/',
  access: ofPersons,
  changes: 'nothing',
  summary: 'Persons of a project, newest first',
  query: { distinct_id: 'Whoever has exactly this id.', search: 'Part of name or address, or a whole id.', ...pages },
  answers: { 200: sliceShape },
  handle: async (call) => {
    const wish = pageWish(call.query);
    const distinctId = call.query.get('distinct_id');
    if (distinctId !== null && distinctId !== '') {
      const person = await read(call, (context) => findPerson(context, distinctId));
      return ok({ results: person === null ? [] : [person], next: null, previous: null });
    }
    const selection = { search: text(call.query, 'search'), cohortId: null };
    return ok(uncounted(call.url, wish, await read(call, (context) => listPersons(context, selection, wish))));
  },
});

const personEndpoint = endpoint({
  method: 'get',
  place: 'project',
  path: '/persons/{id}/',
  access: ofPersons,
  changes: 'nothing',
  summary: 'A person by its uuid',
  answers: { 200: anyObject },
  handle: async (call) => ok(await read(call, (context) => readPerson(context, call.params['id'] ?? ''))),
});

const membersEndpoint = endpoint({
  method: 'get',
  place: 'project',
  path: '/cohorts/{id}/persons/',
  access: { scopes: ['cohort:read', 'person:read'] },
  changes: 'nothing',
  summary: 'Members of a static cohort',
  query: pages,
  answers: { 200: sliceShape },
  handle: async (call) => {
    const wish = pageWish(call.query);
    const named = call.params['id'] ?? '';
    const slice = await read(call, function* members(context) {
      const { id } = yield* readCohort(context, /^\d{1,9}$/.test(named) ? Number(named) : 0);
      return yield* listPersons(context, { search: null, cohortId: id }, wish);
    });
    return ok(uncounted(call.url, wish, slice));
  },
});

const groupTypesEndpoint = endpoint({
  method: 'get',
  place: 'project',
  path: '/groups_types/',
  access: ofGroups,
  changes: 'nothing',
  summary: 'Group types of a project',
  answers: { 200: z.array(anyObject) },
  handle: async (call) => ok(await read(call, listGroupTypes)),
});

const groupsEndpoint = endpoint({
  method: 'get',
  place: 'project',
  path: '/groups/',
  access: ofGroups,
  changes: 'nothing',
  summary: 'Groups of one type, newest first',
  query: { group_type_index: 'Which type.', search: 'Part of key or name.', ...pages },
  answers: { 200: sliceShape },
  handle: async (call) => {
    const wish = pageWish(call.query);
    const index = call.query.get('group_type_index') ?? '';
    if (!/^\d$/.test(index)) throw invalid('Must be the index of a group type.', 'group_type_index');
    const search = text(call.query, 'search');
    const slice = await read(call, (context) => listGroups(context, Number(index), search, wish));
    return ok(uncounted(call.url, wish, slice));
  },
});

/** Persons and groups, to be read (section 11 of the management rules). */
export const peopleEndpoints: readonly Endpoint[] = [
  personsEndpoint,
  personEndpoint,
  membersEndpoint,
  groupTypesEndpoint,
  groupsEndpoint,
];
