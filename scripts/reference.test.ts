import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { root } from './lib/paths.mjs';

it('every public export of the Node library has a comment', () => {
  const folder = join(root, 'docs', 'reference');
  const typedoc = join(folder, 'node_modules', 'typedoc', 'bin', 'typedoc');
  const { status, stdout, stderr } = spawnSync(process.execPath, [typedoc, '--emit', 'none'], {
    cwd: folder,
    encoding: 'utf8',
    env: { ...process.env, NO_COLOR: '1' },
  });
  // What is missing is a warning; `npm run docs` refuses them too (docs/reference/typedoc.json).
  expect(`${stdout}${stderr}`.split('\n').filter((line) => line.includes('[warning]'))).toEqual([]);
  expect(status).toBe(0);
}, 120_000);
