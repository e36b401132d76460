import {
  addPersonsToCohort,
  type CommandContext,
  cohortUsers,
  createCohort,
  listCohorts,
  readActivity,
  readCohort,
  removePersonFromCohort,
  renderCohort,
  updateCohort,
  type Work,
  type WrittenCohort,
} from '@halyard/manage';
import type { JsonObject } from '@halyard/json';
import { z } from '@hono/zod-openapi';
import { pageShape } from '../accounts/shapes.ts';
import { activityPage, activityWish } from '../flags/activity-pages.ts';
import { read, write } from '../flags/run.ts';
import { activityShape, anyObject } from '../flags/shapes.ts';
import { type Call, type Endpoint, endpoint, ok } from '../frame/endpoint.ts';
import { pathId } from '../frame/path-id.ts';
import { pageOf, pageWish } from '../frame/page.ts';

type ProjectCall = Call<'project', unknown>;

const reading = { scopes: ['cohort:read'] } as const;
const writing = { scopes: ['cohort:write'] } as const;

const told = (type: 'string' | 'boolean' | 'object' | 'array') => z.unknown().optional().openapi({ type });

/** What a write may send; a list of people may come as a file named `csv` (M105, M111). */
const cohortBody = z
  .looseObject({
    name: told('string'),
    description: told('string'),
    filters: told('object'),
    is_static: told('boolean'),
    deleted: told('boolean'),
  })
  .openapi('CohortWrite');

const cohortShape = z
  .looseObject({
    id: z.number().int(),
    name: z.string().nullable(),
    deleted: z.boolean(),
    is_static: z.boolean(),
    count: z.number().int().nullable(),
  })
  .openapi('Cohort');

function bodyOf({ cohort, unknownPeople }: WrittenCohort, csv: string | null): JsonObject {
  return { ...renderCohort(cohort), ...(csv === null ? {} : { unknown_people: unknownPeople }) };
}

const csvOf = ({ files }: ProjectCall): string | null => files.get('csv')?.text ?? null;

const listEndpoint = endpoint({
  method: 'get',
  place: 'project',
  path: '/cohorts/',
  access: reading,
  changes: 'nothing',
  summary: 'Cohorts of a project, newest first',
  query: {
    search: 'Part of the name.',
    type: 'static or dynamic.',
    created_by_id: 'Id of a user.',
    hide_behavioral_cohorts: 'true: without those that flags cannot use.',
    basic: 'true: without what they are made of.',
    limit: 'How many at most.',
    offset: 'How many to leave out.',
  },
  answers: { 200: pageShape(cohortShape) },
  handle: async (call) => {
    const wish = pageWish(call.query);
    const text = (name: string) => call.query.get(name)?.trim().replaceAll('\0', '') || null;
    const type = text('type');
    const creator = text('created_by_id');
    const selection = {
      search: text('search'),
      isStatic: type === 'static' ? true : type === 'dynamic' ? false : null,
      createdBy: creator !== null && /^\d{1,9}$/.test(creator) ? Number(creator) : null,
      hideBehavioural: text('hide_behavioral_cohorts') === 'true',
    };
    const page = await read(call, (context) => listCohorts(context, selection, wish));
    const isBasic = text('basic') === 'true';
    const results = page.cohorts.map((cohort) => renderCohort(cohort, isBasic));
    return ok(pageOf(call.url, wish, page.count, results));
  },
});

const createEndpoint = endpoint({
  method: 'post',
  place: 'project',
  path: '/cohorts/',
  access: writing,
  changes: 'definitions',
  summary: 'Makes a cohort',
  body: cohortBody,
  answers: { 201: cohortShape },
  handle: async (call) => {
    const csv = csvOf(call);
    const written = await write(call, (context) => createCohort(context, call.sent, csv));
    return { status: 201, body: bodyOf(written, csv) };
  },
});

const retrieveEndpoint = endpoint({
  method: 'get',
  place: 'project',
  path: '/cohorts/{id}/',
  access: reading,
  changes: 'nothing',
  summary: 'A cohort, a deleted one too',
  answers: { 200: cohortShape },
  handle: async (call) => ok(renderCohort(await read(call, (context) => readCohort(context, pathId(call))))),
});

const patchEndpoint = endpoint({
  method: 'patch',
  place: 'project',
  path: '/cohorts/{id}/',
  access: writing,
  changes: 'definitions',
  summary: 'Changes the fields that are sent; adds the people of a list',
  body: cohortBody,
  answers: { 200: cohortShape },
  handle: async (call) => {
    const csv = csvOf(call);
    const written = await write(call, (context) => updateCohort(context, pathId(call), call.sent, csv));
    return ok(bodyOf(written, csv));
  },
});

/** M22, M109: cohorts are deleted by a change. */
const deleteEndpoint = endpoint({
  method: 'delete',
  place: 'project',
  path: '/cohorts/{id}/',
  access: writing,
  changes: 'nothing',
  summary: 'Not possible: change "deleted" instead',
  answers: { 405: 'Always.' },
  handle: () => Promise.resolve({ status: 405, headers: { allow: 'GET, PATCH, HEAD, OPTIONS' } }),
});

const membership = (
  name: string,
  summary: string,
  command: (context: CommandContext, id: number, body: JsonObject) => Work<void>,
) =>
  endpoint({
    method: 'patch',
    place: 'project',
    path: `/cohorts/{id}/${name}/`,
    access: writing,
    changes: 'definitions',
    summary,
    body: anyObject,
    answers: { 200: anyObject },
    handle: async (call) => {
      await write(call, (context) => command(context, pathId(call), call.sent));
      return ok({ success: true });
    },
  });

const usedInEndpoint = endpoint({
  method: 'get',
  place: 'project',
  path: '/cohorts/{id}/used_in/',
  access: reading,
  changes: 'nothing',
  summary: 'What uses a cohort',
  answers: { 200: anyObject },
  handle: async (call) => ok(await read(call, (context) => cohortUsers(context, pathId(call)))),
});

const activityEndpoint = endpoint({
  method: 'get',
  place: 'project',
  path: '/cohorts/{id}/activity/',
  access: { scopes: ['activity_log:read'] },
  changes: 'nothing',
  summary: 'What was changed of a cohort, newest first',
  answers: { 200: activityShape },
  handle: async (call) => {
    const wish = activityWish(call.query);
    const page = await read(call, function* entries(context) {
      const { id } = yield* readCohort(context, pathId(call));
      return yield* readActivity(context, { scope: 'Cohort', itemId: String(id), ...wish });
    });
    return ok(activityPage(call.url, wish, page));
  },
});

/** Cohorts (section 10 of the management rules). */
export const cohortEndpoints: readonly Endpoint[] = [
  listEndpoint,
  createEndpoint,
  retrieveEndpoint,
  patchEndpoint,
  deleteEndpoint,
  membership('add_persons_to_static_cohort', 'Adds people to a static cohort', addPersonsToCohort),
  membership('remove_person_from_static_cohort', 'Takes somebody out of a static cohort', removePersonFromCohort),
  usedInEndpoint,
  activityEndpoint,
];
