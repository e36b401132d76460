import { readActivity, readFlag, readFlagVersion, Refusal } from '@halyard/manage';
import { endpoint, ok } from '../frame/endpoint.ts';
import { activityPage, activityWish } from './activity-pages.ts';
import { namedFlag, read } from './run.ts';
import { activityShape, anyObject } from './shapes.ts';

const query = { limit: 'How many at most; 10 unless said.', page: 'From 1.' };
const activity = { place: 'project', access: { scopes: ['activity_log:read'] }, changes: 'nothing', query } as const;

const flagActivityEndpoint = endpoint({
  ...activity,
  method: 'get',
  path: '/feature_flags/{id}/activity/',
  summary: 'What was changed of a flag, newest first',
  answers: { 200: activityShape },
  handle: async (call) => {
    const wish = activityWish(call.query);
    const page = await read(call, function* entries(context) {
      const { id } = yield* readFlag(context, yield* namedFlag(call, context));
      return yield* readActivity(context, { scope: 'FeatureFlag', itemId: String(id), ...wish });
    });
    return ok(activityPage(call.url, wish, page));
  },
});

const allActivityEndpoint = endpoint({
  ...activity,
  method: 'get',
  path: '/feature_flags/activity/',
  summary: 'What was changed of all flags, newest first',
  answers: { 200: activityShape },
  handle: async (call) => {
    const wish = activityWish(call.query);
    const page = await read(call, (context) => readActivity(context, { scope: 'FeatureFlag', itemId: null, ...wish }));
    return ok(activityPage(call.url, wish, page));
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
