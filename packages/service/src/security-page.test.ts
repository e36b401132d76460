import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';

const ROOT = new URL('../../../', import.meta.url);

it('docs/security.md names a test that exists in every row', () => {
  const rows = readFileSync(new URL('docs/security.md', ROOT), 'utf8')
    .split('\n')
    .filter((line) => line.startsWith('| ') && !/^\| (---|key \||promise \||what \|)/.test(line));
  expect(rows.length).toBeGreaterThan(20);
  const unproved = rows.filter((row) => {
    const [, file, name = ''] = /\| `([\w/.-]+\.test\.ts)` (.+) \|$/.exec(row) ?? [];
    if (file === undefined) return true;
    const tests = readFileSync(new URL(`packages/${file}`, ROOT), 'utf8');
    return ![`'${name}'`, `"${name}"`, `\`${name}\``].some((quoted) => tests.includes(quoted));
  });
  expect(unproved).toEqual([]);
});
