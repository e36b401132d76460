import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { root } from './lib/paths.mjs';

const library = pathToFileURL(join(root, 'scripts', 'lib', 'npm.mjs')).href;

describe('npm, run by the scripts', () => {
  let folder: string;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'halyard-npm-test-'));
    writeFileSync(join(folder, 'npm-cli.js'), 'console.log(JSON.stringify(process.argv.slice(2)))');
  });

  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  /** What npm is called with, when its cache is there. */
  function argsWith(cache: string): string[] {
    const script = `const { npm } = await import(${JSON.stringify(library)}); await npm(['ci'], ${JSON.stringify(folder)});`;
    const env = { ...process.env, npm_execpath: join(folder, 'npm-cli.js'), npm_config_cache: cache };
    const out = execFileSync(process.execPath, ['--input-type=module', '--eval', script], { env, encoding: 'utf8' });
    return JSON.parse(out) as string[];
  }

  const cacheOf = (args: readonly string[]) => args.find((arg) => arg.startsWith('--cache='))?.slice('--cache='.length);

  it('uses the cache of the user who has one', () => {
    expect(cacheOf(argsWith(join(folder, 'cache')))).toBeUndefined();
  });

  it('gets a cache for this run alone where there is no home to keep one', () => {
    const cache = cacheOf(argsWith('/dev/null/home/.npm'));
    expect(cache).toContain(tmpdir());
    expect(existsSync(cache ?? '')).toBe(false);
  });
});
