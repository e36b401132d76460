import { readFileSync, writeFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { clients } from './clients.ts';
import { differences, evaluators } from './local-differences.ts';
import { pinnedVersion } from './prepare.ts';
import { readResults } from './results.ts';
import { shortTable, tables, withTables } from './sdk-pages.ts';

const page = (name: string): URL => new URL(`../../docs/${name}`, import.meta.url);
const README = new URL('../../README.md', import.meta.url);
const results = readResults();

it.each([
  ['README.md', README, shortTable],
  ['docs/sdks.md', page('sdks.md'), tables],
])('%s has what the tests of the clients found', (_name, place, made) => {
  const written = readFileSync(place, 'utf8');
  const right = withTables(written, made(results));
  if (process.env['HALYARD_CLIENTS_RECORD'] === 'true') writeFileSync(place, right);
  else expect(written, 'npm run clients -- --record writes it').toBe(right);
  expect(Object.keys(results).sort()).toEqual(clients.map(({ name }) => name).sort());
});

it('what was found was found with the versions that the repository names', () => {
  const found = Object.entries(results).map(([name, { version }]) => [name, version]);
  const named = clients.map((client) => [client.name, pinnedVersion(client)]);
  expect(Object.fromEntries(found)).toEqual(Object.fromEntries(named));
});

it('docs/sdk-differences.md has a row for every flag about which a client disagrees, and no other', () => {
  const found = clients.flatMap(({ name }) => {
    const { remote = {}, local } = results[name] ?? {};
    const all = [
      ...Object.keys(remote).map((flag) => ['remote', flag]),
      ...Object.keys(local ?? {}).map((flag) => ['local', flag]),
    ];
    return all.map(([where, flag]) => `${name} ${pinnedVersionOf(name)} ${where} ${flag}`);
  });
  const rows = [
    ...readFileSync(page('sdk-differences.md'), 'utf8').matchAll(/^\| `(.+?)` \| (\S+) \| (\w+) \| `(.+?)` \|/gm),
  ];
  expect(rows.map(([, name, version, where, flag]) => `${name} ${version} ${where} ${flag}`).sort()).toEqual(
    found.sort(),
  );
});

it('docs/sdk-differences.md says of every kind of difference whose it is, and names no other', () => {
  const text = readFileSync(page('sdk-differences.md'), 'utf8');
  const rows = [...text.matchAll(/^\| (an? .+?|equality|early exit|conditions .+?) \| (posthog.+?) \|/gm)];
  expect(rows.map(([, row, whose]) => `${row}: ${whose}`).sort()).toEqual(
    differences.map(({ row, clients: whose }) => `${row}: ${whose.join(', ')}`).sort(),
  );
  const figures = [...text.matchAll(/^\| `(.+?)` \| (\S+) \| \d[\d ]* of \d[\d ]* \| \d[\d ]* of \d[\d ]* \|$/gm)];
  expect(figures.map(([, name, version]) => `${name} ${version}`)).toEqual(
    evaluators.map((name) => `${name} ${pinnedVersionOf(name)}`),
  );
});

function pinnedVersionOf(name: string): string {
  return results[name]?.version ?? '';
}
