import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compileRegex } from './regex.ts';

const RUNS = { numRuns: 2_000, seed: 20_261_122 };

/** Texts over few characters, so that matches and near-matches are common. No line breaks: dots differ there. */
const text = fc.string({ unit: fc.constantFrom('a', 'b', 'c', 'A', ' ', '1', 'é', '😀'), maxLength: 8 });

const QUANTIFIERS = ['', '', '', '*', '+', '?', '{2}', '{1,3}', '{2,}', '*?', '+?', '??'];

/**
 * Patterns that mean the same in a native expression with the `u` flag. They stay shallow and the texts short: it is the
 * native engine that would take for ever.
 */
function patterns(
  extra: readonly string[],
  group: (body: string) => readonly string[],
  depth = 2,
): fc.Arbitrary<string> {
  const leaf = fc.constantFrom('a', 'b', 'c', '.', '[ab]', '[^a]', '[a-c]', 'é', '😀', '\\.', '\\x61', ...extra);
  const quantified = fc.tuple(leaf, fc.constantFrom(...QUANTIFIERS)).map((parts) => parts.join(''));
  const anchor = fc.constantFrom('^', '$', '(?:^|a)', '(?:b|$)');
  const pieces = [
    { weight: 6, arbitrary: quantified },
    { weight: 1, arbitrary: anchor },
  ];
  if (depth > 0) {
    const nested = fc
      .tuple(patterns(extra, group, depth - 1), fc.nat(), fc.constantFrom('', '', '?', '*', '+', '{2}', '*?'))
      .map(([body, choice, quantifier]) => {
        const forms = group(body);
        return `${forms[choice % forms.length] ?? ''}${quantifier}`;
      });
    pieces.push({ weight: 2, arbitrary: nested });
  }
  const branch = fc.array(fc.oneof(...pieces), { maxLength: 3 }).map((parts) => parts.join(''));
  return fc.array(branch, { minLength: 1, maxLength: 3 }).map((branches) => branches.join('|'));
}

function capturing(body: string): readonly string[] {
  // A bare empty group cannot be repeated here.
  return [`(${body})`, `(?:${body}|a)`];
}

describe('E103, E106: compared with the native engine', () => {
  it('E106: patterns for an automaton', () => {
    fc.assert(
      fc.property(patterns([], capturing), fc.array(text, { minLength: 4, maxLength: 4 }), (pattern, texts) => {
        const regex = compileRegex(pattern);
        const native = new RegExp(pattern, 'u');
        if (!regex.valid) throw new Error(`${regex.problem} at ${regex.position}`);
        for (const value of texts) expect([value, regex.test(value)]).toEqual([value, native.test(value) ? 1 : 0]);
      }),
      RUNS,
    );
  });

  it('E106: the same, without regard to case', () => {
    fc.assert(
      fc.property(patterns(['A', 'É', '[^A]'], capturing), text, (pattern, value) => {
        const regex = compileRegex(`(?i)(?:${pattern}|zz)`);
        if (!regex.valid) throw new Error(`${regex.problem} at ${regex.position}`);
        expect(regex.test(value)).toBe(new RegExp(pattern, 'iu').test(value) ? 1 : 0);
      }),
      RUNS,
    );
  });

  it('E105, E106: patterns with look-around, unless given up', () => {
    const looks = [
      '(?:(?=a)|c)',
      '(?:(?!b)|c)',
      '(?:(?<=ab)|c)',
      '(?:(?<!a.)|c)',
      '(?:(?=.*c)|1)',
      '(?:(?<=a+b?)|c)',
      '(?:(?<!^b*|[^a]c)|c)',
      '(?:(?<=(?:é|😀b){1,2}$)|1)',
    ];
    fc.assert(
      fc.property(patterns(looks, capturing), fc.array(text, { minLength: 4, maxLength: 4 }), (pattern, texts) => {
        const regex = compileRegex(pattern);
        const native = new RegExp(pattern, 'u');
        if (!regex.valid) throw new Error(`${regex.problem} at ${regex.position}`);
        for (const value of texts) {
          const outcome = regex.test(value);
          if (outcome !== 2) expect([value, outcome]).toEqual([value, native.test(value) ? 1 : 0]);
        }
      }),
      RUNS,
    );
  });

  it('E105, E106: patterns with a back-reference to a group that took part', () => {
    fc.assert(
      fc.property(
        patterns([], (body) => [`(?:${body}|a)`]),
        text,
        (body, value) => {
          const pattern = `(${body})1?\\1`;
          const regex = compileRegex(pattern);
          if (!regex.valid) throw new Error(`${regex.problem} at ${regex.position}`);
          const outcome = regex.test(value);
          if (outcome !== 2) expect(outcome).toBe(new RegExp(pattern, 'u').test(value) ? 1 : 0);
        },
      ),
      RUNS,
    );
  });

  it('E106: class set operations', () => {
    const side = fc.constantFrom('a-c', 'b-d', '\\w', '\\d', '[^a]', '[ab]', '\\p{Lu}', 'é');
    const operation = fc.constantFrom('&&', '--');
    fc.assert(
      fc.property(side, operation, side, fc.boolean(), text, (left, op, right, negated, value) => {
        const body = (part: string) => `[${part}]`;
        const pattern = `^[${negated ? '^' : ''}${body(left)}${op}${body(right)}]`;
        const regex = compileRegex(pattern);
        if (!regex.valid) throw new Error(`${regex.problem} at ${regex.position}`);
        const native = pattern.replaceAll('\\w', '\\p{L}\\p{M}\\p{Nd}').replaceAll('\\d', '\\p{Nd}');
        expect(regex.test(value)).toBe(new RegExp(native, 'v').test(value) ? 1 : 0);
      }),
      RUNS,
    );
  });
});

describe('E104, E105: whatever the pattern', () => {
  const syntax = '()[]{}|*+?.^$\\-&~<>=!:,#0123abBdwpPkKxuimsUGZAzh \n\'"é😀'.split('');
  const garbage = fc.oneof(
    fc.string({ unit: fc.constantFrom(...syntax), maxLength: 40 }),
    fc.string({ unit: 'binary', maxLength: 20 }),
    fc
      .array(
        fc.constantFrom(
          '(?',
          '(?<',
          '(?=',
          '(?<!',
          '(?>',
          '(?(1)',
          '(a)',
          '\\1',
          '[',
          '[^',
          '&&',
          '}',
          '{2,',
          '*',
          '++',
        ),
        {
          maxLength: 12,
        },
      )
      .map((parts) => parts.join('')),
  );

  it('E104: garbage is either valid or a problem, never an exception', () => {
    fc.assert(
      fc.property(garbage, fc.string({ unit: 'binary' }), (pattern, value) => {
        const regex = compileRegex(pattern);
        if (regex.valid) expect([0, 1, 2]).toContain(regex.test(value));
        else {
          expect(regex.problem).not.toBe('');
          expect(regex.position).toBeGreaterThanOrEqual(0);
          expect(regex.position).toBeLessThanOrEqual(pattern.length);
        }
      }),
      { ...RUNS, numRuns: 10_000 },
    );
  });
});
