import type { FactPlan } from '@halyard/engine';
import { canBeStored, isInteger32 } from '../stored-text.ts';
import { type PickedKeys, pickedKeys } from './picked-keys.ts';

/** A plan reduced to what can exist in the database: what a statement asks for, not yet how. */
export interface FactsQuestion {
  readonly teamId: number;
  /** The request's distinct id; `null`: no column can hold it. */
  readonly own: string | null;
  /** The anonymous id, where sticky keys are asked for both. */
  readonly other: string | null;
  /** Keys wanted of the person; `null`: the person is not asked for. */
  readonly person: PickedKeys | null;
  readonly createdAt: boolean;
  readonly staticCohorts: readonly number[];
  /** Each a pair of index and key (D57). */
  readonly groups: readonly { readonly index: number; readonly key: string; readonly picked: PickedKeys }[];
  readonly stickyKeys: 'none' | 'own' | 'both';
}

const noKeys: readonly string[] = [];

/** `null`: nothing that the plan asks for can exist, so there is nothing to ask. */
export function factsQuestion(plan: FactPlan): FactsQuestion | null {
  if (!isInteger32(plan.teamId)) return null;
  const own = canBeStored(plan.distinctId) ? plan.distinctId : null;
  const anon = plan.stickyKeys?.anonDistinctId ?? null;
  const other = anon !== null && canBeStored(anon) ? anon : null;
  const groups = plan.groups.filter(({ index, key }) => isInteger32(index) && canBeStored(key));
  const cohorts = plan.staticCohorts.filter(isInteger32);
  const person = own !== null && (plan.person !== null || cohorts.length > 0);
  const stickyKeys = plan.stickyKeys === null || (own ?? other) === null ? 'none' : other === null ? 'own' : 'both';
  if (!person && groups.length === 0 && stickyKeys === 'none') return null;
  return {
    teamId: plan.teamId,
    own,
    other,
    person: person ? pickedKeys(plan.person?.keys ?? noKeys) : null,
    createdAt: person && plan.person?.createdAt === true,
    staticCohorts: person ? cohorts : [],
    groups: groups.map(({ index, key, keys }) => ({ index, key, picked: pickedKeys(keys) })),
    stickyKeys,
  };
}
