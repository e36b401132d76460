import { isList, isObject, type JsonObject, type JsonValue, member } from '@halyard/json';
import { countSubjects, judgeCondition } from '@halyard/manage';
import { z } from '@hono/zod-openapi';
import type { CompiledProject } from 'halyard/host';
import { read } from '../flags/run.ts';
import { anyObject } from '../flags/shapes.ts';
import { invalid, serverError } from '../frame/api-error.ts';
import { type Call, endpoint, ok } from '../frame/endpoint.ts';
import { groupPages, LEAST_PAGES, personPages, type Subject } from './subject-pages.ts';

type ProjectCall = Call<'project', unknown>;

const DRAFT = 'halyard-draft-condition';
const DRAFT_ID = 2 ** 31 - 1;

/** How many persons, or groups of a type, the filters of a condition let in, whatever its rollout (M100). */
export const blastRadiusEndpoint = endpoint({
  method: 'post',
  place: 'project',
  path: '/feature_flags/user_blast_radius/',
  access: { scopes: ['feature_flag:read'] },
  changes: 'nothing',
  summary: 'Whom a condition would let in',
  body: z.looseObject({}),
  answers: { 200: anyObject, 503: 'What is stored of somebody could not be loaded.' },
  handle: async (call) => {
    const condition = member(call.sent, 'condition');
    if (!isObject(condition)) throw invalid('This field is required.', 'condition', 'required');
    const index = indexOf(member(call.sent, 'group_type_index') ?? null);
    const { filters, total } = await read(call, function* judge(context) {
      return { filters: yield* judgeCondition(context, condition, index), total: yield* countSubjects(context, index) };
    });
    const properties = member(condition, 'properties');
    const isForAll = !isList(properties) || properties.length === 0;
    const counted = isForAll
      ? { affected: total, asked: total, isComplete: true }
      : await count(call, filters, index, total);
    const estimated = !counted.isComplete;
    const affected = estimated ? Math.round((counted.affected / Math.max(counted.asked, 1)) * total) : counted.affected;
    // The older names beside today's.
    const body = { affected, total, users_affected: affected, total_users: total };
    return ok(estimated ? { ...body, estimated } : body);
  },
});

function indexOf(value: JsonValue): number | null {
  if (value === null) return null;
  if (typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= 4) return value;
  throw invalid('Must be the index of a group type.', 'group_type_index');
}

interface Counted {
  readonly affected: number;
  readonly asked: number;
  /** Nobody is left who was not asked. */
  readonly isComplete: boolean;
}

async function count(call: ProjectCall, filters: JsonObject, index: number | null, total: number): Promise<Counted> {
  const { project, services } = call;
  const flag = { id: DRAFT_ID, key: DRAFT, active: true, filters };
  const compiled = await services.recompiled(String(project.row['api_token']), (definitions) => ({
    ...definitions,
    flags: [...definitions.flags, flag],
  }));
  let [affected, asked, pages] = [0, 0, 0];
  if (compiled === null) return { affected, asked, isComplete: true };
  const until = performance.now() + services.sampleAfterMs;
  for await (const subjects of index === null ? personPages(call) : groupPages(call, index, total)) {
    if (pages >= LEAST_PAGES && performance.now() > until) return { affected, asked, isComplete: false };
    const values = await Promise.all(subjects.map((subject) => isAffected(compiled, subject, services.clock())));
    pages += 1;
    asked += values.length;
    affected += values.filter(Boolean).length;
  }
  return { affected, asked, isComplete: true };
}

async function isAffected(compiled: CompiledProject, subject: Subject, now: number): Promise<boolean> {
  const request = { ...subject, now, flagKeys: [DRAFT], runtime: 'all', skipWrites: true } as const;
  const { results } = await compiled.evaluate(request);
  const result = results.find(({ flag }) => flag.key === DRAFT);
  if (result?.failed === true) throw serverError(503, 'What is stored could not be loaded. Ask again later.');
  return result?.enabled === true;
}
