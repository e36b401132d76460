import { expect, it } from 'vitest';
import { scoresByFolder } from './lib/mutation-scores.mjs';

it('a mutation score counts what tests noticed, by folder and in all', () => {
  const mutants = (...statuses: ('Killed' | 'Timeout' | 'Survived' | 'NoCoverage' | 'Ignored' | 'RuntimeError')[]) => ({
    mutants: statuses.map((status) => ({ status })),
  });
  const scores = scoresByFolder({
    files: {
      'b/two.ts': mutants('Killed', 'Survived'),
      'b/one.ts': mutants('Timeout', 'NoCoverage', 'Ignored', 'RuntimeError'),
      'a/none.ts': mutants('Ignored'),
    },
  });
  expect(scores.split('\n').map((line) => line.trim())).toEqual([
    'none  a  (0 noticed, 0 survived, 0 not reached)',
    '50.0 %  b  (2 noticed, 1 survived, 1 not reached)',
    '50.0 %  all  (2 noticed, 1 survived, 1 not reached)',
  ]);
});
