import { describe, expect, it } from 'vitest';
import {
  equalShares,
  payloadOf,
  variantsOf,
  withFirstVariants,
  withMovedBorder,
  withoutVariant,
  withPayload,
} from './edit.ts';
import { blankFields, type FlagFields, type Variant } from './flag.ts';
import { placeWords, problemsFrom, textAt } from './places.ts';

const fields = (filters: FlagFields['filters']): FlagFields => ({ ...blankFields, key: 'x', filters });

const shares = (variants: readonly Variant[]) => variants.map(({ rollout_percentage: share }) => share);
const of = (...all: number[]): readonly Variant[] =>
  all.map((share, at) => ({ key: `v${at}`, name: '', rollout_percentage: share }));

describe('changes of a draft', () => {
  it('K35: a border takes from one variant what it gives the other, and no further than both have', () => {
    expect(shares(withMovedBorder(of(34, 33, 33), 0, 50))).toEqual([50, 17, 33]);
    expect(shares(withMovedBorder(of(33.34, 33.33, 33.33), 1, 70))).toEqual([33.34, 36.66, 30]);
    expect(shares(withMovedBorder(of(34, 33, 33), 0, 90))).toEqual([67, 0, 33]);
    expect(shares(withMovedBorder(of(34, 33, 33), 1, 10))).toEqual([34, 0, 66]);
  });

  it.each([1, 2, 3, 6, 7, 11])('K35: equal shares of %i variants come to 100', (count) => {
    const equal = shares(equalShares(of(...Array.from({ length: count }, () => 0))));
    expect(equal.reduce((sum, share) => sum + Math.round(share * 100), 0)).toBe(10_000);
    expect(Math.max(...equal) - Math.min(...equal)).toBeLessThan(0.2);
  });

  it('K36: a payload is moved when a flag gets variants, and comes back with the last of them', () => {
    const multi = withFirstVariants(withPayload(fields({ groups: [] }), 'true', '{"a":1}'));
    expect([payloadOf(multi, 'true'), payloadOf(multi, 'test')]).toEqual(['', '{"a":1}']);
    const last = withoutVariant(multi, 0);
    expect(variantsOf(last)).toHaveLength(1);
    const none = withoutVariant(last, 0);
    expect([variantsOf(none).length, payloadOf(none, 'true')]).toEqual([0, '{"a":1}']);
  });
});

describe('places of what is wrong', () => {
  it('K39: an error of the API is told at its field, without the place in its text', () => {
    const problems = problemsFrom([
      { attr: 'filters', detail: 'groups[0].properties[1].value: This is no version, such as "1.2.3".' },
      { attr: 'filters', detail: 'payloads.some-key: "some-key" is no variant of this flag.' },
      { attr: 'key', detail: 'There is already a feature flag with this key.' },
      { attr: null, detail: 'Other flags depend on it: a (ID: 1)' },
      { attr: 'filters', detail: 'At most: so much.' },
    ]);
    expect(problems.map(({ place }) => placeWords(place))).toEqual([
      'Condition 1, filter 2',
      'Payload of some-key',
      'Key',
      '',
      '',
    ]);
    expect(textAt(problems, 'groups[0]')).toBe('This is no version, such as "1.2.3".');
    expect(textAt(problems, 'groups[0]', 'groups[0].properties[')).toBeNull();
    expect(textAt(problems, 'groups[00]')).toBeNull();
  });
});
