import { isList, isObject, type JsonObject, type JsonValue, member } from '@halyard/json';
import { countSubjects, judgeCondition, listGroups, listGroupTypes } from '@halyard/manage';
import { z } from '@hono/zod-openapi';
import type { CompiledProject } from 'halyard/host';
import { read } from '../flags/run.ts';
import { anyObject } from '../flags/shapes.ts';
import { invalid } from '../frame/api-error.ts';
import { type Call, endpoint, ok } from '../frame/endpoint.ts';

type ProjectCall = Call<'project', unknown>;

/** Subjects that are evaluated side by side: their look-ups share statements. */
const AT_ONCE = 200;
/** After this time the rest is estimated from those that were asked. */
const PATIENCE_MS = 3_000;
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
  answers: { 200: anyObject },
  handle: async (call) => {
    const condition = member(call.sent, 'condition');
    if (!isObject(condition)) throw invalid('This field is required.', 'condition', 'required');
    const index = indexOf(member(call.sent, 'group_type_index') ?? null);
    const { filters, total } = await read(call, function* judge(context) {
      return { filters: yield* judgeCondition(context, condition, index), total: yield* countSubjects(context, index) };
    });
    const properties = member(condition, 'properties');
    const isForAll = !isList(properties) || properties.length === 0;
    const counted = isForAll ? { affected: total, asked: total } : await count(call, filters, index, total);
    const estimated = counted.asked < total;
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
}

async function count(call: ProjectCall, filters: JsonObject, index: number | null, total: number): Promise<Counted> {
  const { project, services } = call;
  const flag = { id: DRAFT_ID, key: DRAFT, active: true, filters };
  const compiled = await services.recompiled(String(project.row['api_token']), (definitions) => ({
    ...definitions,
    flags: [...definitions.flags, flag],
  }));
  if (compiled === null) return { affected: 0, asked: 0 };
  const until = performance.now() + PATIENCE_MS;
  const counted = { affected: 0, asked: 0 };
  const pages = index === null ? personPages(call) : groups(call, index);
  for await (const subjects of pages) {
    const values = await Promise.all(subjects.map((subject) => isAffected(compiled, subject, services.clock())));
    counted.asked += values.length;
    counted.affected += values.filter(Boolean).length;
    if (performance.now() > until) break;
  }
  // Persons without any id cannot be asked about, and no flag ever asks about them.
  return counted.asked < total && performance.now() <= until ? { ...counted, asked: total } : counted;
}

interface Subject {
  readonly distinctId: string;
  readonly groups?: JsonObject;
}

async function isAffected(compiled: CompiledProject, subject: Subject, now: number): Promise<boolean> {
  const request = { ...subject, now, flagKeys: [DRAFT], runtime: 'all', skipWrites: true } as const;
  const { results } = await compiled.evaluate(request);
  return results.find(({ flag }) => flag.key === DRAFT)?.enabled === true;
}

/** The stored persons of the project, by one of their ids, page by page. */
export async function* personPages({ project, services }: ProjectCall): AsyncGenerator<readonly Subject[]> {
  for (let after = 0; ; ) {
    const page = await services.persons(project.teamId, after, AT_ONCE);
    const last = page.at(-1);
    if (last === undefined) return;
    yield page.flatMap(({ distinctId }) => (distinctId === null ? [] : [{ distinctId }]));
    after = last.id;
  }
}

async function* groups(call: ProjectCall, index: number): AsyncGenerator<readonly Subject[]> {
  const types = await read(call, listGroupTypes);
  const type = types.find((one) => one['group_type_index'] === index)?.['group_type'];
  if (typeof type !== 'string') throw invalid('There is no such group type.', 'group_type_index');
  for (let offset = 0; ; offset += AT_ONCE) {
    const from = offset;
    const page = await read(call, (context) => listGroups(context, index, null, { limit: AT_ONCE, offset: from }));
    yield page.results.map((group) => ({
      distinctId: '',
      groups: { [type]: isObject(group) ? (member(group, 'group_key') ?? null) : null },
    }));
    if (!page.hasMore) return;
  }
}
