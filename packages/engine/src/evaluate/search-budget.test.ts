import type { JsonValue } from '@halyard/json';
import { describe, expect, it } from 'vitest';
import { compile } from '../compile/compile.ts';
import { explain } from '../explain/explain.ts';
import { definitions, facts, flag, inCohort, person, request, result, run } from '../scenario.cases.ts';
import { evaluate } from './evaluate.ts';

/** Twenty patterns that take all they are given on a long run of `a`, and after them two that take nothing. */
const HOSTILE = '^(a{0,100}c?){0,100}b$';
const program = compile(
  definitions([
    ...Array.from({ length: 20 }, (_, i) =>
      flag(`hostile-${i}`, { groups: [{ properties: [person('text', HOSTILE, 'regex')] }] }, { id: i + 1 }),
    ),
    flag('plain', { groups: [{ properties: [person('text', 'a', 'regex')] }] }, { id: 31 }),
    flag('not', { groups: [{ properties: [person('text', 'z', 'not_regex')] }] }, { id: 32 }),
    flag('other', { groups: [{ properties: [person('text', 'a', 'icontains')] }] }, { id: 33 }),
  ]),
);

function enabled(text: string): string[] {
  const { results } = evaluate(program, request({ personProperties: { text } }));
  return results.filter((one) => one.enabled).map((one) => one.flag.key);
}

describe('the pattern searches of one evaluation', () => {
  it('E105a: share one budget; when it is spent, later flags with patterns miss and the others are decided', () => {
    expect(enabled('a'.repeat(2_000))).toEqual(['other']);
  });

  it('E105a: a budget ends with its evaluation, on the same Program too', () => {
    enabled('a'.repeat(2_000));
    expect(enabled('abc')).toEqual(['plain', 'not', 'other']);
  });
});

describe('a request with hostile patterns', () => {
  const text = `${'a'.repeat(1000)}b`;
  const hostile = Array.from({ length: 12 }, (_, i) =>
    flag(
      `hostile-${i}`,
      { groups: [{ properties: [person('text', '^(a{0,100}c?){0,100}b$', 'regex')] }] },
      { id: i + 1 },
    ),
  );
  const cohorts = [{ id: 5, filters: { properties: { type: 'AND', values: [person('plan', 'fr', 'regex')] } } }];
  const plain = [
    flag('matches', { groups: [{ properties: [person('plan', 'fr|x', 'regex')] }] }, { id: 90 }),
    flag('lacks', { groups: [{ properties: [person('plan', 'c|d', 'not_regex')] }] }, { id: 91 }),
    flag('member', { groups: [{ properties: [inCohort(5)] }] }, { id: 92 }),
  ];
  const values = (flags: readonly JsonValue[]) => {
    const got = run(definitions(flags, { cohorts }), { personProperties: { text, plan: 'free' } }, facts());
    return plain.map(({ key }) => result(got, key as string).value);
  };

  it('E105a: gets no match once its budget is spent, in any condition or cohort, and leaves the next request its own', () => {
    expect(values(plain)).toEqual([true, true, true]);
    expect(values([...hostile, ...plain])).toEqual([false, false, false]);
    expect(values(plain)).toEqual([true, true, true]);
  });

  it('E105a: is explained as it is answered', () => {
    const compiled = compile(definitions([...hostile, ...plain], { cohorts }));
    const asked = request({ personProperties: { text, plan: 'free' } });
    const { flags } = explain(compiled, asked, facts());
    expect(flags.map((one) => one.result)).toEqual(evaluate(compiled, asked, facts()).results);
    expect(flags.find(({ key }) => key === 'lacks')?.conditions[0]?.filters[0]?.outcome).toBe('error');
  });
});
