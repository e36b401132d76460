import type { StoredCode } from '@halyard/data/management';
import { definitionsOf } from './code-value.ts';
import type { JsonObject } from '@halyard/json';
import { describe, expect, it } from 'vitest';
import { type Plan, planChanges, readCode } from './index.ts';

const now = Date.UTC(2026, 10, 20);

/** What is stored of these flags, whose ids are their places. */
const storedWith = (...flags: readonly (JsonObject & { readonly key: string })[]): StoredCode => ({
  teamId: 1,
  token: 'phc_1',
  name: '',
  timezone: 'UTC',
  propertyMatchingVersion: 1,
  flags: flags.map((flag, at) => {
    const row = definitionsOf({ id: at + 1, name: '', active: true, ...flag }) as JsonObject;
    return { key: flag.key, row, text: JSON.stringify(row) };
  }),
  cohorts: [],
  groupTypes: {},
});

const planned = (files: readonly string[], stored: StoredCode | null = null): Plan =>
  planChanges(readCode(files.map((text, at) => ({ file: `${at}.yaml`, text }))), stored, { prune: false, now });

const flag = (key: string, filters: string, more = 'active: true'): string =>
  `key: ${key}\n${more}\nfilters: ${filters}\n`;
const on = (property: string): string => flag('f', `{ groups: [{ properties: [${property}] }] }`);
const asking = (key: string): string =>
  `{ groups: [{ properties: [{ key: ${key}, type: flag, operator: flag_evaluates_to, value: true }] }] }`;

describe('a plan judges flags as the API does', () => {
  it.each([
    [flag('f', '{ groups: [{}], payloads: { control: "1" } }'), 'filters.payloads.control: A flag without variants'],
    [flag('f', '{ groups: [{ variant: b }] }'), 'filters.groups[0].variant: "b" is no variant'],
    [
      flag('f', '{ multivariate: { variants: [{ key: a, rollout_percentage: 99 }] } }'),
      'filters.multivariate.variants: Shares of variants must add up to 100, not 99',
    ],
    [flag('f', '{ groups: [{}], payloads: { "true": "{" } }'), 'filters.payloads.true: The payload is not valid JSON'],
    [on('{ key: a, type: person, operator: is_date_after, value: soon }'), 'properties[0].value: This is no date'],
    [on('{ key: a, type: person, operator: semver_gt }'), 'properties[0].value: This is no version'],
    [on('{ key: a, type: person, operator: regex, value: "(" }'), 'properties[0].value: This is not a valid regular'],
    [on('{ key: a, type: group, group_type_index: 0, operator: exact, value: b }'), 'A condition on persons'],
    [flag('f', '{ groups: [{}] }', 'active: true\narchived: true'), 'archived: only a flag that is off'],
  ])('M60, M62, M65, M66, M67, M48: %j', (text, told) => {
    expect(() => planned([text])).toThrow(told);
    expect(() => planned([text])).toThrow(/^0\.yaml:[23]:\d+: f: /);
  });

  it('E172: ordered rules have a judge of their own', () => {
    const rules = '{ version: 2, return_type: boolean, default_value: false, rules: [] }';
    expect(planned([flag('f', rules), flag('g', '{ version: 1, groups: [{}] }')]).changes).toHaveLength(2);
  });

  it('M61, M67: what is stored may stay, and is judged once it changes', () => {
    const filters = {
      groups: [{ properties: [{ key: 'a', type: 'person', operator: 'regex', value: '(' }] }],
      multivariate: { variants: [{ key: 'a', rollout_percentage: 90 }] },
    };
    const stored = storedWith({ key: 'f', filters });
    const text = (more: string, shares = 90) =>
      flag('f', JSON.stringify(filters).replace('90', String(shares)), `active: true${more}`);
    expect(planned([text('')], stored)).toMatchObject({ changes: [], unchanged: 1 });
    expect(() => planned([text('\nname: New')], stored)).toThrow('must add up to 100, not 90');
    // The pattern is one that the flag had.
    expect(planned([text('\nname: New', 100)], stored).changes).toHaveLength(1);
  });

  it('M47, M69: a flag that is on asks about none that is off, whichever of the two changes', () => {
    const off = flag('g', '{ groups: [{}] }', 'active: false');
    const asks = flag('f', asking('g'));
    const told = /^0\.yaml:3:\d+: f: asks about the flag "g", which is off$/;
    expect(() => planned([asks, off])).toThrow(told);
    const both = storedWith({ key: 'f', filters: askingOf('2') }, { key: 'g', filters: { groups: [{}] } });
    expect(planned([asks, flag('g', '{ groups: [{}] }')], both).changes).toEqual([]);
    expect(() => planned([asks, off], both)).toThrow(told);
    expect(() => planned([off], both)).toThrow('f: asks about the flag "g", which is off');
    const already = storedWith(
      { key: 'f', filters: askingOf('2') },
      { key: 'g', active: false, filters: { groups: [{}] } },
    );
    expect(planned([asks, off], already).changes).toEqual([]);
    expect(planned([flag('f', asking('g'), 'active: false'), off]).changes).toHaveLength(2);
  });
});

const askingOf = (id: string): JsonObject => ({
  groups: [{ properties: [{ key: id, type: 'flag', operator: 'flag_evaluates_to', value: true }] }],
});
