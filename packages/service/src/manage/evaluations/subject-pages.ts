import { isObject, type JsonObject, member } from '@halyard/json';
import { listGroups, listGroupTypes, listPersonPages } from '@halyard/manage';
import { read } from '../flags/run.ts';
import { invalid } from '../frame/api-error.ts';
import type { Call } from '../frame/endpoint.ts';

type ProjectCall = Call<'project', unknown>;

/** Of whom a flag may be asked. */
export interface Subject {
  readonly distinctId: string;
  readonly groups?: JsonObject;
}

/** However late it is: fewer pages are no sample. */
export const LEAST_PAGES = 10;

/** Subjects that are evaluated side by side: their look-ups share statements. */
const AT_ONCE = 200;

/**
 * The stored persons of the project, each by one of their ids, in pages from all over the project: the first few are a fair sample, whatever
 * those who came early have in common. Persons without any id are left out: no flag ever asks about them.
 */
export async function* personPages(call: ProjectCall): AsyncGenerator<readonly Subject[]> {
  const { project, services } = call;
  const starts = await read(call, (context) => listPersonPages(context, AT_ONCE));
  for (const page of spread(starts.length)) {
    const end = starts[page + 1] ?? Number.POSITIVE_INFINITY;
    const persons = await services.persons(project.teamId, Number(starts[page]) - 1, AT_ONCE);
    // Who went meanwhile leaves room for persons of the next page.
    const own = persons.filter(({ id }) => id < end);
    yield own.flatMap(({ distinctId }) => (distinctId === null ? [] : [{ distinctId }]));
  }
}

/** The groups of a type, `total` of them, in such pages. @throws {ApiError} when there is no such type */
export async function* groupPages(call: ProjectCall, index: number, total: number): AsyncGenerator<readonly Subject[]> {
  const types = await read(call, listGroupTypes);
  const type = types.find((one) => one['group_type_index'] === index)?.['group_type'];
  if (typeof type !== 'string') throw invalid('There is no such group type.', 'group_type_index');
  for (const page of spread(Math.ceil(total / AT_ONCE))) {
    const part = { limit: AT_ONCE, offset: page * AT_ONCE };
    const { results } = await read(call, (context) => listGroups(context, index, null, part));
    yield results.map((group) => ({
      distinctId: '',
      groups: { [type]: isObject(group) ? (member(group, 'group_key') ?? null) : null },
    }));
  }
}

/** 0 to `count - 1`, each once, so that those up to any point lie evenly among all: steps of the golden ratio. */
function* spread(count: number): Generator<number> {
  let step = Math.max(1, Math.round(count * 0.618));
  while (commonDivisor(step, count) > 1) step += 1;
  for (let at = 0; at < count; at += 1) yield (at * step) % count;
}

function commonDivisor(a: number, b: number): number {
  return b === 0 ? a : commonDivisor(b, a % b);
}
