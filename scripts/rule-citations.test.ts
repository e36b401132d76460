import { describe, expect, it } from 'vitest';
import {
  citingFiles,
  definedRules,
  mentionsIn,
  openRules,
  openRulesIn,
  rulesDefinedIn,
  rulesTestedIn,
} from './lib/rule-citations.mjs';

const rules = definedRules();
const open = openRules();
const files = citingFiles();
const tested = new Map(
  files.flatMap(({ file, name, text }) => [...rulesTestedIn(name, text)].map((number) => [number, file] as const)),
);

describe('the rules of docs/spec', () => {
  it('are there, each with one number', () => {
    expect(rules.size).toBeGreaterThan(400);
    expect(rules.get('E15')).toBe('evaluation.md');
    expect(rules.get('H57')).toBe('http.md');
    expect(rules.get('D116')).toBe('data.md');
    expect(rules.get('M46')).toBe('management.md');
  });

  it('are all that is cited: no code, comment, test or paper names another', () => {
    const letters = [...new Set([...rules.keys()].map((number) => number.charAt(0)))].join('');
    const unknown = files.flatMap(({ file, text }) =>
      mentionsIn(text, letters)
        .filter(({ number }) => !rules.has(number))
        .map(({ number, line }) => `${file}:${line} cites ${number}, which docs/spec does not have`),
    );
    expect(unknown).toEqual([]);
  });

  it('are each cited by a test, or open for a reason', () => {
    const forgotten = [...rules.keys()].filter((number) => !tested.has(number) && !open.has(number));
    expect(forgotten, 'name them in a test’s title, or in docs/spec/open-rules.md with the reason').toEqual([]);
  });

  it('are not both: an open rule that a test cites leaves the list', () => {
    const both = [...open.keys()].filter((number) => tested.has(number));
    expect(both.map((number) => `${number} is open, but ${tested.get(number)} cites it`)).toEqual([]);
  });

  it('are what the list of open rules is about', () => {
    expect([...open.keys()].filter((number) => !rules.has(number))).toEqual([]);
    for (const [number, reason] of open) expect(reason.split(' ').length, `the reason of ${number}`).toBeGreaterThan(1);
  });
});

const first = 'E1';
const second = 'H20';
const third = 'E185a';

describe('what counts as a citation', () => {
  const cited = (name: string, text: string) => [...rulesTestedIn(name, text)];

  it.each([
    [`it('${first}: holds', () => {})`, [first]],
    [`it.each([])("${first}, ${second}: %s", () => {})`, [first, second]],
    [`it('${second} (R), ${third}: holds', () => {})`, [second, third]],
    [`it.each([\n  ['${third}', 'table'],\n])('%s: %s', () => {})`, [third]],
    [`it('holds (${first})', () => {})`, []],
    [`it('${first} to ${second}: a range', () => {})`, []],
    [`it('${first}–${second}: a range', () => {})`, []],
    [`expect(code).toBe('${first}'); // ${second}: no title`, []],
  ])('in TypeScript: %j', (text, expected) => {
    expect(cited('some.test.ts', text)).toEqual(expected);
    expect(cited('some.ts', text)).toEqual([]);
  });

  it.each([
    [`def test_${first.toLowerCase()}_holds():`, [first]],
    [`    def test_${first.toLowerCase()}_${second.toLowerCase()}_hold(self):`, [first, second]],
    [`def test_holds(seed):\n    """${third}: and why."""`, [third]],
    [`def test_holds():\n    """See ${third}."""`, []],
    ['def test_in_32_bits():', []],
  ])('in Python: %j', (text, expected) => {
    expect(cited('test_some.py', text)).toEqual(expected);
    expect(cited('some.py', text)).toEqual([]);
  });

  it('a rule is defined where a paragraph or an item begins with its number', () => {
    const text = `**${first}.** Yes.\n- **${third}. A title.** Yes.\nSee **${second}.** No.`;
    expect(rulesDefinedIn(text)).toEqual([first, third]);
  });

  it('an open rule stands in a row with its reason, once', () => {
    const row = `| ${first}, ${second} | not built yet: a thing |`;
    expect([...openRulesIn(row)]).toEqual([
      [first, 'not built yet: a thing'],
      [second, 'not built yet: a thing'],
    ]);
    expect(() => openRulesIn(`${row}\n| ${first} | again |`)).toThrow('stands twice');
  });

  it('any number with the letter of a rule is a mention, but not what only looks like one', () => {
    const text = `// ${first}, see (${second}); halyard.E001\n'\\u{D800}' 1E5 %3D7 ${third}`;
    expect(mentionsIn(text, 'EHD')).toEqual([
      { number: first, line: 1 },
      { number: second, line: 1 },
      { number: third, line: 2 },
    ]);
  });
});
