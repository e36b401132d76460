import { type JsonObject, member } from '@halyard/json';
import { constraintFilters, NotExpressible, person } from './constraint.ts';
import { textIn, type UnleashExport, type UnleashStrategy } from './read-unleash.ts';

/** Segments become cohorts whose ids no project has, so that none that is there is written over; storing gives them free ones. */
const FIRST_COHORT = 1_600_000_000;

export function cohortIdOf(segment: number): number {
  return FIRST_COHORT + segment;
}

/**
 * One strategy as a condition.
 *
 * @throws {NotExpressible}
 */
export function strategyCondition(strategy: UnleashStrategy, segments: UnleashExport['segments']): JsonObject {
  const { filters, rollout } = reachOf(strategy);
  const asked = strategy.constraints.flatMap((constraint) => {
    const { filters: some, negated } = constraintFilters(constraint);
    if (!negated) return some;
    // The opposite of such a test holds for who has no such property, and no operator says so.
    throw new NotExpressible(`an inverted ${textIn(constraint, 'operator')} outside a segment`);
  });
  const cohorts = strategy.segments.map((id) => {
    if ((segments.get(id)?.constraints ?? null) === null)
      throw new NotExpressible(`the file does not say what segment ${id} is`);
    return { key: 'id', type: 'cohort', operator: 'in', value: cohortIdOf(id) };
  });
  return { properties: [...filters, ...asked, ...cohorts], rollout_percentage: rollout };
}

function reachOf({ name, parameters }: UnleashStrategy): { filters: readonly JsonObject[]; rollout: number } {
  switch (name) {
    case 'default':
      return { filters: [], rollout: 100 };
    case 'userWithId': {
      const ids = textIn(parameters, 'userIds')
        .split(',')
        .map((id) => id.trim())
        .filter((id) => id !== '');
      if (ids.length === 0) throw new NotExpressible('userWithId without an id lets nobody in');
      return { filters: [person('distinct_id', 'exact', ids)], rollout: 100 };
    }
    case 'flexibleRollout':
      return { filters: [], rollout: rolloutOf(parameters, 'rollout', textIn(parameters, 'stickiness', 'default')) };
    case 'gradualRolloutUserId':
      return { filters: [], rollout: rolloutOf(parameters, 'percentage', 'userId') };
    case 'gradualRolloutSessionId':
      return { filters: [], rollout: rolloutOf(parameters, 'percentage', 'sessionId') };
    case 'gradualRolloutRandom':
      return { filters: [], rollout: rolloutOf(parameters, 'percentage', 'random') };
    default:
      throw new NotExpressible(`the strategy ${name || 'of no name'}`);
  }
}

function rolloutOf(parameters: JsonObject, name: string, stickiness: string): number {
  const given = member(parameters, name);
  const rollout = typeof given === 'string' && given.trim() !== '' ? Number(given) : given;
  if (typeof rollout !== 'number' || !(rollout >= 0 && rollout <= 100)) {
    throw new NotExpressible('a rollout that is no number from 0 to 100');
  }
  if (rollout > 0 && rollout < 100) refuseStickiness(stickiness);
  return rollout;
}

/** Shares are drawn by the user here; who gets in by session or chance would be somebody else. */
export function refuseStickiness(stickiness: string): void {
  if (stickiness !== 'default' && stickiness !== 'userId' && stickiness !== '') {
    throw new NotExpressible(`a share that is drawn by ${stickiness}`);
  }
}

/** A segment as a cohort. */
export function segmentCohort(id: number, name: string, constraints: readonly JsonObject[]): JsonObject {
  const values = constraints.map((constraint) => {
    const { filters, negated } = constraintFilters(constraint);
    const [only, ...others] = filters;
    if (only !== undefined && others.length === 0) return { ...only, negation: negated };
    if (!negated) return { type: 'AND', values: filters };
    // Not both is: the one not, or the other not.
    return { type: 'OR', values: filters.map((filter) => ({ ...filter, negation: true })) };
  });
  return { id: cohortIdOf(id), name, is_static: false, filters: { properties: { type: 'AND', values } } };
}
