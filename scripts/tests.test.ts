import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { root, tools } from './lib/paths.mjs';
import { readTally, summary } from './lib/tests.mjs';

/** Runs vitest on one small test file and counts it as `npm test` does. */
function tallyOf(code: string, ...options: string[]) {
  writeFileSync(join(folder, 'sample.test.ts'), code);
  const file = join(folder, 'tally.json');
  const reporter = join(root, 'scripts', 'lib', 'tally-reporter.mjs');
  spawnSync(process.execPath, [tools.vitest, 'run', `--root=${folder}`, `--reporter=${reporter}`, ...options], {
    env: { ...process.env, HALYARD_TALLY: file },
  });
  return readTally(file);
}

let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'halyard-tally-'));
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'), 'junction');
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('the tally of a test run', () => {
  it('counts passes, failures and skips, with the reason of a skip', () => {
    const tally = tallyOf(`
      import { expect, it } from 'vitest';
      it('holds', () => expect(1).toBe(1));
      it('does not hold', () => expect(1).toBe(2));
      it('cannot run', (context) => context.skip('no server here'));
    `);
    expect(tally).toEqual({
      passed: 1,
      failed: 1,
      skipped: [{ test: 'cannot run', reason: 'no server here' }],
      repeated: [],
    });
  });

  it('counts a file that cannot be loaded as a failure', () => {
    expect(tallyOf(`import './missing.ts';`)).toEqual({ passed: 0, failed: 1, skipped: [], repeated: [] });
  });

  it('counts a failing hook as a failure', () => {
    const tally = tallyOf(`
      import { beforeAll, describe, it } from 'vitest';
      describe('suite', () => {
        beforeAll(() => { throw new Error('no database'); });
        it('never runs', () => {});
      });
    `);
    expect(tally.failed).toBe(1);
  });

  it('counts a rejection nobody handles as a failure', () => {
    const tally = tallyOf(`
      import { it } from 'vitest';
      it('leaves one behind', async () => {
        void Promise.reject(new Error('stray'));
        await new Promise((resolve) => setTimeout(resolve, 20));
      });
    `);
    expect(tally).toEqual({ passed: 1, failed: 1, skipped: [], repeated: [] });
  });

  it('names a test that passes only when it is run again, with what it said first', () => {
    const tally = tallyOf(
      `
      import { expect, it } from 'vitest';
      let runs = 0;
      it('holds at the second try', () => expect(++runs, 'too early').toBe(2));
      it('never holds', () => expect(1).toBe(2));
    `,
      '--retry=1',
    );
    expect(tally).toMatchObject({ passed: 1, failed: 1 });
    expect(tally.repeated).toEqual([
      { test: 'holds at the second try', reason: expect.stringContaining('too early') as string },
    ]);
  });

  it('counts a test whose worker dies as a failure', () => {
    const tally = tallyOf(`
      import { it } from 'vitest';
      it('ends the process', () => process.kill(process.pid, 'SIGKILL'));
    `);
    expect(tally.passed).toBe(0);
    expect(tally.failed).toBeGreaterThan(0);
  });
});

describe('the last line of npm test', () => {
  it('names skips only where there are any', () => {
    expect(summary({ passed: 3, failed: 0, skipped: [], repeated: [] })).toBe('3 passed, 0 failed');
    expect(summary({ passed: 3, failed: 1, skipped: [{ test: 'a', reason: 'b' }], repeated: [] })).toBe(
      '3 passed, 1 failed, 1 skipped',
    );
  });
});
