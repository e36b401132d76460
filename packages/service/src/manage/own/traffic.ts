import { type FlagTraffic, findFlagId, readTraffic, type TrafficStep } from '@halyard/manage';
import { z } from '@hono/zod-openapi';
import { read } from '../flags/run.ts';
import { invalid } from '../frame/api-error.ts';
import { endpoint, ok } from '../frame/endpoint.ts';

const HOURS_OF_A_WEEK = 168;
const MOST_HOURS = 90 * 24;
const MOST_FLAGS = 500;

const value = z.object({
  value: z.string().openapi({ description: 'true, false or a variant.' }),
  count: z.number().int(),
  last_seen: z.string().openapi({ description: 'Beginning of the newest hour or day with any.' }),
  hours: z
    .array(z.object({ hour: z.string(), count: z.number().int() }))
    .openapi({ description: 'By hours, or by days: those with any, each by its beginning.' }),
});

/** How often flags are asked for, and what came out (M183). */
export const trafficEndpoint = endpoint({
  method: 'get',
  place: 'project',
  own: true,
  path: '/traffic/',
  access: { scopes: ['feature_flag:read'] },
  changes: 'nothing',
  summary: 'Counts of evaluations by flag, value and hour',
  query: {
    flags: 'Ids or keys with commas between them. Default: all.',
    hours: 'Of how many hours, up to 2160. Default: 168.',
    by: 'hour or day (UTC; the days that these hours reach into). Default: hour.',
  },
  answers: {
    200: z.object({
      counted: z.boolean().openapi({ description: 'Whether anything is counted here.' }),
      flags: z.array(z.object({ flag: z.number().int(), values: z.array(value) })),
    }),
  },
  handle: async (call) => {
    const hours = hoursOf(call.query.get('hours'));
    const step = stepOf(call.query.get('by'));
    const { traffic } = call.services;
    const named = namesOf(call.query.getAll('flags'));
    if (traffic === null || !(await traffic.isCounted())) {
      await read(call, (context) => idsOf(context, named));
      return ok({ counted: false, flags: [] });
    }
    await traffic.flushed();
    const flags = await read(call, function* load(context) {
      return yield* readTraffic(context, yield* idsOf(context, named), hours, step);
    });
    return ok({ counted: true, flags: flags.map(body) });
  },
});

function* idsOf(context: Parameters<typeof findFlagId>[0], named: readonly string[]) {
  if (named.length === 0) return null;
  const ids: number[] = [];
  for (const name of named) ids.push(yield* findFlagId(context, name));
  return ids;
}

function namesOf(flags: readonly string[]): readonly string[] {
  const names = flags
    .flatMap((list) => list.split(','))
    .map((name) => name.trim())
    .filter((name) => name !== '');
  if (names.length > MOST_FLAGS)
    throw invalid(`Up to ${MOST_FLAGS} flags can be named; without any, all are told.`, 'flags');
  return names;
}

function hoursOf(text: string | null): number {
  if (text === null || text === '') return HOURS_OF_A_WEEK;
  const hours = /^\d{1,5}$/.test(text) ? Number(text) : 0;
  if (hours < 1 || hours > MOST_HOURS) throw invalid(`Must be a number of hours from 1 to ${MOST_HOURS}.`, 'hours');
  return hours;
}

function stepOf(text: string | null): TrafficStep {
  if (text === null || text === '' || text === 'hour') return 'hour';
  if (text === 'day') return 'day';
  throw invalid('Must be hour or day.', 'by', 'invalid_choice');
}

function body({ flagId, values }: FlagTraffic) {
  return {
    flag: flagId,
    values: values.map(({ value: name, count, lastSeen, hours }) => ({
      value: name,
      count,
      last_seen: lastSeen,
      hours,
    })),
  };
}
