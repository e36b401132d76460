import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { transitions } from './freshness-table.ts';

it('the transitions are those of docs/freshness.md', () => {
  const page = join(import.meta.dirname, '..', '..', '..', '..', 'docs', 'freshness.md');
  const rows = readFileSync(page, 'utf8')
    .split('\n')
    .map((line) => /^\| `(\w+)` \| `(\w+)` \| `(\w+)` \| (.*) \|$/.exec(line)?.slice(1))
    .filter((row) => row !== undefined);
  const code = Object.entries(transitions).flatMap(([from, events]) =>
    Object.entries(events).map(([event, { next, actions }]) => [from, event, next, actions.join(', ') || '–']),
  );
  expect(rows).toEqual(code);
});
