import { describe, expect, it } from 'vitest';
import { dialectCases, invalidCases } from './regex.cases.ts';
import { oracleCases } from './oracle.cases.ts';
import type { RegexOutcome } from './outcome.ts';
import { compileRegex } from './regex.ts';

function outcome(pattern: string, text: string): RegexOutcome | 'invalid' {
  const regex = compileRegex(pattern);
  return regex.valid ? regex.test(text) : 'invalid';
}

describe('E103, E106: the dialect', () => {
  it.each(dialectCases)('E106: $title', ({ pattern, finds, misses }) => {
    expect(finds.map((text) => [text, outcome(pattern, text)])).toEqual(finds.map((text) => [text, 1]));
    expect(misses.map((text) => [text, outcome(pattern, text)])).toEqual(misses.map((text) => [text, 0]));
  });

  it('E106: one compiled pattern gives the same answer again, whatever it saw in between', () => {
    const regex = compileRegex('^[\\w.]+@(?:a|ab)c$');
    if (!regex.valid) throw new Error(regex.problem);
    const texts = ['x.y@abc', 'é@ac', '日@abc', 'x@', '', '\ud800@ac'];
    const first = texts.map((text) => regex.test(text));
    expect(first).toEqual([1, 1, 1, 0, 0, 0]);
    expect(texts.map((text) => regex.test(text))).toEqual(first);
  });

  it('E106: an automaton and the backtracking search agree on the same question', () => {
    for (const text of ['', 'aab', 'abab', 'été à', '1b', '😀b']) {
      for (const pattern of ['\\w+\\s?\\w', '^(?:a|ab)*b?$', '[^a]b', '\\b\\w']) {
        expect(outcome(`(?=)${pattern}`, text), `${pattern} in ${text}`).toBe(outcome(pattern, text));
      }
    }
  });
});

describe('the answers of the reference', () => {
  it.each(oracleCases)('E105, E106: %j in %j: %j', (pattern, text, answer) => {
    expect(outcome(pattern, text)).toBe(answer);
  });
});

describe('E104: patterns that do not compile', () => {
  it.each(invalidCases)('E104: %s', (_, pattern) => {
    expect(outcome(pattern, 'a')).toBe('invalid');
  });

  it('E104: the problem says what and where', () => {
    expect(compileRegex('ab[c')).toEqual({ valid: false, problem: 'unclosed character class', position: 2 });
    expect(compileRegex('\\w\\q')).toEqual({ valid: false, problem: 'unknown escape \\q', position: 2 });
  });

  it.each([
    ['10 000 open groups', '('.repeat(10_000)],
    ['a million open brackets', '['.repeat(1_000_000)],
    ['a million backslashes too many', `${'\\\\'.repeat(500_000)}\\`],
    ['a long chain of class operations', `[a${'&&a'.repeat(100_000)}]`],
    ['a million optional characters', 'a?'.repeat(500_000)],
    ['many comments, the last one open', '(?#)'.repeat(100_000).concat('(?#')],
  ])('E104: %s are refused without harm', (_, pattern) => {
    expect(outcome(pattern, 'a')).toBe('invalid');
  });

  it('E106: sizes just below the limit are accepted', () => {
    expect(outcome('^\\w{200}$', 'é'.repeat(200))).toBe(1);
    expect(outcome('^a{300000}$', 'a'.repeat(299_999))).not.toBe(1);
    expect(outcome('^a{30000}$', 'a'.repeat(30_000))).toBe(1);
    expect(outcome('(?<=^a{0,38000})b', `${'a'.repeat(100)}b`)).toBe(1);
    expect(outcome('(?<=^\\w{0,53})b', 'éb')).toBe(1);
    // Counted by the backtracking search, not copied out.
    expect(outcome('^(?:(?=a)a){400000}$', 'a')).toBe(0);
  });

  it('E106: a long list of plain alternatives is accepted', () => {
    const people = Array.from({ length: 4_000 }, (_, i) => `user${i}@example\\.com`).join('|');
    expect(outcome(people, 'mail of user3999@example.com')).toBe(1);
    expect(outcome(people, 'user4000@example_com')).toBe(0);
  });
});

describe('E105: the step budget', () => {
  it('E105: catastrophic backtracking is cut off', () => {
    expect(outcome('^(a+)+\\1$', 'aaaa')).toBe(1);
    expect(outcome('^(a+)+\\1$', `${'a'.repeat(30)}!`)).toBe(2);
  });

  it('E105: the 10 000th step back is allowed, the next is not', () => {
    expect(outcome('(?=a)b', 'c'.repeat(5_000))).toBe(0);
    expect(outcome('(?=a)b', 'c'.repeat(9_999))).toBe(0);
    expect(outcome('(?=a)b', 'c'.repeat(10_000))).toBe(2);
  });

  it('E105: a match before the budget ends is a match', () => {
    expect(outcome('(?=a)a', `${'c'.repeat(9_000)}a`)).toBe(1);
    expect(outcome('(?=a)ab', `${'c'.repeat(11_000)}ab`)).toBe(2);
  });

  it('E105: counted repetitions of each other match as in the reference', () => {
    expect(outcome('^(a{0,100}){0,100}b$', `${'a'.repeat(1_001)}b`)).toBe(1);
    expect(outcome('^((a{0,30}){0,30}){0,10}b$', `${'a'.repeat(1_500)}b`)).toBe(1);
    expect(outcome('^((a{0,30}){0,30}){0,10}b$', `${'a'.repeat(9_001)}b`)).toBe(0);
  });

  it('E105: patterns that need no backtracking have no budget', () => {
    expect(outcome('^(a+)+$', `${'a'.repeat(100_000)}!`)).toBe(0);
    expect(outcome('^(a+)+$', 'a'.repeat(100_000))).toBe(1);
    expect(outcome('(?:a|a)*b', 'a'.repeat(100_000))).toBe(0);
    expect(outcome('(\\w+\\s?)+!', 'word '.repeat(20_000))).toBe(0);
  });

  it('E105: patterns with a word boundary have the budget, one step for each place of the text', () => {
    for (const boundary of ['\\b', '\\<', '\\b{start}', '\\b{start-half}']) {
      const texts = [`${'hay '.repeat(2_500)}needle`, `${'hay '.repeat(2_500)} needle`, 'hay '.repeat(2_500)];
      const outcomes = texts.map((text) => outcome(`${boundary}needle`, text));
      expect([boundary, ...outcomes]).toEqual([boundary, 1, 2, 2]);
    }
    expect(outcome('a\\Bb', 'c'.repeat(9_999))).toBe(0);
    expect(outcome('a\\Bb', 'c'.repeat(10_000))).toBe(2);
    expect(outcome('^\\bneedle', 'hay '.repeat(5_000))).toBe(0);
  });

  it('E105: every way to split the text around a word costs a step', () => {
    expect(outcome('.*\\bbot\\b.*', 'x'.repeat(138))).toBe(0);
    expect(outcome('.*\\bbot\\b.*', 'x'.repeat(139))).toBe(2);
  });

  it('E105: \\G that nothing precedes ends the search, one inside an alternative does not', () => {
    expect(outcome('a?\\Gb', 'c'.repeat(20_000))).toBe(0);
    expect(outcome('(?:\\Gb|d)', 'c'.repeat(20_000))).toBe(2);
    expect(outcome('a\\Gb', 'a'.repeat(20_000))).toBe(2);
  });

  it('E105: an anchor in a look-ahead that is the whole pattern does not keep the search from trying every place', () => {
    expect(outcome('(?=^b\\b)', 'c'.repeat(9_999))).toBe(0);
    expect(outcome('(?=^b\\b)', 'c'.repeat(10_000))).toBe(2);
    expect(outcome('^b\\b', 'c'.repeat(10_000))).toBe(0);
  });

  it('E105: a condition that fails inside an atomic group leaves its mark behind, as in the reference', () => {
    expect(outcome('^(?>(?:a|ab))c', 'abc')).toBe(0);
    // The atomic group takes the mark of the condition for its own, so that "ab" can still be tried.
    expect(outcome('^(?>(?:a|ab)(?(x)y|))c', 'abc')).toBe(1);
  });

  it('E105: a look-ahead at the very end needs no backtracking', () => {
    expect(outcome('needle(?= in)', `${'hay '.repeat(50_000)}needle in`)).toBe(1);
  });

  it('E105: parts that need no backtracking do not count', () => {
    expect(outcome('(?!x)^(?:a+)+$', 'a'.repeat(20_000))).toBe(1);
    expect(outcome('^(?=(?:a+)+$)a', 'a'.repeat(20_000))).toBe(1);
  });

  it.each([
    ['a counter that never ends', '(\\K){100000000000}\\1', 'a'],
    ['a huge number of untried ways', '(?:a(?!b))*c', 'a'.repeat(2_000_000)],
    ['a whole-text look-ahead at every place', '(?=.*x)a', 'a'.repeat(2_000_000)],
    ['a long look-behind at every place', '(?<=a{1000})b', 'a'.repeat(2_000_000)],
    ['an automaton that finds a new state at every character', 'x.{0,10000}y', 'x'.repeat(100_000)],
  ])('E105a: total work is bounded: %s', (_, pattern, text) => {
    expect(outcome(pattern, text)).toBe(2);
  });
});

describe('unusual texts', () => {
  it('E103: a text of 2 MiB is searched', () => {
    const text = 'john.doe@example.org,'.repeat(100_000);
    expect(outcome('[a-z]+@example\\.com', text)).toBe(0);
    expect(outcome('[a-z]+@example\\.com', `${text}a@example.com`)).toBe(1);
    expect(outcome(' é$', `${'日本'.repeat(500_000)} é`)).toBe(1);
  });

  it('E106: a lone surrogate is one character and no part of another', () => {
    expect(outcome('^.$', '\ud83d')).toBe(1);
    expect(outcome('^\\W$', '\ude00')).toBe(1);
    expect(outcome('\ud83d', '😀')).toBe(0);
    expect(outcome('[\ud83d]x?', '😀')).toBe(0);
    expect(outcome('^(.)\\1$', '\ud83d\ud83d')).toBe(1);
    expect(outcome('(?<=.)b', '\ude00b')).toBe(1);
  });
});
