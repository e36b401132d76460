import type { JsonObject } from '@halyard/json';
import { fromLocalEvaluation, ProjectWriter } from 'halyard/host';

export const token = 'phc_failures';

/** A stored person. By her own id `kept` would be off; by the id she had as a visitor, which is stored, it is on. */
export const person = 'ann';
export const visitor = 'visitor';
/** The same properties, off by her own id, and no stored key yet. */
export const newPerson = 'cleo';

/** The right value of every flag for `person`, whether facts are at hand or not. */
export const rightValues = {
  // These need no stored facts.
  'for-all': true,
  'for-none': false,
  'by-hash': 'red',
  // These do.
  'by-plan': true,
  'by-other-plan': false,
  'by-members': true,
  'by-group': true,
  kept: true,
} as const;

export type FlagKey = keyof typeof rightValues;

/** What a request for `person` names. */
export const askForPerson = { distinct_id: person, groups: { organization: 'acme' } };

/** Flags that need stored facts of the persons database. */
export const needFacts: ReadonlySet<FlagKey> = new Set<FlagKey>([
  'by-plan',
  'by-other-plan',
  'by-members',
  'by-group',
  'kept',
]);

const all = { properties: [], rollout_percentage: 100 };

const definitions: JsonObject = {
  flags: [
    flag(1, 'for-all', { groups: [all] }),
    flag(2, 'for-none', { groups: [{ ...all, rollout_percentage: 0 }] }),
    flag(3, 'by-hash', {
      groups: [all],
      multivariate: {
        variants: [
          { key: 'red', rollout_percentage: 100 },
          { key: 'blue', rollout_percentage: 0 },
        ],
      },
    }),
    flag(4, 'by-plan', { groups: [{ ...all, properties: [stored('plan', 'pro')] }] }),
    // Not the plan of anybody: a fact that was not loaded must not look like one that is absent.
    flag(5, 'by-other-plan', { groups: [{ ...all, properties: [{ ...stored('plan', 'pro'), operator: 'is_not' }] }] }),
    flag(6, 'by-members', {
      groups: [{ ...all, properties: [{ key: 'id', type: 'cohort', operator: 'in', value: 1 }] }],
    }),
    flag(7, 'by-group', {
      aggregation_group_type_index: 0,
      groups: [
        {
          ...all,
          properties: [{ key: 'tier', type: 'group', group_type_index: 0, operator: 'exact', value: ['gold'] }],
        },
      ],
    }),
    { ...flag(8, 'kept', { groups: [{ ...all, rollout_percentage: 50 }] }), ensure_experience_continuity: true },
  ],
  group_type_mapping: { '0': 'organization' },
  cohorts: [{ id: 1, name: 'Members', is_static: true, filters: {} }],
};

function flag(id: number, key: string, filters: JsonObject): JsonObject {
  return { id, key, name: key, active: true, filters };
}

function stored(key: string, value: string): JsonObject {
  return { key, type: 'person', operator: 'exact', value: [value] };
}

/** Writes the project. */
export async function writeProject(url: string): Promise<number> {
  const writer = await ProjectWriter.open(url);
  try {
    const { teamId } = await writer.importDefinitions(fromLocalEvaluation(definitions), {
      token,
      facts: {
        persons: [person, newPerson].map((id) => ({ distinctIds: [id], properties: { plan: 'pro' } })),
        groups: [{ index: 0, key: 'acme', properties: { tier: 'gold' } }],
        staticMembers: [{ cohortId: 1, distinctIds: [person, newPerson] }],
        stickyKeys: [{ distinctId: person, flagKey: 'kept', hashKey: visitor }],
      },
    });
    return teamId;
  } finally {
    await writer.close();
  }
}
