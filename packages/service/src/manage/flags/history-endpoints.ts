import { readActivity, readFlag, readFlagVersion, Refusal, type ActivityPage } from '@halyard/manage';
import { invalid } from '../frame/api-error.ts';
import { type Call, endpoint, ok, type Reply } from '../frame/endpoint.ts';
import { namedFlag, read } from './run.ts';
import { activityShape, anyObject } from './shapes.ts';

const query = { limit: 'How many at most; 10 unless said.', page: 'From 1.' };
const largest = 1_000;

interface Wish {
  readonly limit: number;
  readonly page: number;
}

/** M160: pages are counted from 1. */
function wishOf({ query: sent }: Call<'project', unknown>): Wish {
  const page = sent.get('page');
  if (page !== null && !/^\d{1,9}$/.test(page)) throw invalid('A page is a number from 1.', 'page');
  if (Number(page ?? 1) < 1) throw invalid('A page is a number from 1.', 'page');
  const limit = sent.get('limit') ?? '';
  const wanted = /^\d{1,9}$/.test(limit) && Number(limit) > 0 ? Number(limit) : 10;
  return { limit: Math.min(wanted, largest), page: Number(page ?? 1) };
}

function pageReply({ url }: Call<'project', unknown>, { limit, page }: Wish, { results, total }: ActivityPage): Reply {
  const at = (number: number): string => {
    const link = new URL(url);
    link.searchParams.set('page', String(number));
    return link.href;
  };
  return ok({
    results,
    next: page * limit < total ? at(page + 1) : null,
    previous: page > 1 ? at(page - 1) : null,
    total_count: total,
  });
}

const activity = { place: 'project', access: { scopes: ['activity_log:read'] }, changes: 'nothing', query } as const;

const flagActivityEndpoint = endpoint({
  ...activity,
  method: 'get',
  path: '/feature_flags/{id}/activity/',
  summary: 'What was changed of a flag, newest first',
  answers: { 200: activityShape },
  handle: async (call) => {
    const wish = wishOf(call);
    const page = await read(call, function* entries(context) {
      const { id } = yield* readFlag(context, yield* namedFlag(call, context));
      return yield* readActivity(context, { scope: 'FeatureFlag', itemId: String(id), ...wish });
    });
    return pageReply(call, wish, page);
  },
});

const allActivityEndpoint = endpoint({
  ...activity,
  method: 'get',
  path: '/feature_flags/activity/',
  summary: 'What was changed of all flags, newest first',
  answers: { 200: activityShape },
  handle: async (call) => {
    const wish = wishOf(call);
    const page = await read(call, (context) => readActivity(context, { scope: 'FeatureFlag', itemId: null, ...wish }));
    return pageReply(call, wish, page);
  },
});

const versionEndpoint = endpoint({
  method: 'get',
  place: 'project',
  path: '/feature_flags/{id}/versions/{version}/',
  access: { scopes: ['feature_flag:read'] },
  changes: 'nothing',
  summary: 'A flag as it was at a version',
  answers: { 200: anyObject },
  handle: async (call) => {
    const named = call.params['version'] ?? '';
    const version = /^\d{1,9}$/.test(named) ? Number(named) : 0;
    try {
      return ok(
        await read(call, function* past(context) {
          return yield* readFlagVersion(context, yield* namedFlag(call, context), version);
        }),
      );
    } catch (error) {
      // M22: these say what is wrong in one member.
      if (!(error instanceof Refusal)) throw error;
      return { status: error.status, body: { detail: error.message } };
    }
  },
});

/** What was changed, and what it was before (section 15 of the management rules). */
export const flagHistoryEndpoints = [flagActivityEndpoint, allActivityEndpoint, versionEndpoint];
