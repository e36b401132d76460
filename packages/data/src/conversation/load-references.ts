import type { Definitions } from '@halyard/engine';
import { documentsOf, groupTypesOf } from '../statements/definitions-from-rows.ts';
import { cohortsStatement, groupTypesStatement } from '../statements/definitions-statement.ts';
import { factFailure, StoreError } from '../store-error.ts';
import { ticketed } from './load-project.ts';
import type { Store } from './store.ts';
import { answersTo, type Conversation } from './wish.ts';

/** What flags may refer to and a caller did not hand over. */
export interface WantedReferences {
  readonly cohorts: boolean;
  readonly groupTypes: boolean;
}

/** Cohorts and group types of a team, for flags that come from elsewhere. What cannot be read is a failure in its place (D43). */
export function* loadReferences(
  store: Store,
  teamId: number,
  wanted: WantedReferences,
): Conversation<Partial<Pick<Definitions, 'cohorts' | 'groupTypeMapping'>>> {
  const cohorts = ticketed(store, 'non-persons reader', (ticket) => cohortsStatement(teamId, ticket));
  const types = ticketed(store, 'persons reader', (ticket) => groupTypesStatement(teamId, ticket));
  const asks = [...(wanted.cohorts ? [cohorts] : []), ...(wanted.groupTypes ? [types] : [])];
  const answers = asks.length === 0 ? [] : yield* answersTo(asks);
  const columnOf = (ask: typeof cohorts, column: string) => {
    const answer = answers[asks.indexOf(ask)];
    return answer instanceof StoreError ? answer : (answer?.[0]?.[column] ?? null);
  };
  const found: { cohorts?: Definitions['cohorts']; groupTypeMapping?: Definitions['groupTypeMapping'] } = {};
  if (wanted.cohorts) {
    const documents = columnOf(cohorts, 'cohorts');
    found.cohorts = documents instanceof StoreError ? factFailure(documents) : [...documentsOf(documents)];
  }
  if (wanted.groupTypes) {
    const mapping = columnOf(types, 'mapping');
    found.groupTypeMapping = mapping instanceof StoreError ? factFailure(mapping) : groupTypesOf(mapping);
  }
  return found;
}
