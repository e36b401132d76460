import type { FactPlan } from '@halyard/engine';
import { describe, expect, it } from 'vitest';
import { StoreError, stickyKeysFailure } from '../store-error.ts';
import { factsFromRow, failedFacts } from './facts-from-row.ts';

const plan: FactPlan = {
  teamId: 1,
  distinctId: 'ann',
  person: { keys: ['plan'], createdAt: true },
  groups: [{ index: 0, key: 'acme', keys: ['tier'] }],
  staticCohorts: [7],
  stickyKeys: { anonDistinctId: null, write: null },
};
const nothing: FactPlan = { ...plan, person: null, groups: [], staticCohorts: [], stickyKeys: null };
const row = { person: null, created_at: null, static_cohorts: null, sticky_keys: null, groups: null };
const nobody = { person: null, groups: new Map(), stickyKeys: new Map() };

describe('a row of facts', () => {
  it('D116: has everything that was asked for', () => {
    const full = {
      person: '{"plan":"pro"}',
      created_at: '2024-05-06T07:08:09Z',
      static_cohorts: '7,12',
      sticky_keys: '[[true,"f","first"],[false,"g","other"]]',
      groups: '{"0":{"tier":"gold"},"2":null}',
    };
    expect(factsFromRow(plan, full)).toEqual({
      facts: {
        person: { properties: { plan: 'pro' }, createdAt: '2024-05-06T07:08:09Z', staticCohorts: new Set([7, 12]) },
        groups: new Map([
          [0, { tier: 'gold' }],
          [2, {}],
        ]),
        stickyKeys: new Map([
          ['f', 'first'],
          ['g', 'other'],
        ]),
      },
      stickyRows: [
        { own: true, flagKey: 'f', hashKey: 'first' },
        { own: false, flagKey: 'g', hashKey: 'other' },
      ],
    });
  });

  it('D54: of nobody says that there is nobody', () => {
    expect(factsFromRow(plan, row)).toEqual({ facts: nobody, stickyRows: null });
    expect(factsFromRow(plan, undefined)).toEqual({ facts: nobody, stickyRows: null });
  });

  it('D56: of a person without memberships or a time says so', () => {
    for (const static_cohorts of ['', null]) {
      const { facts } = factsFromRow(plan, { ...row, person: '{}', static_cohorts });
      expect(facts.person).toEqual({ properties: {}, staticCohorts: new Set() });
      expect(facts.person).not.toHaveProperty('createdAt');
    }
  });

  it('has sticky keys where they were asked for only', () => {
    expect(factsFromRow(nothing, { ...row, sticky_keys: '[[true,"f","first"]]' })).toEqual({
      facts: { ...nobody, stickyKeys: null },
      stickyRows: null,
    });
  });

  it.each(['"text"', '[1]', 'null'])('a document that is no object, %s, has no properties', (document) => {
    const { facts } = factsFromRow(plan, { ...row, person: document, groups: document });
    expect(facts.person).toMatchObject({ properties: {} });
    expect(facts.groups).toEqual(new Map());
  });

  it('E160: a document that cannot be read is one that could not be loaded; the others can', () => {
    const { facts } = factsFromRow(plan, { ...row, person: '{', groups: '{"0":{}}' });
    expect(facts.person).toMatchObject({ failed: true, code: 'database_error' });
    expect(facts.groups).toEqual(new Map([[0, {}]]));
    const other = factsFromRow(plan, { ...row, person: '{}', groups: '{' }).facts;
    expect(other.groups).toMatchObject({ failed: true, code: 'database_error' });
  });
});

describe('E160: facts of a statement that failed', () => {
  const late = new StoreError('timeout', 'persons reader', 'late');
  const failure = { failed: true, code: 'timeout', description: 'Database statement timed out' };

  it('are failures as far as they were asked for', () => {
    expect(failedFacts(plan, late)).toEqual({
      person: failure,
      groups: failure,
      stickyKeys: stickyKeysFailure,
    });
    expect(failedFacts(nothing, late)).toEqual({ person: null, groups: new Map(), stickyKeys: null });
    expect(failedFacts({ ...nothing, staticCohorts: [7] }, late).person).toEqual(failure);
  });
});
