import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';

const DOCS = new URL('../../../../docs/failure-modes.md', import.meta.url);
const HERE = new URL('.', import.meta.url);

describe('docs/failure-modes.md', () => {
  it('names a test for every row, and has a row for every test', () => {
    const proofs = (readFileSync(DOCS, 'utf8').split('## The Python package')[0] ?? '')
      .split('\n')
      .filter((line) => line.startsWith('| ') && !line.startsWith('| what breaks') && !line.startsWith('| ---'))
      .map((line) => line.split('|').at(-2)?.trim() ?? '');
    const titles = readdirSync(HERE)
      .filter((name) => name.endsWith('-failures.test.ts'))
      .flatMap((name) => [...readFileSync(new URL(name, HERE), 'utf8').matchAll(/^ {2}it\('(.*)',/gm)])
      .map((match) => match[1] ?? '');
    expect(titles.length).toBeGreaterThan(5);
    expect(proofs.filter((proof) => !proof.startsWith('`')).sort()).toEqual(titles.sort());
    for (const file of proofs.filter((proof) => proof.startsWith('`'))) {
      expect(() => readFileSync(new URL(`../${file.replaceAll('`', '')}`, HERE))).not.toThrow();
    }
  });

  it('names a Python test for every row about Python, and has a row for every such test', () => {
    const rows = (readFileSync(DOCS, 'utf8').split('## The Python package')[1]?.split('\n## ')[0] ?? '')
      .split('\n')
      .map((line) => /^\|.*\| `(test_\w+)` \|$/.exec(line)?.[1])
      .filter((name) => name !== undefined);
    const tests = readFileSync(new URL('../../../../python/tests/test_failures.py', import.meta.url), 'utf8');
    const names = [...tests.matchAll(/^def (test_\w+)\(/gm)].map((match) => match[1] ?? '');
    expect(names.length).toBeGreaterThan(5);
    expect(rows.sort()).toEqual(names.sort());
  });
});
