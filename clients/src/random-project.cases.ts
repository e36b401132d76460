import fc from 'fast-check';
import { isList, isObject, type JsonObject, type JsonValue } from '@halyard/json';

/** Definitions of a project and users who are asked about: what an SDK may meet, so that two evaluators can be compared. */
export interface RandomProject {
  readonly definitions: { flags: JsonObject[]; group_type_mapping: JsonObject; cohorts: JsonObject };
  readonly users: readonly RandomUser[];
}

export interface RandomUser {
  readonly distinctId: string;
  readonly deviceId?: string;
  readonly personProperties: JsonObject;
  readonly groups: Record<string, string>;
  readonly groupProperties: Record<string, JsonObject>;
}

const TEXTS = ['pro', 'free', 'Team', '', 'ann@example.com', 'bob@x.org', 'ünï', '10', 'true', 'null'];
const NUMBERS: readonly JsonValue[] = [0, 1, 10, 9.5, -3, 1e6, '10', '9.5', '-3'];
const DATES: readonly JsonValue[] = [
  '2026-01-05',
  '2025-12-31T23:59:59Z',
  '2026-06-01T10:00:00Z',
  '2026-03-01T00:00:00+02:00',
];
const VERSIONS: readonly JsonValue[] = ['1.2.3', '1.10.0', '2.0.0-rc.1', '3.0.0', '0.9.1'];
const ODD: readonly JsonValue[] = [
  'no date',
  '-7d',
  '1767225600',
  'v3.0.0',
  '1.2',
  true,
  false,
  null,
  '2026-06-01 10:00:00',
];
const PATTERNS = ['^ann', 'example\\.com$', '(pro|team)', '.*', '\\d+'];
const KEYS = ['plan', 'age', 'email', 'joined', 'beta', 'version'];

/** What a property of a name is like where everything is in order. */
const valuesOf: Readonly<Record<string, readonly JsonValue[]>> = {
  plan: TEXTS,
  email: TEXTS,
  beta: [true, false, 'true', 'false', 1, 0],
  age: NUMBERS,
  joined: DATES,
  version: VERSIONS,
};
const anything: readonly JsonValue[] = [...TEXTS, ...NUMBERS, ...DATES, ...VERSIONS, ...ODD];

const from = (values: readonly JsonValue[]): fc.Arbitrary<JsonValue> => fc.constantFrom(...values);

interface Test {
  readonly key: string;
  readonly operator: string;
  readonly value: JsonValue;
}

/** A filter on one of these names, with one of these operators and a value that goes with it. */
function test(keys: readonly string[], operators: readonly string[], values: readonly JsonValue[]): fc.Arbitrary<Test> {
  return fc.record({ key: fc.constantFrom(...keys), operator: fc.constantFrom(...operators), value: from(values) });
}

const equal = ['exact', 'is_not'];
const order = ['gt', 'gte', 'lt', 'lte'];
const dates = ['is_date_before', 'is_date_after'];
const versions = [
  'semver_eq',
  'semver_neq',
  'semver_gt',
  'semver_gte',
  'semver_lt',
  'semver_lte',
  'semver_tilde',
  'semver_caret',
];
const texts = ['icontains', 'not_icontains'];
const patterns = ['regex', 'not_regex'];

const lists = KEYS.flatMap((key) => [
  valuesOf[key]?.slice(0, 2) ?? [],
  valuesOf[key]?.slice(1, 4) ?? [],
]) as JsonValue[];
const tidyTest = fc.oneof(
  ...KEYS.map((key) => test([key], equal, valuesOf[key] ?? [])),
  test(KEYS, equal, lists),
  test(['plan', 'email'], texts, TEXTS.slice(0, 6)),
  test(['plan', 'email'], patterns, PATTERNS),
  test(['age'], order, NUMBERS),
  test(['joined'], dates, DATES),
  test(['version'], versions, VERSIONS),
  test(KEYS, ['is_set', 'is_not_set'], ['x']),
);
const wildTest = fc.oneof(
  test(KEYS, [...equal, ...texts, ...order, ...dates, 'is_date_exact', ...versions], anything),
  test(KEYS, patterns, [...PATTERNS, '[', '(?<=a)b']),
  tidyTest,
);

const filter = (tests: fc.Arbitrary<Test>, type: object, mayNegate = false): fc.Arbitrary<JsonObject> =>
  fc
    .record({ tested: tests, negation: fc.boolean() })
    .map(({ tested, negation }) => ({ ...tested, ...type, ...(mayNegate && negation ? { negation } : {}) }));

const rollout = fc.constantFrom<JsonValue>(0, 25, 50, 99.5, 100, null);

/** Flags of ids 1 to `count`; each may depend on those before it. */
const flag = (id: number, tests: fc.Arbitrary<Test>, overrides: readonly JsonValue[]): fc.Arbitrary<JsonObject> =>
  fc
    .record({
      active: fc.constantFrom(true, true, true, false),
      isGroup: fc.constantFrom(false, false, false, true),
      conditions: fc.array(
        fc.record({
          properties: fc.array(
            fc.oneof(
              { weight: 6, arbitrary: fc.constant('property') },
              { weight: 1, arbitrary: fc.constant('cohort') },
              { weight: 1, arbitrary: fc.constant('flag') },
            ),
            { maxLength: 3 },
          ),
          rollout,
          variant: from(overrides),
        }),
        { minLength: 1, maxLength: 3 },
      ),
      filters: fc.array(filter(tests, { type: 'person' }), { minLength: 9, maxLength: 9 }),
      groupFilters: fc.array(filter(tests, { type: 'group', group_type_index: 0 }), { minLength: 9, maxLength: 9 }),
      target: fc.integer({ min: 1, max: Math.max(1, id - 1) }),
      wanted: fc.constantFrom<JsonValue>(true, false, 'red'),
      cohort: fc.constantFrom(...COHORTS),
      isVariant: fc.boolean(),
      hasPayload: fc.boolean(),
      device: fc.constantFrom(false, false, false, true),
      earlyExit: fc.constantFrom(false, false, false, true),
      heldOut: fc.constantFrom(null, null, null, 50),
    })
    .map((made) => {
      const groups = made.conditions.map((condition, c) => ({
        properties: condition.properties.map((kind, p): JsonObject => {
          const at = c * 3 + p;
          if (kind === 'cohort' && !made.isGroup)
            return { key: 'id', type: 'cohort', operator: 'in', value: made.cohort };
          if (kind === 'flag' && id > 1)
            return { key: String(made.target), type: 'flag', operator: 'flag_evaluates_to', value: made.wanted };
          return (made.isGroup ? made.groupFilters[at] : made.filters[at]) as JsonObject; // as many as there are places
        }),
        rollout_percentage: condition.rollout,
        ...(condition.variant === null ? {} : { variant: condition.variant }),
      }));
      return {
        id,
        key: `flag-${id}`,
        name: '',
        active: made.active,
        ...(made.device ? { bucketing_identifier: 'device_id' } : {}),
        filters: {
          groups,
          ...(made.isGroup ? { aggregation_group_type_index: 0 } : {}),
          ...(made.earlyExit ? { early_exit: true } : {}),
          ...(made.heldOut === null ? {} : { holdout: { id: 7, exclusion_percentage: made.heldOut } }),
          ...(made.isVariant
            ? {
                multivariate: {
                  variants: [
                    { key: 'red', rollout_percentage: 40 },
                    { key: 'blue', rollout_percentage: 35.5 },
                    { key: 'grün', rollout_percentage: 24.5 },
                  ],
                },
              }
            : {}),
          ...(made.hasPayload ? { payloads: { true: '{"on":true}', red: '"r"' } } : {}),
        },
      };
    });

const cohort = (id: number, tests: fc.Arbitrary<Test>): fc.Arbitrary<readonly [string, JsonObject]> =>
  fc
    .record({
      type: fc.constantFrom('AND', 'OR'),
      values: fc.array(
        fc.record({
          type: fc.constantFrom('AND', 'OR'),
          values: fc.array(filter(tests, { type: 'person' }, true), { minLength: 1, maxLength: 2 }),
        }),
        { minLength: 1, maxLength: 2 },
      ),
    })
    .map((found) => [String(id), found]);

/** A flag that is on for everybody: a client that says so has the definitions. */
export const READY = 'ready';
const readyFlag: JsonObject = {
  id: 1000,
  key: READY,
  name: '',
  active: true,
  filters: { groups: [{ properties: [], rollout_percentage: 100 }] },
};

const COHORTS = [11, 12, 13];
const FLAGS = 8;

const tidyProperties = fc.record(Object.fromEntries(KEYS.map((key) => [key, from(valuesOf[key] ?? [])])), {
  requiredKeys: [],
}) as fc.Arbitrary<Record<string, JsonValue>>;
const wildProperties = fc.dictionary(fc.constantFrom(...KEYS), from(anything));

const user = (properties: fc.Arbitrary<Record<string, JsonValue>>): fc.Arbitrary<RandomUser> =>
  fc
    .record({
      distinctId: fc.oneof(fc.constantFrom('ann', 'bob', 'ünï-🚩'), fc.uuid()),
      deviceId: fc.option(fc.uuid()),
      personProperties: properties,
      group: fc.constantFrom('acme', 'umbrella', null),
      groupProperties: properties,
    })
    .map(({ distinctId, deviceId, personProperties, group, groupProperties }) => ({
      distinctId,
      ...(deviceId === null ? {} : { deviceId }),
      personProperties,
      groups: group === null ? {} : { organization: group },
      groupProperties: group === null ? {} : { organization: groupProperties },
    }));

const project = (
  tests: fc.Arbitrary<Test>,
  properties: fc.Arbitrary<Record<string, JsonValue>>,
  overrides: readonly JsonValue[],
): fc.Arbitrary<RandomProject> =>
  fc.record({
    definitions: fc
      .record({
        flags: fc.tuple(...Array.from({ length: FLAGS }, (_, n) => flag(n + 1, tests, overrides))),
        cohorts: fc.tuple(...COHORTS.map((id) => cohort(id, tests))),
      })
      .map(({ flags, cohorts }) => ({
        flags: [...flags, readyFlag],
        group_type_mapping: { '0': 'organization' } as JsonObject,
        cohorts: Object.fromEntries(cohorts) as JsonObject,
      })),
    users: fc.array(user(properties), { minLength: 8, maxLength: 8 }),
  });

/** Properties are of the kind that filters on them expect, or absent. */
export const tidyProject = project(tidyTest, tidyProperties, [null]);

/** Anything is compared with anything. */
export const wildProject = project(wildTest, wildProperties, [null, null, 'red', 'nobody']);

/** The same with rollouts in whole percents: some clients take no others, and refuse all definitions because of one. */
export const inWholePercents = (projects: fc.Arbitrary<RandomProject>): fc.Arbitrary<RandomProject> =>
  projects.map(({ definitions, users }) => ({
    users,
    definitions: { ...definitions, flags: definitions.flags.map((one) => whole(one) as JsonObject) },
  }));

function whole(value: JsonValue | undefined): JsonValue {
  if (value === undefined) return null;
  if (isList(value)) return value.map(whole);
  if (!isObject(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, inner]) => [
      name,
      name === 'rollout_percentage' && typeof inner === 'number' ? Math.floor(inner) : whole(inner),
    ]),
  );
}
