import type { JsonValue } from '@halyard/json';
import { countSubjects, dependentsIn, includesScope, type JudgedDraft, StoreError } from '@halyard/manage';
import { z } from '@hono/zod-openapi';
import type { Remembered } from '../../observe/recent-requests.ts';
import { LEAST_PAGES, personPages } from '../evaluations/subject-pages.ts';
import { read } from '../flags/run.ts';
import { type Call, endpoint, ok } from '../frame/endpoint.ts';
import { type Compared, compareAll, type Comparison } from './compared.ts';
import { draftMembers, projectWith, readDraft, refuseUnusable } from './draft.ts';
import { OneAtATime } from './one-at-a-time.ts';

type ProjectCall = Call<'project', unknown>;

/** Requests are compared so long, and then stored persons. */
const REQUESTS_MS = 3_000;
const PERSONS_MS = 1_500;
/** A younger sample says so (K13). */
const YOUNG_MS = 3_600_000;
const MOST_EXAMPLES = 20;

const turns = new OneAtATime(4);

const value = z.union([z.boolean(), z.string()]);

/** Who changes value among those who asked lately (M182). */
export const impactEndpoint = endpoint({
  method: 'post',
  place: 'project',
  own: true,
  path: '/impact/',
  access: { scopes: ['feature_flag:read'] },
  changes: 'nothing',
  summary: 'Whose value a draft changes, among recent requests and stored persons',
  body: z.looseObject({
    ...draftMembers,
    persons: z
      .unknown()
      .optional()
      .openapi({ type: 'boolean', description: 'false: only recent requests; stored persons are left out.' }),
  }),
  answers: {
    200: z.object({
      sample: z.object({
        state: z
          .enum(['off', 'empty', 'young', 'ready'])
          .openapi({ description: 'off: a setting turns it off; young: less than an hour old.' }),
        requests: z.number().int(),
        subjects: z.number().int(),
        since: z.string().nullable(),
        compared: z.number().int().openapi({ description: 'Subjects that there was time for.' }),
      }),
      transitions: z.array(
        z.object({ from: value, to: value, subjects: z.number().int(), examples: z.array(z.string()) }),
      ),
      unchanged: z.number().int(),
      failed: z.number().int(),
      dependents: z.array(z.object({ key: z.string(), subjects: z.number().int() })),
      persons: z
        .object({ affected: z.number().int(), total: z.number().int(), estimated: z.boolean() })
        .nullable()
        .openapi({ description: 'Null: what is stored of people could not be read, or was not asked for.' }),
    }),
    503: 'Too many ask at once.',
  },
  handle: async (call) => {
    const judged = await read(call, () => readDraft(call));
    refuseUnusable(judged);
    return turns.run(async () => {
      const comparison = await comparisonOf(call, judged);
      const remembered = (await call.services.recent?.(call.project.teamId)) ?? null;
      if (comparison === null) return ok({ ...impactOf(call, remembered, []), persons: null });
      const until = performance.now() + REQUESTS_MS;
      const requests = remembered?.requests.toReversed() ?? [];
      const compared = await compareAll(comparison, requests, call.services.clock(), until);
      const persons = call.sent['persons'] === false ? null : await personsOf(call, comparison);
      return ok({ ...impactOf(call, remembered, compared), persons });
    });
  },
});

async function comparisonOf(call: ProjectCall, judged: JudgedDraft): Promise<Comparison | null> {
  let flags: readonly JsonValue[] = [];
  const before = await call.services.recompiled(String(call.project.row['api_token']), (definitions) => {
    ({ flags } = definitions);
    return definitions;
  });
  const after = await projectWith(call, judged);
  if (before === null || after === null) return null;
  const { stored, fields } = judged;
  const dependents = stored === null ? [] : dependentsIn(flags, stored.id);
  return { before, after, oldKey: stored?.key ?? null, newKey: fields.key, dependents };
}

function impactOf({ caller, services }: ProjectCall, remembered: Remembered | null, compared: readonly Compared[]) {
  const requests = remembered?.requests ?? [];
  const oldest = requests[0]?.at ?? null;
  const known = compared.filter(({ failed }) => !failed);
  // Whoever may read flags only must not learn ids by asking for changes.
  const mayName = caller.via.kind === 'session' || includesScope(caller.via.scopes, 'person:read');
  return {
    sample: {
      state: remembered === null ? 'off' : stateOf(oldest, services.clock()),
      requests: requests.reduce((sum, { times }) => sum + times, 0),
      subjects: requests.length,
      since: oldest === null ? null : new Date(oldest).toISOString(),
      compared: compared.length,
    },
    transitions: transitionsOf(known, mayName),
    unchanged: known.filter(({ from, to }) => from === to).length,
    failed: compared.length - known.length,
    dependents: countsOf(compared.flatMap(({ dependents }) => dependents)).map(([key, subjects]) => ({
      key,
      subjects,
    })),
  };
}

function stateOf(oldest: number | null, now: number): 'empty' | 'young' | 'ready' {
  if (oldest === null) return 'empty';
  return now - oldest < YOUNG_MS ? 'young' : 'ready';
}

/** The most frequent first. */
function transitionsOf(compared: readonly Compared[], mayName: boolean) {
  const changed = compared.filter(({ from, to }) => from !== to);
  return countsOf(changed.map(({ from, to }) => JSON.stringify([from, to]))).map(([name, subjects]) => {
    const [from, to] = JSON.parse(name) as [Compared['from'], Compared['to']];
    const those = mayName ? changed.filter((each) => each.from === from && each.to === to) : [];
    return { from, to, subjects, examples: those.slice(0, MOST_EXAMPLES).map(({ distinctId }) => distinctId) };
  });
}

function countsOf(names: readonly string[]): readonly [name: string, count: number][] {
  const counts = new Map<string, number>();
  for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1);
  return [...counts].sort(([, a], [, b]) => b - a);
}

/** How many stored persons change value; null: they could not be read. */
async function personsOf(call: ProjectCall, comparison: Comparison) {
  try {
    const total = await read(call, (context) => countSubjects(context, null));
    return await countPersons(call, comparison, total);
  } catch (error) {
    if (error instanceof StoreError) return null;
    throw error;
  }
}

/** From as many as there is time for. */
async function countPersons(call: ProjectCall, comparison: Comparison, total: number) {
  const until = performance.now() + Math.min(PERSONS_MS, call.services.sampleAfterMs);
  let [asked, affected, pages, isDone] = [0, 0, 0, true];
  for await (const subjects of personPages(call)) {
    const requests = subjects.map((subject) => ({ ...subject, runtime: 'all' as const }));
    const compared = await compareAll(comparison, requests, call.services.clock(), until);
    asked += compared.length;
    affected += compared.filter(({ from, to, failed }) => !failed && from !== to).length;
    pages += 1;
    isDone = isDone && compared.length === requests.length;
    if (pages >= LEAST_PAGES && performance.now() > until) {
      isDone = isDone && asked >= total;
      break;
    }
  }
  // Persons without any id cannot be asked about, and no flag ever asks about them.
  if (isDone) return { affected, total, estimated: false };
  return { affected: Math.round((affected / Math.max(asked, 1)) * total), total, estimated: true };
}
