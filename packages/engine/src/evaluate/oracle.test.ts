import { createHash } from 'node:crypto';
import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import type { JsonObject } from '@halyard/json';
import { flag, result, run } from '../scenario.cases.ts';

interface Filter {
  readonly key: string;
  readonly operator: 'exact' | 'is_not' | 'icontains' | 'gt' | 'is_set' | 'is_not_set';
  readonly value: string;
}
interface Condition {
  readonly filters: readonly Filter[];
  readonly rollout: number;
  readonly variant: string | null;
}
interface Flag {
  readonly key: string;
  readonly conditions: readonly Condition[];
  readonly weights: readonly number[];
  readonly earlyExit: boolean;
}
type Properties = Readonly<Record<string, string>>;

/** The rules once more, as plainly as they can be put: no sets, no packing, nothing shared. */
function oracle(tested: Flag, distinctId: string, properties: Properties): string {
  const scores = { no_group_type: 1, no_condition_match: 2, out_of_rollout_bound: 3 };
  let best: keyof typeof scores = 'no_group_type';
  let index: number | null = null;
  for (const [i, condition] of tested.conditions.entries()) {
    const passed = condition.filters.every((filter) => passes(filter, properties));
    const inside = condition.rollout === 100 || point(`${tested.key}.`, distinctId, '') <= condition.rollout / 100;
    if (passed && inside) return `${variantOf(tested, condition, distinctId) ?? true} condition_match ${i}`;
    const reason = passed ? 'out_of_rollout_bound' : 'no_condition_match';
    if (scores[reason] >= scores[best]) {
      best = reason;
      index = i;
    }
    if (passed && tested.earlyExit) return `false out_of_rollout_bound ${i}`;
  }
  return `false ${best} ${index}`;
}

function passes({ key, operator, value }: Filter, properties: Properties): boolean {
  const actual = properties[key];
  switch (operator) {
    case 'is_set':
      return actual !== undefined;
    case 'is_not_set':
      return actual === undefined;
    case 'exact':
      return actual !== undefined && actual.toLowerCase() === value.toLowerCase();
    case 'is_not':
      return actual?.toLowerCase() !== value.toLowerCase();
    case 'icontains':
      return actual?.toLowerCase().includes(value.toLowerCase()) === true;
    case 'gt':
      return /^\d+$/.test(actual ?? '') && /^\d+$/.test(value) && Number(actual) > Number(value);
  }
}

function variantOf(tested: Flag, condition: Condition, distinctId: string): string | null {
  if (condition.variant !== null && tested.weights.some((_, i) => `v${i}` === condition.variant))
    return condition.variant;
  let sum = 0;
  for (const [i, weight] of tested.weights.entries()) {
    sum += weight / 100;
    if (point(`${tested.key}.`, distinctId, 'variant') < sum) return `v${i}`;
  }
  return null;
}

function point(prefix: string, subject: string, salt: string): number {
  if (subject === '') return 0;
  const digits = createHash('sha1')
    .update(prefix + subject + salt)
    .digest('hex')
    .slice(0, 15);
  return Number(BigInt(`0x${digits}`)) / 2 ** 60;
}

const word = fc.constantFrom('pro', 'PRO', 'free', 'profound', '7', '12', '');
const name = fc.constantFrom('plan', 'email', 'age');
const filter: fc.Arbitrary<Filter> = fc.record({
  key: name,
  operator: fc.constantFrom('exact', 'is_not', 'icontains', 'gt', 'is_set', 'is_not_set'),
  value: word,
});
const condition: fc.Arbitrary<Condition> = fc.record({
  filters: fc.array(filter, { maxLength: 3 }),
  rollout: fc.constantFrom(0, 12.5, 33.3, 50, 99.9, 100),
  variant: fc.constantFrom(null, null, 'v0', 'v1', 'v9'),
});
const tested: fc.Arbitrary<Flag> = fc.record({
  key: fc.constantFrom('a', 'new-checkout', 'a-key-long-enough-that-most-messages-need-two-blocks'),
  conditions: fc.array(condition, { maxLength: 4 }),
  weights: fc.constantFrom([], [100], [50, 50], [33.3, 33.3, 33.4], [10, 0, 20]),
  earlyExit: fc.boolean(),
});

it('a compiled flag gives the value, reason and index that the plain rules give', () => {
  fc.assert(
    fc.property(tested, fc.string({ maxLength: 40 }), fc.dictionary(name, word), (one, distinctId, properties) => {
      const filters: JsonObject = {
        groups: one.conditions.map(({ filters: list, rollout, variant }) => ({
          properties: list.map((item) => ({ ...item, type: 'person' })),
          rollout_percentage: rollout,
          variant,
        })),
        multivariate: { variants: one.weights.map((weight, i) => ({ key: `v${i}`, rollout_percentage: weight })) },
        early_exit: one.earlyExit,
      };
      const { value, reason } = result(
        run([flag(one.key, filters)], { distinctId, personProperties: properties }),
        one.key,
      );
      expect(`${value} ${reason.code} ${reason.conditionIndex}`).toBe(oracle(one, distinctId, properties));
    }),
    { numRuns: 3000 },
  );
});
