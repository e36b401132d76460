import { chmodSync, chownSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execFileSync } from 'node:child_process';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Binaries, binariesIn } from './binaries.ts';
import { reachableBinaries } from './reachable-binaries.ts';

const user = { uid: 65_534, gid: 65_534 };

describe('the PostgreSQL programs as root, for another user', () => {
  let folder: string;
  let found: Binaries;
  /** Where a copy may lie. */
  let places: string[];
  let copy: string;

  beforeEach((context) => {
    context.skip(process.getuid?.() !== 0, 'only root starts programs as another user');
    folder = mkdtempSync(join(tmpdir(), 'halyard-reach-'));
    chmodSync(folder, 0o755);
    places = ['first', 'second'].map((name) => join(folder, name));
    for (const place of places) mkdirSync(place);
    for (const place of places) chmodSync(place, 0o755);
    copy = join(places[0] ?? '', `halyard-postgresql-17.0.0-${process.arch}-0`);
    const closed = join(folder, 'private');
    mkdirSync(closed, { mode: 0o700 });
    found = standIn(join(closed, 'native'));
  });

  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  const versionOf = ({ postgres }: Binaries) => execFileSync(postgres, ['--version'], { ...user, encoding: 'utf8' });

  it('are used where they are when that is open to the user', () => {
    chmodSync(join(folder, 'private'), 0o711);
    expect(reachableBinaries(user, found, places)).toBe(found);
  });

  it('are copied to where the user can run them, with what lies beside them', () => {
    const reached = reachableBinaries(user, found, places);
    expect(reached.home).toBe(copy);
    expect(versionOf(reached)).toBe('from the library\n');
  });

  it('are copied again as far as something was cleared away', () => {
    reachableBinaries(user, found, places);
    rmSync(join(copy, 'lib', 'lib.sh.1'));
    expect(versionOf(reachableBinaries(user, found, places))).toBe('from the library\n');
  });

  it.each([
    ['a folder of another user', () => mkdirSync(copy), () => chownSync(copy, user.uid, user.gid)],
    ['a folder that another user may write to', () => mkdirSync(copy), () => chmodSync(copy, 0o777)],
    ['a link', () => mkdirSync(`${copy}-elsewhere`), () => symlinkSync(`${copy}-elsewhere`, copy)],
    ['a place where anybody can swap folders', () => chmodSync(places[0] ?? '', 0o777), () => undefined],
    ['a place that is closed to the user too', () => chmodSync(places[0] ?? '', 0o700), () => undefined],
  ])('are not put into %s', (_what, ...prepare) => {
    for (const step of prepare) step();
    expect(reachableBinaries(user, found, places).home).toContain(places[1]);
  });

  it('are refused in one line, saying what to do, when there is no place for them', () => {
    for (const place of places) chmodSync(place, 0o700);
    const closed = join(folder, 'private');
    expect(() => reachableBinaries(user, found, places)).toThrow(
      `the folder ${closed} of its programs is closed to that user (chmod o+x ${closed} opens it); and no copy could be made ` +
        `(${places[0]} is closed to that user too; ${places[1]} is closed to that user too).`,
    );
  });

  it('are refused where they do not run', () => {
    writeFileSync(join(found.home, 'lib', 'lib.sh.1'), 'echo broken >&2; exit 3\n');
    expect(() => reachableBinaries(user, found, places)).toThrow(`no program runs in ${places[0]}: broken`);
  });
});

describe('the PostgreSQL programs in a path that a shell would change', () => {
  let folder: string;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'halyard-reach-'));
  });

  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  it.each(['$1', '`date`', '"', String.raw`\x`])('are copied to another one: %s', (name) => {
    const reached = reachableBinaries(null, standIn(join(folder, name, 'native')), [folder]);
    expect(reached.home).toMatch(/halyard-postgresql-17\.0\.0-\w+-\d+$/);
    expect(execFileSync(reached.postgres, ['--version'], { encoding: 'utf8' })).toBe('from the library\n');
  });

  it.each([`it's`, 'a b', 'Käse & 日本', '(x);*'])('are used where they are when it would not: %s', (name) => {
    const found = standIn(join(folder, name, 'native'));
    expect(reachableBinaries(null, found, [folder])).toBe(found);
  });
});

/** Programs that need a file beside them and a link to it, as the real ones do. */
function standIn(home: string): Binaries {
  const binaries = binariesIn(home, '17.0.0');
  for (const part of ['bin', 'lib']) mkdirSync(join(home, part), { recursive: true });
  writeFileSync(join(home, 'lib', 'lib.sh.1'), 'echo from the library\n');
  symlinkSync('lib.sh.1', join(home, 'lib', 'lib.sh'));
  for (const file of [binaries.postgres, binaries.initdb]) {
    writeFileSync(file, '#!/bin/sh\n. "${0%/*}/../lib/lib.sh"\n');
    chmodSync(file, 0o755);
  }
  return binaries;
}
