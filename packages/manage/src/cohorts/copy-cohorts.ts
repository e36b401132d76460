import { cohortByNameStatement, type Work } from '@halyard/data/management';
import { isList, isObject, type JsonObject, type JsonValue, member } from '@halyard/json';
import { ask, type CommandContext } from '../command.ts';
import { cohortIdOf } from '../filters/walk.ts';
import { Refusal } from '../refusal.ts';
import { leavesIn } from './cohort-graph.ts';
import { createCohort, readCohort } from './write-cohorts.ts';

/** No id: what is stored by something else may be made of itself. */
const BEING_COPIED = 0;

/**
 * The ids that cohorts have in another project (M102): those of the same name there, else copies, children first.
 *
 * @throws {Refusal} for a list of people, which nobody can copy: they are other people there
 */
export function* copyCohorts(
  source: CommandContext,
  target: CommandContext,
  ids: readonly number[],
  known: Map<number, number> = new Map(),
): Work<ReadonlyMap<number, number>> {
  for (const id of ids) {
    const copy = known.get(id);
    if (copy === BEING_COPIED) throw Refusal.invalid('invalid_input', 'Its cohorts are made of each other.');
    if (copy !== undefined) continue;
    known.set(id, BEING_COPIED);
    known.set(id, yield* copyOne(source, target, id, known));
  }
  return known;
}

function* copyOne(
  source: CommandContext,
  target: CommandContext,
  id: number,
  known: Map<number, number>,
): Work<number> {
  const cohort = yield* readCohort(source, id);
  const name = cohort.name ?? '';
  const [there] = yield* ask(cohortByNameStatement(target.teamId, name));
  if (there !== undefined) return Number(there['id']);
  if (cohort.is_static) {
    const detail = `There is no cohort "${name}" there, and a list of people cannot be copied.`;
    throw Refusal.invalid('invalid_input', detail);
  }
  const filters = cohort.filters ?? {};
  const children = yield* copyCohorts(source, target, leavesIn(filters).targets, known);
  const body = { name, description: cohort.description, filters: moved(filters, children) as JsonObject };
  return (yield* createCohort(target, body)).cohort.id;
}

function moved(value: JsonValue, ids: ReadonlyMap<number, number>): JsonValue {
  if (isList(value)) return value.map((item) => moved(item, ids));
  if (!isObject(value)) return value;
  const copy = Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, moved(inner, ids)]));
  if (member(value, 'type') !== 'cohort') return copy;
  const id = ids.get(cohortIdOf(member(value, 'value')) ?? 0);
  return id === undefined ? copy : { ...copy, value: id };
}
