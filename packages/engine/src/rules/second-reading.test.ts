import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { type JsonObject, type JsonValue, textOf } from '@halyard/json';
import { expect, it } from 'vitest';
import { facts } from '../scenario.cases.ts';
import { configuration, decided, problemOf, typedOutcome, uuid } from './rules.cases.ts';

/*
 * Section 12 read once more, as plainly as it is written, and asked about random rules.
 */

interface Predicate extends JsonObject {
  readonly key: string;
  readonly operator: string;
  readonly value: JsonValue;
  readonly negation: boolean;
}

type Rule = JsonObject & { readonly targeting: { readonly properties: readonly Predicate[] } };

/** E15. */
function hash(prefix: string, subject: string, salt: string): number {
  return (
    Number.parseInt(createHash('sha1').update(`${prefix}${subject}${salt}`).digest('hex').slice(0, 15), 16) / 2 ** 60
  );
}

/** E16, E17, E181. */
function isIn(prefix: string, subject: string, percentage: number): boolean {
  if (subject === '') return false;
  return percentage === 100 || hash(prefix, subject, '') <= percentage / 100;
}

/** Some operators of section 5, as far as the properties below need them; `null`: cannot be decided. */
function matches({ key, operator, value, negation }: Predicate, properties: JsonObject): boolean | null {
  const seen = Object.hasOwn(properties, key) ? properties[key] : undefined;
  let outcome: boolean | null;
  switch (operator) {
    case 'exact':
      outcome = seen !== undefined && textOf(seen) === textOf(value);
      break;
    case 'is_set':
      outcome = seen !== undefined;
      break;
    case 'gt': {
      const [number, bound] = [Number(seen), Number(value)]; // an error unless both are numbers (E107)
      if (seen === undefined) outcome = false;
      else outcome = Number.isNaN(number) || Number.isNaN(bound) ? null : number > bound;
      break;
    }
    default:
      outcome = seen === undefined ? false : null; // a pattern that does not compile
  }
  return outcome === null ? null : outcome !== negation;
}

/** E180 to E187. */
function secondReading(rules: readonly Rule[], subject: string, properties: JsonObject): string {
  const defaulted = (code: string, index: number | 'none') => `${code} ${index} "default"`;
  for (const [index, rule] of rules.entries()) {
    let passed = true;
    for (const predicate of rule.targeting.properties) {
      const outcome = matches(predicate, properties);
      if (outcome === null) return 'failed error';
      if (outcome) continue;
      passed = false;
      break;
    }
    if (!passed) continue;
    const seed = rule['seed'] as string;
    const value = (given: JsonValue) => `targeting_match ${index} ${JSON.stringify(given)}`;
    if (rule['rule_type'] === 'targeted_release') return value(rule['value'] as JsonValue);
    if (rule['rule_type'] === 'experiment') {
      if (rule['paused'] === true) return defaulted('experiment_paused', index);
      const holdout = rule['holdout'] as { seed: string; exclusion_percentage: number } | undefined;
      if (holdout !== undefined && isIn(holdout.seed, subject, holdout.exclusion_percentage))
        return defaulted('holdout', index);
    }
    if (!isIn(`${seed}.`, subject, rule['rollout_percentage'] as number)) {
      if (rule['on_rollout_miss'] === 'continue') continue;
      return defaulted('rollout_miss', index);
    }
    if (rule['rule_type'] === 'percentage_rollout') return value(rule['value'] as JsonValue);
    const variants = rule['variants'] as readonly { weight: number; value: JsonValue }[];
    const point = hash(`${seed}.`, subject, 'variant');
    let sum = 0;
    const found = variants.find(({ weight }) => point < (sum += weight / 100));
    return value((found ?? variants.at(-1))?.value ?? null);
  }
  return defaulted('no_rule_match', 'none');
}

const hundredths = fc.oneof(fc.constantFrom(0, 10_000), fc.integer({ min: 0, max: 10_000 }));
const percentage = hundredths.map((number) => number / 100);
const seed = fc.constantFrom('a', 'b', 'ruled', 'é🚩');
const text = fc.constantFrom('red', 'green', 'blue');

const predicate = fc.record({
  type: fc.constant('person'),
  key: fc.constantFrom('plan', 'age', 'constructor'),
  operator: fc.constantFrom('exact', 'exact', 'is_set', 'gt'),
  value: fc.constantFrom('1', '2', 'pro'),
  negation: fc.boolean(),
});
const broken = fc.record({
  type: fc.constant('person'),
  key: fc.constantFrom('plan', 'age'),
  operator: fc.constant('regex'),
  value: fc.constant('('),
  negation: fc.boolean(),
});
const targeting = fc.record({
  properties: fc.array(fc.oneof({ weight: 12, arbitrary: predicate }, { weight: 1, arbitrary: broken }), {
    maxLength: 2,
  }),
});
const rollout = {
  targeting,
  rollout_percentage: percentage,
  on_rollout_miss: fc.constantFrom('continue', 'return_default'),
  assignment_algorithm: fc.constant('sha1_60_v1'),
  seed,
};
const variants = fc
  .tuple(hundredths, hundredths, text)
  .map(([a, b, value]) => [Math.min(a, b), Math.max(a, b), value] as const)
  .map(([low, high, value]) =>
    [low, high - low, 10_000 - high].map((weight, i) => ({
      key: `v${i}`,
      weight: weight / 100,
      value: `${value} ${i}`,
    })),
  );
const rule = fc.oneof(
  fc.record({ rule_type: fc.constant('targeted_release'), targeting, value: text }),
  fc.record({ rule_type: fc.constant('percentage_rollout'), value: text, ...rollout }),
  fc.record(
    {
      rule_type: fc.constant('experiment'),
      experiment_id: fc.constant(null),
      paused: fc.integer({ min: 0, max: 5 }).map((number) => number === 0),
      variants,
      holdout: fc.record({ id: fc.constant(null), seed, exclusion_percentage: percentage }),
      ...rollout,
    },
    { requiredKeys: ['rule_type', 'experiment_id', 'paused', 'variants', ...(Object.keys(rollout) as 'seed'[])] },
  ),
);
const person = fc.dictionary(
  fc.constantFrom('plan', 'age', 'constructor'),
  fc.constantFrom<JsonValue>(1, 2, 3, 'pro', 'free'),
);
const rulesOf = fc.array(rule, { maxLength: 5 });

function numbered(rules: readonly object[]): readonly Rule[] {
  return rules.map((one, i) => ({ id: uuid(i), ...one }) as unknown as Rule);
}

it('E180 to E187: any rules give what a second reading of the rules gives', () => {
  const codes = new Set<string>();
  fc.assert(
    fc.property(rulesOf, fc.oneof(fc.string({ unit: 'grapheme' }), fc.constant('')), person, (made, id, properties) => {
      const rules = numbered(made);
      const expected = secondReading(rules, Array.from(id).slice(0, 200).join(''), properties);
      codes.add(expected.split(' ', 1)[0] as string);
      const ruled = decided(configuration(rules), { distinctId: id }, facts(properties));
      expect(typedOutcome(ruled)).toBe(expected);
    }),
    { numRuns: 600 },
  );
  // Every way to end has been seen.
  expect([...codes].sort()).toEqual([
    'experiment_paused',
    'failed',
    'holdout',
    'no_rule_match',
    'rollout_miss',
    'targeting_match',
  ]);
});

it('E171: a configuration of which anything is replaced is used as it is or fails, and nobody is let in', () => {
  const hostile = fc.oneof(
    fc.jsonValue({ maxDepth: 2 }),
    fc.constantFrom(1e308, -1, '', '\ud800', null),
  ) as fc.Arbitrary<JsonValue>;
  fc.assert(
    fc.property(rulesOf, fc.nat(), hostile, (made, place, value) => {
      const filters = replaced(configuration(numbered(made)), place, value);
      if (filters['version'] !== 2) return;
      // `problemOf` throws where a broken flag is on, or another flag is not what it was.
      expect(typeof problemOf(filters)).toBe('string');
    }),
    { numRuns: 300 },
  );
});

/** The same document with another value at one of its places. */
function replaced(document: JsonObject, place: number, value: JsonValue): JsonObject {
  let places = 0;
  const count = (node: JsonValue): void => {
    places++;
    if (typeof node === 'object' && node !== null) for (const item of Object.values(node)) count(item as JsonValue);
  };
  count(document);
  let left = 1 + (place % (places - 1));
  const copy = (node: JsonValue): JsonValue => {
    if (left-- === 0) return value;
    if (typeof node !== 'object' || node === null) return node;
    if (Array.isArray(node)) return (node as readonly JsonValue[]).map(copy);
    return Object.fromEntries(Object.entries(node).map(([key, item]) => [key, copy(item as JsonValue)]));
  };
  return copy(document) as JsonObject;
}
