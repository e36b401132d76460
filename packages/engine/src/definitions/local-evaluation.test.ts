import type { JsonObject, JsonValue } from '@halyard/json';
import { describe, expect, it } from 'vitest';
import { dependsOn, everyone, flag, person } from '../scenario.cases.ts';
import { fromLocalEvaluation } from './local-evaluation.ts';
import { DefinitionError } from './reader.ts';

const read = (rest: JsonObject, settings = {}) => fromLocalEvaluation({ flags: [], ...rest }, settings);

describe('a document of local evaluation', () => {
  it('needs flags, and nothing else', () => {
    expect(read({})).toEqual({ teamId: 1, flags: [], cohorts: [], groupTypeMapping: {} });
  });

  it.each<[JsonValue, string, string]>([
    ['flags', '', 'must be an object, not a string'],
    [{ flags: {} }, 'flags', 'must be a list, not an object'],
  ])('of another shape is refused: %j', (document, path, message) => {
    let refused: unknown;
    try {
      fromLocalEvaluation(document);
    } catch (error) {
      refused = error;
    }
    expect(refused).toBeInstanceOf(DefinitionError);
    expect(refused).toMatchObject({ path, message });
  });

  it('is of the team that is said, else of its first flag that says one', () => {
    const flags = [
      'odd',
      everyone('a', { team_id: 'x' }),
      everyone('b', { team_id: 7 }),
      everyone('c', { team_id: 8 }),
    ];
    expect(read({ flags }).teamId).toBe(7);
    expect(read({ flags }, { teamId: 3 }).teamId).toBe(3);
  });

  it('E117: is in the time zone that is said, else in its own, where that is a text', () => {
    expect(read({ timezone: 'Europe/Vienna' }).timezone).toBe('Europe/Vienna');
    expect(read({ timezone: 'Europe/Vienna' }, { timezone: 'Asia/Tokyo' }).timezone).toBe('Asia/Tokyo');
    expect(read({ timezone: 7 })).not.toHaveProperty('timezone');
  });

  it('E96: has the property matching version that it names', () => {
    expect(read({ property_matching_version: 2 }).propertyMatchingVersion).toBe(2);
    expect(read({ property_matching_version: '2' })).not.toHaveProperty('propertyMatchingVersion');
  });

  it.each<[string, string, string]>([
    ['by its key', 'target', '5'],
    ['by its id, as flags are stored', '5', '5'],
    ['by an id that no flag has', '99', '99'],
    ['by a key that no flag has', 'nobody', '0'],
    ['by something around an id', 'a5', '0'],
    ['by something after an id', '5a', '0'],
    ['by the key of a flag without an id', 'broken', '0'],
  ])('E135: a filter names a flag %s', (_how, key, id) => {
    const asking = { key, type: 'flag', operator: 'flag_evaluates_to', value: true };
    const filters = {
      groups: [{ properties: [person('target', 1), asking], rollout_percentage: 7 }],
      early_exit: true,
    };
    const flags = [flag('f', filters), everyone('target', { id: 5 }), { id: 'x', key: 'broken' }];
    const properties = [person('target', 1), { ...asking, key: id }];
    expect(read({ flags }).flags[0]).toEqual(
      flag('f', { groups: [{ properties, rollout_percentage: 7 }], early_exit: true }),
    );
  });

  it('keeps what it cannot read for the compiler to complain about', () => {
    const unread: JsonValue[] = [
      'flag',
      { id: 1, key: 'f' },
      { id: 1, key: 'f', filters: 'x' },
      flag('f', { groups: 'x' }),
      flag('f', { groups: ['x', { properties: 'x' }, { rollout_percentage: 5 }, { properties: ['x'] }] }),
      flag('f', { groups: [{ properties: [7, null].map((key) => ({ ...dependsOn(1, true), key })) }] }),
      null,
    ];
    expect(read({ flags: unread }).flags).toEqual(unread);
  });

  it.each<[string, JsonValue, JsonValue[]]>([
    ['rows', [{ id: 1, is_static: true }], [{ id: 1, is_static: true }]],
    [
      'property groups by id',
      { '7': { type: 'OR', values: [] } },
      [{ id: 7, filters: { properties: { type: 'OR', values: [] } } }],
    ],
    ['rows by id', { '7': { filters: {}, name: 'a' } }, [{ id: 7, filters: {}, name: 'a' }]],
    ['static rows by id', { '7': { is_static: true } }, [{ id: 7, is_static: true }]],
    ['anything else by id', { '7': 'x' }, [{ id: 7, filters: { properties: 'x' } }]],
    ['no list and no object', 'x', []],
  ])('its cohorts may be %s', (_what, cohorts, expected) => {
    expect(read({ cohorts }).cohorts).toEqual(expected);
  });

  it('its group types are texts under numbers', () => {
    const mapping = { '0': 'company', '12': 'club', '1': 7, a1: 'x', '1a': 'y' };
    expect(read({ group_type_mapping: mapping }).groupTypeMapping).toEqual({ '0': 'company', '12': 'club' });
    expect(read({ group_type_mapping: 'company' }).groupTypeMapping).toEqual({});
  });
});
