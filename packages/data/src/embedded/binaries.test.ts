import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, readlinkSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { addMissingLinks, findBinaries } from './binaries.ts';

describe('the PostgreSQL programs', () => {
  let folder: string;
  let home: string;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'halyard-binaries-'));
    home = join(folder, 'native');
    mkdirSync(join(home, 'lib'), { recursive: true });
    writeFileSync(join(home, 'lib', 'libx.so.1.2'), 'library');
  });

  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  const links = (...list: { source: string; target: string }[]) =>
    writeFileSync(join(home, 'pg-symlinks.json'), JSON.stringify(list));

  it('are there and run', () => {
    const { postgres } = findBinaries();
    expect(execFileSync(postgres, ['--version'], { encoding: 'utf8' })).toMatch(/^postgres \(PostgreSQL\) 17\./);
  });

  it('get the library links that an installation without scripts leaves out', () => {
    links({ source: 'native/lib/libx.so.1.2', target: 'native/lib/libx.so.1' });
    addMissingLinks(home);
    addMissingLinks(home);
    expect(readlinkSync(join(home, 'lib', 'libx.so.1'))).toBe('libx.so.1.2');
    expect(readFileSync(join(home, 'lib', 'libx.so.1'), 'utf8')).toBe('library');
  });

  it('get no link outside of their folder', () => {
    links({ source: 'native/lib/libx.so.1.2', target: 'escaped.so' });
    addMissingLinks(home);
    expect(existsSync(join(folder, 'escaped.so'))).toBe(false);
  });

  it('need no list of links', () => {
    expect(() => addMissingLinks(home)).not.toThrow();
  });
});
