import { readActivity } from '@halyard/manage';
import { activityPage, activityWish } from '../flags/activity-pages.ts';
import { read } from '../flags/run.ts';
import { activityShape } from '../flags/shapes.ts';
import { invalid } from '../frame/api-error.ts';
import { endpoint, ok } from '../frame/endpoint.ts';

const scopes: Readonly<Record<string, string>> = {
  flag: 'FeatureFlag',
  cohort: 'Cohort',
  early_access_feature: 'EarlyAccessFeature',
};
const activities = ['created', 'updated', 'deleted', 'restored'];
const LONGEST = 200;

/** Everything that was changed in a project, newest first (M187). */
export const historyEndpoint = endpoint({
  method: 'get',
  place: 'project',
  own: true,
  path: '/history/',
  access: { scopes: ['activity_log:read'] },
  changes: 'nothing',
  summary: 'What was changed of flags, cohorts and early access features, newest first',
  query: {
    kind: `One of ${Object.keys(scopes).join(', ')}. Default: all.`,
    q: 'Part of the key or name of what was changed.',
    user: 'Id of who changed it.',
    activity: `One of ${activities.join(', ')}.`,
    since: 'Not before; ISO 8601.',
    until: 'Before; ISO 8601.',
    limit: 'How many at most; 10 unless said.',
    page: 'From 1.',
  },
  answers: { 200: activityShape },
  handle: async (call) => {
    const wish = activityWish(call.query);
    const { query } = call;
    const kind = oneOf(query, 'kind', Object.keys(scopes));
    const filter = {
      scope: kind === null ? Object.values(scopes) : [scopes[kind] ?? ''],
      itemId: null,
      search: textOf(query, 'q'),
      userId: idOf(query, 'user'),
      activity: oneOf(query, 'activity', activities),
      since: timeOf(query, 'since'),
      until: timeOf(query, 'until'),
    };
    return ok(
      activityPage(call.url, wish, await read(call, (context) => readActivity(context, { ...filter, ...wish }))),
    );
  },
});

function textOf(query: URLSearchParams, name: string): string | null {
  const text = query.get(name)?.trim() ?? '';
  if (text.length > LONGEST)
    throw invalid(`Ensure this field has no more than ${LONGEST} characters.`, name, 'max_length');
  if (text.includes('\0')) throw invalid('Null characters are not allowed.', name, 'null_characters_not_allowed');
  return text === '' ? null : text;
}

function oneOf(query: URLSearchParams, name: string, known: readonly string[]): string | null {
  const text = textOf(query, name);
  if (text === null || known.includes(text)) return text;
  throw invalid(`Must be one of ${known.join(', ')}.`, name, 'invalid_choice');
}

function idOf(query: URLSearchParams, name: string): number | null {
  const text = textOf(query, name);
  if (text === null) return null;
  if (!/^\d{1,9}$/.test(text)) throw invalid('Must be the id of a user.', name);
  return Number(text);
}

function timeOf(query: URLSearchParams, name: string): string | null {
  const text = textOf(query, name);
  if (text === null) return null;
  const time = Date.parse(text);
  if (Number.isNaN(time)) throw invalid('Must be a time, such as 2026-12-31T12:00:00Z.', name);
  return new Date(time).toISOString();
}
