import { describe, expect, it } from 'vitest';
import { ExactNumber, type JsonValue, parseJson } from '@halyard/json';
import type { FlagResult, TypedResult } from 'halyard/host';
import { outcome, outcomes } from '../stub-projects.cases.ts';
import { answerText } from './answer.ts';
import type { Shape } from './shape.ts';

const ALL = [outcomes.on, outcomes.variant, outcomes.off, outcomes.failed];

function text(
  shape: Shape,
  results: readonly FlagResult[],
  options: { minimal?: boolean; config?: string } = {},
): string {
  return answerText({
    shape,
    evaluation: { results, errors: results.some((result) => result.failed) },
    program: ALL,
    requestId: 'id-1',
    evaluatedAt: 5,
    minimalFlagCalledEvents: options.minimal ?? false,
    config: options.config ?? '',
  });
}

function answer(shape: Shape, results: readonly FlagResult[] = ALL): unknown {
  return JSON.parse(text(shape, results));
}

const ENVELOPE = { requestId: 'id-1', evaluatedAt: 5 };

describe('v2', () => {
  it('H57, H58, H59: every flag with its record', () => {
    expect(answer('v2')).toEqual({
      errorsWhileComputingFlags: true,
      flags: {
        'new-cart': {
          key: 'new-cart',
          enabled: true,
          variant: null,
          reason: { code: 'condition_match', condition_index: 0 },
          metadata: { id: 40, version: 0, description: null, payload: '{"columns":2}', has_experiment: false },
        },
        'price-test': {
          key: 'price-test',
          enabled: true,
          variant: 'low',
          reason: { code: 'condition_match', condition_index: 1 },
          metadata: { id: 41, version: 1, description: null, payload: null, has_experiment: true },
        },
        'team-banner': {
          key: 'team-banner',
          enabled: false,
          variant: null,
          reason: { code: 'no_group_type', condition_index: 0 },
          metadata: { id: 42, version: 2, description: null, payload: null, has_experiment: false },
        },
        'needs-cohort': {
          key: 'needs-cohort',
          enabled: false,
          variant: null,
          failed: true,
          reason: { code: 'database_unavailable', condition_index: null, description: 'database unavailable' },
          metadata: { id: 43, version: 3, description: null, payload: null, has_experiment: false },
        },
      },
      ...ENVELOPE,
    });
  });

  it('H57: no flags, one flag, and the same flags again', () => {
    expect(answer('v2', [])).toEqual({ errorsWhileComputingFlags: false, flags: {}, ...ENVELOPE });
    expect(answer('v2', [outcomes.off])).toMatchObject({ flags: { 'team-banner': { enabled: false } } });
    expect(text('v2', ALL)).toBe(text('v2', ALL));
  });

  it('H57: minimalFlagCalledEvents only when the project has it on', () => {
    expect(JSON.parse(text('v2', [], { minimal: true }))).toHaveProperty('minimalFlagCalledEvents', true);
    expect(JSON.parse(text('v2', []))).not.toHaveProperty('minimalFlagCalledEvents');
    expect(JSON.parse(text('legacy', [], { minimal: true }))).not.toHaveProperty('minimalFlagCalledEvents');
  });

  it('E52: a flag that is off keeps the payload that its evaluation attached', () => {
    const off = outcome(10, 'off', { enabled: false, payload: '1', reason: ['super_condition_value', 0] });
    expect(answer('v2', [off])).toMatchObject({ flags: { off: { enabled: false, metadata: { payload: '1' } } } });
    expect(answer('legacy', [off])).toMatchObject({ featureFlags: { off: false }, featureFlagPayloads: { off: '1' } });
  });

  it('H58: a payload is written as stored, number texts included', () => {
    const payload = parseJson('{"price":1.0,"id":9007199254740993,"list":[null,"x"]}');
    const flag = outcome(11, 'exact', { enabled: true, payload, reason: ['condition_match', 0] });
    expect(text('v2', [flag])).toContain('"payload":{"price":1.0,"id":9007199254740993,"list":[null,"x"]}');
    expect(text('legacy', [flag])).toContain('"featureFlagPayloads":{"exact":{"price":1.0,');
  });

  it('a null payload is a payload in legacy, and null in v2', () => {
    const flag = outcome(12, 'nothing', { enabled: true, payload: null, reason: ['condition_match', 0] });
    expect(answer('v2', [flag])).toMatchObject({ flags: { nothing: { metadata: { payload: null } } } });
    expect(answer('legacy', [flag])).toMatchObject({ featureFlagPayloads: { nothing: null } });
  });

  it('keys and texts are escaped', () => {
    const key = '"quoted"\\\n\u2028 ünï 🚩 __proto__';
    const flag = outcome(13, key, { enabled: true, variant: '"}', reason: ['condition_match', 0, 'say "hi"\n'] });
    const { flags } = answer('v2', [flag]) as { flags: Record<string, unknown> };
    expect(flags[key]).toMatchObject({ key, variant: '"}', reason: { description: 'say "hi"\n' } });
  });
});

describe('v3', () => {
  it('H64: every flag with its typed record, in the envelope of H57', () => {
    expect(answer('v3')).toEqual({
      errorsWhileComputingFlags: true,
      flags: {
        'new-cart': {
          key: 'new-cart',
          value: true,
          reason: { code: 'condition_match', condition_index: 0 },
          metadata: { ...typedMetadata(40, 0), payload: '{"columns":2}' },
        },
        'price-test': {
          key: 'price-test',
          value: 'low',
          reason: { code: 'condition_match', condition_index: 1 },
          metadata: { ...typedMetadata(41, 1), has_experiment: true, variant_key: 'low' },
        },
        'team-banner': {
          key: 'team-banner',
          value: false,
          reason: { code: 'no_group_type', condition_index: 0 },
          metadata: typedMetadata(42, 2),
        },
        'needs-cohort': {
          key: 'needs-cohort',
          value: null,
          failed: true,
          reason: { code: 'database_unavailable', condition_index: null, description: 'database unavailable' },
          metadata: typedMetadata(43, 3),
        },
      },
      ...ENVELOPE,
    });
  });

  it('H64: the envelope of version 2 to the letter, around other records', () => {
    const around = (shape: Shape) => text(shape, [], { minimal: true, config: ',"surveys":false' });
    expect(around('v3')).toBe(around('v2'));
  });

  it.each<[name: string, value: JsonValue, written: string]>([
    ['a number', 50, '50'],
    ['a number with its spelling', new ExactNumber('1.0', 1), '1.0'],
    ['a text', 'blue', '"blue"'],
    ['an object', { layout: { columns: 2 } }, '{"layout":{"columns":2}}'],
    ['a boolean', false, 'false'],
    ['the default of the caller', null, 'null'],
  ])('H64: ordered rules give %s as it is, and no payload', (_, value, written) => {
    const rule = { id: '4b1d5d0e-94b8-4d7a-8a53-7b3c2f9f3c21', type: 'targeted_release' } as const;
    const reason = { code: 'targeting_match', conditionIndex: 1, description: 'Matched rule 2' };
    expect(text('v3', [typedOutcome('size', { value, reason, rule })])).toContain(
      `"flags":{"size":{"key":"size","value":${written},` +
        '"reason":{"code":"targeting_match","condition_index":1,"description":"Matched rule 2"},' +
        '"metadata":{"id":60,"version":20,"config_version":2,"description":null,"payload":null,"has_experiment":false,' +
        `"rule_type":"targeted_release","rule_id":"${rule.id}"}}}`,
    );
  });

  it('H65a: what no rule decided has no members of a rule', () => {
    const reason = { code: 'no_rule_match', conditionIndex: null, description: 'No rule matched' };
    const { flags } = answer('v3', [typedOutcome('size', { value: 10, reason, rule: null })]) as {
      flags: Record<string, { metadata: object }>;
    };
    expect(Object.keys(flags['size']?.metadata ?? {})).toEqual(Object.keys({ ...typedMetadata(60, 20) }));
  });
});

function typedMetadata(id: number, version: number): object {
  return { id, version, config_version: 1, description: null, payload: null, has_experiment: false };
}

/** A result of ordered rules, which older shapes see as on, with a payload (E187). */
function typedOutcome(key: string, typed: TypedResult): FlagResult {
  const made = outcome(20, key, { enabled: true, payload: '50', reason: ['condition_match', 1] });
  return { ...made, id: nextId++, flag: { ...made.flag, configVersion: 2 }, typed };
}
let nextId = 100;

describe('older shapes', () => {
  it('H60: legacy has every flag, false ones too, and a failed flag is false', () => {
    expect(answer('legacy')).toEqual({
      errorsWhileComputingFlags: true,
      featureFlags: { 'new-cart': true, 'price-test': 'low', 'team-banner': false, 'needs-cohort': false },
      featureFlagPayloads: { 'new-cart': '{"columns":2}' },
      ...ENVELOPE,
    });
  });

  it('H61: decide-1 lists the keys that are on', () => {
    expect(answer('decide-1')).toEqual({ featureFlags: ['new-cart', 'price-test'], ...ENVELOPE });
  });

  it('H62: decide-2 maps the keys that are on', () => {
    expect(answer('decide-2')).toEqual({ featureFlags: { 'new-cart': true, 'price-test': 'low' }, ...ENVELOPE });
  });

  it.each(['v2', 'legacy', 'decide-1', 'decide-2'] as const)(
    'H57, H60, H61, H62: %s without flags, with configuration',
    (shape) => {
      expect(JSON.parse(text(shape, [], { config: ',"surveys":false' }))).toMatchObject({
        ...ENVELOPE,
        surveys: false,
      });
      expect(JSON.parse(text(shape, [outcomes.off], { config: ',"surveys":false' }))).toMatchObject({ surveys: false });
    },
  );
});

it('E95: an exact number prints its text', () => {
  const flag = outcome(14, 'number', {
    enabled: true,
    payload: new ExactNumber('1.0', 1),
    reason: ['condition_match', 0],
  });
  expect(text('v2', [flag])).toContain('"payload":1.0,');
});
