import { createSchedule, deleteSchedule, listSchedules, readSchedule, updateSchedule } from '@halyard/manage';
import { z } from '@hono/zod-openapi';
import { pageShape } from '../accounts/shapes.ts';
import { type Endpoint, endpoint, ok } from '../frame/endpoint.ts';
import { invalid } from '../frame/api-error.ts';
import { pathId } from '../frame/path-id.ts';
import { pageOf, pageWish } from '../frame/page.ts';
import { read, write } from '../flags/run.ts';

const reading = { scopes: ['feature_flag:read'] } as const;
const writing = { scopes: ['feature_flag:write'] } as const;

const told = (type: 'string' | 'boolean' | 'object') => z.unknown().optional().openapi({ type });

/** What a write may send (M135). */
const scheduleBody = z
  .looseObject({
    record_id: told('string'),
    model_name: told('string'),
    payload: told('object'),
    scheduled_at: told('string'),
    is_recurring: told('boolean'),
    recurrence_interval: told('string'),
    cron_expression: told('string'),
    end_date: told('string'),
  })
  .openapi('ScheduledChangeWrite');

const scheduleShape = z
  .looseObject({
    id: z.number().int(),
    record_id: z.string(),
    model_name: z.string(),
    payload: z.looseObject({}),
    scheduled_at: z.string(),
    executed_at: z.string().nullable(),
    failure_reason: z.string().nullable(),
  })
  .openapi('ScheduledChange');

const listEndpoint = endpoint({
  method: 'get',
  place: 'project',
  path: '/scheduled_changes/',
  access: reading,
  changes: 'nothing',
  summary: 'What is planned, newest first',
  query: {
    model_name: 'FeatureFlag',
    record_id: 'Id of the flag.',
    executed: 'true or false: whether it has been carried out or given up.',
    order: 'created_at or scheduled_at, with "-" before it for descending order. Default: -created_at.',
    limit: 'How many at most.',
    offset: 'How many to leave out.',
  },
  answers: { 200: pageShape(scheduleShape) },
  handle: async (call) => {
    const wish = pageWish(call.query);
    const executed = call.query.get('executed');
    const selection = {
      model: call.query.get('model_name'),
      recordId: call.query.get('record_id'),
      isExecuted: executed === 'true' ? true : executed === 'false' ? false : null,
    };
    const order = orderOf(call.query.get('order') ?? '');
    const { count, results } = await read(call, (context) => listSchedules(context, selection, wish, order));
    return ok(pageOf(call.url, wish, count, results));
  },
});

/** @throws {Refusal} for an order that there is none of */
function orderOf(text: string) {
  const by = text.replace(/^-/, '') || 'created_at';
  if (by !== 'created_at' && by !== 'scheduled_at')
    throw invalid('Must be created_at or scheduled_at.', 'order', 'invalid_choice');
  return { by, isDescending: text === '' || text.startsWith('-') } as const;
}

const createEndpoint = endpoint({
  method: 'post',
  place: 'project',
  path: '/scheduled_changes/',
  access: writing,
  changes: 'definitions',
  summary: 'Plans a change of a flag',
  body: scheduleBody,
  answers: { 201: scheduleShape },
  handle: async (call) => ({ status: 201, body: await write(call, (context) => createSchedule(context, call.sent)) }),
});

const retrieveEndpoint = endpoint({
  method: 'get',
  place: 'project',
  path: '/scheduled_changes/{id}/',
  access: reading,
  changes: 'nothing',
  summary: 'A planned change',
  answers: { 200: scheduleShape },
  handle: async (call) => ok(await read(call, (context) => readSchedule(context, pathId(call)))),
});

const patchEndpoint = endpoint({
  method: 'patch',
  place: 'project',
  path: '/scheduled_changes/{id}/',
  access: writing,
  changes: 'definitions',
  summary: 'Changes what is planned',
  body: scheduleBody,
  answers: { 200: scheduleShape },
  handle: async (call) => ok(await write(call, (context) => updateSchedule(context, pathId(call), call.sent))),
});

const deleteEndpoint = endpoint({
  method: 'delete',
  place: 'project',
  path: '/scheduled_changes/{id}/',
  access: writing,
  changes: 'definitions',
  summary: 'Plans it no more',
  answers: { 204: 'Gone.' },
  handle: async (call) => {
    await write(call, (context) => deleteSchedule(context, pathId(call)));
    return { status: 204 };
  },
});

/** Changes that are planned (section 13 of the management rules). */
export const scheduleEndpoints: readonly Endpoint[] = [
  listEndpoint,
  createEndpoint,
  retrieveEndpoint,
  patchEndpoint,
  deleteEndpoint,
];
