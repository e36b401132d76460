import { describe, expect, it } from 'vitest';
import { compile } from '../compile/compile.ts';
import { definitions, flag, person, request } from '../scenario.cases.ts';
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
  return results.filter((result) => result.enabled).map((result) => result.flag.key);
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
