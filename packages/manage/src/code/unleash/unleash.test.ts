import { type JsonObject, type JsonValue, parseDefinitions } from '@halyard/json';
import { compile, evaluate, fromLocalEvaluation } from '@halyard/engine';
import { describe, expect, it } from 'vitest';
import { isUnleash, readUnleash } from './read-unleash.ts';
import { translateUnleash } from './unleash-definitions.ts';

const feature = (name: string, strategies: readonly JsonObject[], more: JsonObject = {}): JsonObject => ({
  name,
  enabled: true,
  strategies,
  ...more,
});
const strategy = (constraint?: JsonObject, more: JsonObject = {}): JsonObject => ({
  name: 'default',
  parameters: {},
  constraints: constraint === undefined ? [] : [constraint],
  ...more,
});
const asks = (operator: string, values: JsonValue, more: JsonObject = {}): JsonObject => ({
  contextName: 'plan',
  operator,
  ...(typeof values === 'string' ? { value: values } : { values }),
  ...more,
});

function translate(features: readonly JsonObject[], more: JsonObject = {}) {
  return translateUnleash(readUnleash({ version: 2, features, ...more }));
}

/** What a user with these properties gets of the first feature. */
function valueFor(
  translated: ReturnType<typeof translate>,
  personProperties: JsonObject,
  distinctId = 'ada',
  key = 'f',
): boolean | string | undefined {
  const definitions = fromLocalEvaluation(parseDefinitions(JSON.stringify(translated.document)));
  const program = compile(definitions);
  expect(program.problems).toEqual([]);
  const stored = { person: { properties: {}, staticCohorts: new Set<number>() }, groups: new Map(), stickyKeys: null };
  const { results } = evaluate(program, { distinctId, now: Date.UTC(2026, 0, 1), personProperties }, stored);
  return results.find(({ flag }) => flag.key === key)?.value;
}

const reasonOf = (features: readonly JsonObject[], more: JsonObject = {}): string | null | undefined =>
  translate(features, more).features.at(-1)?.leftOut;

describe('constraints of Unleash', () => {
  it.each<[JsonObject, JsonObject, boolean]>([
    [asks('IN', ['pro', 'team']), { plan: 'pro' }, true],
    [asks('IN', ['pro', 'team']), { plan: 'free' }, false],
    [asks('IN', ['pro']), {}, false],
    [asks('IN', ['pro'], { inverted: true }), {}, true],
    [asks('NOT_IN', ['pro']), { plan: 'free' }, true],
    [asks('NOT_IN', ['pro']), { plan: 'pro' }, false],
    [asks('NOT_IN', ['pro'], { inverted: true }), { plan: 'pro' }, true],
    [asks('NOT_IN', []), {}, true],
    [asks('IN', ['false']), { plan: 'banana' }, false],
    [asks('IN', ['false']), { plan: 'false' }, true],
    [asks('STR_CONTAINS', ['a.b', 'x']), { plan: '-a.b-' }, true],
    [asks('STR_CONTAINS', ['a.b']), { plan: 'aXb' }, false],
    [asks('STR_CONTAINS', ['PRO']), { plan: 'pro' }, false],
    [asks('STR_CONTAINS', ['PRO'], { caseInsensitive: true }), { plan: 'pro' }, true],
    [asks('STR_CONTAINS', ['x'], { inverted: true }), {}, true],
    [asks('STR_STARTS_WITH', ['p', 'q']), { plan: 'qx' }, true],
    [asks('STR_STARTS_WITH', ['p', 'q']), { plan: 'xq' }, false],
    [asks('STR_ENDS_WITH', ['@acme.com']), { plan: 'ada@acme.com' }, true],
    [asks('STR_ENDS_WITH', ['@acme.com']), { plan: 'ada@acme.com.evil' }, false],
    [asks('NUM_EQ', '5'), { plan: '5.0' }, true],
    [asks('NUM_EQ', '5'), { plan: 6 }, false],
    [asks('NUM_GT', '5'), { plan: 6 }, true],
    [asks('NUM_GTE', '5'), { plan: 5 }, true],
    [asks('NUM_LT', '5'), { plan: 5 }, false],
    [asks('NUM_LTE', '5'), { plan: 5 }, true],
    [asks('NUM_LTE', '5'), { plan: 'five' }, false],
    [asks('DATE_AFTER', '2026-01-01T00:00:00.000Z'), { plan: '2026-01-02' }, true],
    [asks('DATE_BEFORE', '2026-01-01T00:00:00.000Z'), { plan: '2026-01-02' }, false],
    [asks('SEMVER_EQ', '1.2.3'), { plan: '1.2.3' }, true],
    [asks('SEMVER_GT', '1.2.3'), { plan: '1.2.4' }, true],
    [asks('SEMVER_LT', '1.2.3'), { plan: '1.2.4' }, false],
  ])('%j for %j: %s', (constraint, properties, expected) => {
    const inFeature = translate([feature('f', [strategy(constraint)])]);
    expect(valueFor(inFeature, properties)).toBe(expected);
    // In a segment, which becomes a cohort, it says the same.
    const segments = [{ id: 3, name: 'them', constraints: [constraint] }];
    const inSegment = translate([feature('f', [strategy(undefined, { segments: [3] })])], { segments });
    expect(valueFor(inSegment, properties)).toBe(expected);
  });

  it.each<[JsonObject, JsonObject, boolean]>([
    [asks('NUM_EQ', '5', { inverted: true }), {}, true],
    [asks('NUM_EQ', '5', { inverted: true }), { plan: 5 }, false],
    [asks('NUM_GT', '5', { inverted: true }), { plan: 'x' }, true],
    [asks('SEMVER_EQ', '1.2.3', { inverted: true }), {}, true],
  ])(
    'an inverted test holds for who has no such property, which only a segment can say: %j',
    (constraint, properties, expected) => {
      const segments = [{ id: 3, name: 'them', constraints: [constraint] }];
      expect(
        valueFor(translate([feature('f', [strategy(undefined, { segments: [3] })])], { segments }), properties),
      ).toBe(expected);
      expect(reasonOf([feature('f', [strategy(constraint)])])).toMatch(/^an inverted \w+ outside a segment$/);
    },
  );
});

describe('features of Unleash', () => {
  it('several strategies are several conditions, and none is for everybody', () => {
    const users = strategy(undefined, { name: 'userWithId', parameters: { userIds: 'ada, bob' } });
    const some = translate([feature('f', [users, strategy(asks('IN', ['pro']))])]);
    expect([valueFor(some, {}), valueFor(some, {}, 'eve'), valueFor(some, { plan: 'pro' }, 'eve')]).toEqual([
      true,
      false,
      true,
    ]);
    expect(valueFor(translate([feature('f', [])]), {})).toBe(true);
    expect(valueFor(translate([feature('f', [], { enabled: false })]), {})).toBeUndefined();
    const disabled = translate([feature('f', [users, strategy(undefined, { disabled: true })])]);
    expect(valueFor(disabled, {}, 'eve')).toBe(false);
  });

  it('rollouts, variants with payloads, and users who get a certain one', () => {
    const variants = [
      { name: 'a', weight: 250, stickiness: 'default', payload: { type: 'json', value: '{"x":1}' } },
      {
        name: 'b',
        weight: 750,
        payload: { type: 'string', value: 'hi' },
        overrides: [{ contextName: 'userId', values: ['ada'] }],
      },
    ];
    const rollout = strategy(undefined, {
      name: 'flexibleRollout',
      parameters: { rollout: '100', stickiness: 'random' },
    });
    const translated = translate([feature('f', [rollout], { variants, description: 'Text' })]);
    expect(translated.document['flags']).toMatchObject([
      {
        key: 'f',
        name: 'Text',
        active: true,
        filters: {
          groups: [
            { variant: 'b', rollout_percentage: 100 },
            { properties: [], rollout_percentage: 100 },
          ],
          multivariate: {
            variants: [
              { key: 'a', rollout_percentage: 25 },
              { key: 'b', rollout_percentage: 75 },
            ],
          },
          payloads: { a: '{"x":1}', b: '"hi"' },
        },
      },
    ]);
    expect(valueFor(translated, {})).toBe('b');
  });

  it('features that depend on others', () => {
    const child = (more: JsonObject) => feature('f', [], { dependencies: [{ feature: 'parent', ...more }] });
    const parent = feature('parent', [strategy(asks('IN', ['pro']))]);
    expect(valueFor(translate([parent, child({})]), { plan: 'pro' })).toBe(true);
    expect(valueFor(translate([parent, child({})]), {})).toBe(false);
    expect(valueFor(translate([parent, child({ enabled: false })]), {})).toBe(true);
    expect(reasonOf([child({})])).toBe('it depends on "parent", which is not taken over');
    expect(reasonOf([parent, child({ variants: ['a', 'b'] })])).toBe('it asks for one of several variants of parent');
  });

  it.each<[string, JsonObject]>([
    ['the strategy remoteAddress', feature('f', [strategy(undefined, { name: 'remoteAddress' })])],
    [
      'a share that is drawn by sessionId',
      feature('f', [
        strategy(undefined, { name: 'flexibleRollout', parameters: { rollout: 50, stickiness: 'sessionId' } }),
      ]),
    ],
    [
      'a rollout that is no number from 0 to 100',
      feature('f', [strategy(undefined, { name: 'flexibleRollout', parameters: { rollout: 'half' } })]),
    ],
    [
      'currentTime is no property of a person',
      feature('f', [strategy(asks('DATE_AFTER', '2026-01-01', { contextName: 'currentTime' }))]),
    ],
    ['the operator REGEX is not known', feature('f', [strategy(asks('REGEX', 'a'))])],
    ['the operator constructor is not known', feature('f', [strategy(asks('constructor', 'a'))])],
    ['NUM_GT cannot compare with "many"', feature('f', [strategy(asks('NUM_GT', 'many'))])],
    ['IN with no value lets nobody in', feature('f', [strategy(asks('IN', []))])],
    ['the file does not say what segment 7 is', feature('f', [strategy(undefined, { segments: [7] })])],
    ['all its strategies are disabled', feature('f', [strategy(undefined, { disabled: true })])],
    ['it is archived', feature('f', [], { archived: true })],
    [
      'strategies with different variants',
      feature('f', [strategy(undefined, { variants: [{ name: 'a', weight: 1000 }] }), strategy()]),
    ],
    ['it has no name', feature('', [])],
  ])('are left out where something cannot be said: %s', (reason, given) => {
    const translated = translate([given]);
    expect(translated.features.at(-1)?.leftOut).toBe(reason);
    expect(translated.document['flags']).toEqual([]);
  });

  it('are read from exports, whose parts stand apart, of one environment', () => {
    const document: JsonObject = {
      features: [{ name: 'f', description: 'd', type: 'release', archived: false }],
      featureStrategies: [
        { name: 'default', featureName: 'f', environment: 'dev', parameters: {}, constraints: [], id: 's1' },
        {
          name: 'flexibleRollout',
          featureName: 'f',
          environment: 'prod',
          parameters: { rollout: '10' },
          constraints: [],
          id: 's2',
        },
      ],
      featureEnvironments: [
        { featureName: 'f', environment: 'dev', enabled: false },
        { featureName: 'f', environment: 'prod', enabled: true, variants: [] },
      ],
      featureStrategySegments: [{ featureStrategyId: 's2', segmentId: 1 }],
      segments: [{ id: 1, name: 'all', constraints: [] }],
    };
    expect(isUnleash(document)).toBe(true);
    expect(isUnleash({ features: [], flags: [] })).toBe(false);
    expect(() => readUnleash(document)).toThrow('Say which: --environment dev or prod.');
    expect(() => readUnleash(document, 'test')).toThrow('There is no environment "test" in the file, only dev, prod.');
    expect(readUnleash(document, 'prod').features).toMatchObject([
      { name: 'f', enabled: true, strategies: [{ name: 'flexibleRollout', segments: [1] }] },
    ]);
    expect(translateUnleash(readUnleash(document, 'prod')).document).toMatchObject({
      flags: [
        { filters: { groups: [{ rollout_percentage: 10, properties: [{ type: 'cohort', value: 1_600_000_001 }] }] } },
      ],
      cohorts: [{ id: 1_600_000_001, name: 'all' }],
    });
  });

  it('of any shape do not throw', () => {
    const odd: JsonValue[] = [
      null,
      7,
      [],
      {},
      'x',
      { name: 'f', strategies: 7 },
      { name: 'f', strategies: [{ constraints: [{}] }] },
    ];
    for (const one of odd) expect(() => translate([one as JsonObject])).not.toThrow();
  });
});
