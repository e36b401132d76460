import { describe, expect, it } from 'vitest';
import type { PoolName } from '../pool-names.ts';
import type { Row } from '../statements/statement.ts';
import { firstReading, type Look, look, lookInside } from './look.ts';
import { readStore } from './reading.ts';
import { type Said, type Script, ScriptedHost } from './scripted-host.cases.ts';

const gone = { code: '08006' };

/** What one side of the store has: a project at a revision and a position, no such token, or no answer. */
type Side = { readonly revision: string; readonly at?: string } | 'absent' | 'away';

function hostOf(sides: { reader: Side; writer: Side }): ScriptedHost {
  const at =
    (say: (side: Exclude<Side, string>) => Row, absent: Row) =>
    (pool: PoolName): Said => {
      const side = sides[pool.endsWith('writer') ? 'writer' : 'reader'];
      if (side === 'away') return gone;
      return side === 'absent' ? absent : say(side);
    };
  const script: Script = {
    project: at(({ revision, at: position = 'w10' }) => ({ team_id: '7', revision, position }), { team_id: null }),
    flags: at(({ at: position = 'w10' }) => ({ flags: null, revision: 'f', position }), {}),
    cohorts: at(({ at: position = 'w10' }) => ({ cohorts: null, revision: 'c', position }), {}),
    'group types': at(({ at: position = 'w10' }) => ({ mapping: '{}', revision: 'g', position }), {}),
    revision: at(({ revision }) => ({ team: revision, flags: 'f', cohorts: 'c' }), { team: null }),
    'group types revision': at(() => ({ revision: 'g' }), {}),
  };
  return new ScriptedHost(script);
}

const project = { token: 'phc', teamId: 7 };
/** The snapshot that is held: read from a primary. */
const held = { revision: '5.f.c.g', position: { main: 10, persons: 10, replica: false } };
const same: Side = { revision: '5' };

/** What a look found, in a word, and what was asked for it: `revision` or `project`, and of whom. */
function looked(sides: { reader: Side; writer: Side }, wanted: 'reader' | 'writer', from = held) {
  const host = hostOf(sides);
  let found: string;
  try {
    found = wordOf(host.run(readStore(host.store, project, look(from, wanted))));
  } catch (error) {
    found = `throws ${String((error as { kind?: unknown }).kind)}`;
  }
  const asked = host
    .since()
    .map((line) => /^(revision|project) @ non-persons (\w+)/.exec(line))
    .filter((match) => match !== null)
    .map(([, what, whom]) => `${what} ${whom}`);
  return [found, ...asked].join(', ');
}

function wordOf(found: Look): string {
  return found.found === 'read' ? `read ${found.loaded.revision}` : found.found;
}

describe('a look at the store', () => {
  it.each<[string, Side, Side, string]>([
    ['has the same', same, 'away', 'confirmed, revision reader'],
    ['has something newer', { revision: '6', at: 'w11' }, 'away', 'read 6.f.c.g, revision reader, project reader'],
    ['is at the same position', { revision: '6' }, 'away', 'read 6.f.c.g, revision reader, project reader'],
    [
      'is behind, and the writer has the same',
      { revision: '4', at: 'w9' },
      same,
      'confirmed, revision reader, project reader, revision writer',
    ],
    [
      'is a replica at the same position, which proves nothing',
      { revision: '4', at: 'r10' },
      same,
      'confirmed, revision reader, project reader, revision writer',
    ],
    [
      'is behind, and the writer has something newer',
      { revision: '4', at: 'r9' },
      { revision: '6', at: 'w12' },
      'read 6.f.c.g, revision reader, project reader, revision writer, project writer',
    ],
    [
      'is behind, and the writer does not answer',
      { revision: '4', at: 'r9' },
      'away',
      'throws unavailable, revision reader, project reader, revision writer',
    ],
    [
      'does not have the token, and the writer has',
      'absent',
      same,
      'confirmed, revision reader, project reader, revision writer',
    ],
    [
      'does not have the token, nor has the writer',
      'absent',
      'absent',
      'absent, revision reader, project reader, revision writer, project writer',
    ],
    ['does not answer', 'away', same, 'throws unavailable, revision reader'],
  ])('at a reader that %s', (_what, reader, writer, expected) => {
    expect(looked({ reader, writer }, 'reader')).toBe(expected);
  });

  it.each<[string, Side, Side, string]>([
    ['has the same', 'away', same, 'confirmed, revision writer'],
    ['has something newer', 'away', { revision: '6', at: 'w11' }, 'read 6.f.c.g, revision writer, project writer'],
    ['does not have the token', same, 'absent', 'absent, revision writer, project writer'],
    [
      'is a primary that is behind: it was restored from a backup',
      same,
      { revision: '4', at: 'w9' },
      'read 4.f.c.g, revision writer, project writer',
    ],
    [
      'is a replica that is behind: it was a primary once, and the reader has the same',
      same,
      { revision: '4', at: 'r9' },
      'unsure, revision writer, project writer, revision reader',
    ],
    ['does not answer, and the reader has the same', same, 'away', 'unsure, revision writer, revision reader'],
    [
      'does not answer, and the reader has something newer',
      { revision: '6', at: 'r11' },
      'away',
      'read 6.f.c.g, revision writer, revision reader, project reader',
    ],
    ['does not answer, nor does the reader', 'away', 'away', 'throws unavailable, revision writer, revision reader'],
  ])('after a notice, at a writer that %s', (_what, reader, writer, expected) => {
    expect(looked({ reader, writer }, 'writer')).toBe(expected);
  });

  it('tells of definitions that are older than those held, where nobody has others', () => {
    const behind: Side = { revision: '4', at: 'r9' };
    expect(looked({ reader: behind, writer: behind }, 'reader')).toMatch(/^throws behind, /);
    const host = hostOf({ reader: behind, writer: behind });
    expect(() => host.run(readStore(host.store, project, look(held, 'reader')))).toThrow(
      /^the store lags behind the definitions in use$/,
    );
  });

  it('asks about the project behind its token', () => {
    const host = hostOf({ reader: same, writer: 'away' });
    host.run(readStore(host.store, project, look(held, 'reader')));
    const [revision, groupTypes] = host.asks.slice(-2).map(({ statement }) => statement.values);
    expect(revision?.slice(0, 2)).toEqual([7, 'phc']);
    expect(groupTypes).toContain(7);
  });

  it('finds the same where a change came and went between its two questions', () => {
    const host = hostOf({ reader: same, writer: 'away' });
    host.script = { ...host.script, revision: { team: '6', flags: 'f', cohorts: 'c' } };
    expect(host.run(readStore(host.store, project, look(held, 'reader')))).toEqual({ found: 'confirmed' });
  });

  it('a copy that nobody can confirm is worse than the snapshot that is held', () => {
    const reason = new Error('the database is away');
    const reading = look(held, 'reader');
    expect(reading.next().value).toEqual({ read: 'revision', side: 'reader' });
    expect(reading.next('6.f.c.g').value).toEqual({ read: 'project', side: 'reader', revision: '6.f.c.g' });
    expect(() => reading.next({ ...loadedAs('6.f.c.g'), unconfirmed: reason })).toThrow(reason);
  });

  it('a side that has no revision is asked for the project, whatever its revision', () => {
    const reading = look(held, 'reader');
    reading.next();
    expect(reading.next(null).value).toEqual({ read: 'project', side: 'reader' });
  });
});

describe('a look from inside a transaction', () => {
  const found = (side: Side, known: readonly string[] | null) => {
    const host = hostOf({ reader: side, writer: 'away' });
    const seen = host.run(readStore(host.store, project, lookInside(known, false), true));
    return { seen, asked: host.since().map((line) => line.split(' ')[0]) };
  };

  it('says which of the known revisions its transaction sees', () => {
    expect(found(same, ['4.f.c.g', '5.f.c.g'])).toEqual({
      seen: { found: 'confirmed', revision: '5.f.c.g' },
      asked: ['revision'],
    });
  });

  it('reads what none of them is', () => {
    expect(found(same, ['4.f.c.g'])).toMatchObject({
      seen: { found: 'read', loaded: { revision: '5.f.c.g' } },
      asked: ['revision', 'project', 'flags'],
    });
  });

  it('reads at once where nothing is known', () => {
    expect(found(same, null).asked).toEqual(['project', 'flags']);
    expect(found('absent', null)).toEqual({ seen: { found: 'absent' }, asked: ['project'] });
  });

  it('takes its word that the token has gone', () => {
    expect(found('absent', ['5.f.c.g'])).toEqual({ seen: { found: 'absent' }, asked: ['revision', 'project'] });
  });

  it('keeps the last good definitions where nobody can say, and fails where there are none', () => {
    const inside = (known: readonly string[] | null, holds: boolean) => {
      const host = hostOf({ reader: 'away', writer: same });
      return host.run(readStore(host.store, project, lookInside(known, holds), true));
    };
    expect(inside(['5.f.c.g'], true)).toMatchObject({ found: 'kept', because: { kind: expect.any(String) as string } });
    expect(() => inside(['5.f.c.g'], false)).toThrow('failed');
    expect(() => inside(null, false)).toThrow('failed');
  });

  it('remembers what it read for nobody, because that may be rolled back', () => {
    const host = hostOf({ reader: same, writer: 'away' });
    host.run(readStore(host.store, project, lookInside(null, false), true));
    host.script = { ...host.script, cohorts: gone };
    const loaded = host.run(readStore(host.store, project, firstReading(false)));
    expect(loaded?.definitions.cohorts).toMatchObject({ failed: true });
  });
});

describe('the first reading', () => {
  const read = (sides: { reader: Side; writer: Side }, doubted: boolean) => {
    const host = hostOf(sides);
    const loaded = host.run(readStore(host.store, project, firstReading(doubted)));
    const asked = host.since().filter((line) => line.startsWith('project'));
    return [loaded?.revision ?? null, ...asked.map((line) => line.replace('project @ non-persons ', ''))];
  };

  it('asks the reader', () => {
    expect(read({ reader: same, writer: 'away' }, false)).toEqual(['5.f.c.g', 'reader']);
    expect(read({ reader: 'absent', writer: same }, false)).toEqual([null, 'reader']);
  });

  it.each<[string, Side, Side, (string | null)[]]>([
    ['has the project', 'absent', same, ['5.f.c.g', 'writer']],
    ['has no such project', same, 'absent', ['5.f.c.g', 'writer', 'reader']],
    ['does not answer', same, 'away', ['5.f.c.g', 'writer', 'reader']],
    ['has none, and the reader has none', 'absent', 'absent', [null, 'writer', 'reader']],
  ])('H43: asks the writer first after a notice, which %s', (_what, reader, writer, expected) => {
    expect(read({ reader, writer }, true)).toEqual(expected);
  });

  it('D43: is remembered for readings in which a part cannot be read', () => {
    const host = hostOf({ reader: same, writer: 'away' });
    host.run(readStore(host.store, project, firstReading(false)));
    host.script = { ...host.script, cohorts: gone };
    expect(host.run(readStore(host.store, project, firstReading(false)))?.definitions.cohorts).toEqual([]);
  });

  it('what cannot be read is thrown to whoever wished it', () => {
    const host = hostOf({ reader: 'away', writer: 'away' });
    expect(() => host.run(readStore(host.store, project, firstReading(true)))).toThrow('non-persons reader');
  });
});

function loadedAs(revision: string) {
  return {
    project: { ...project, projectId: 7, name: 'shop', timezone: 'UTC', settings: {} },
    definitions: { teamId: 7, flags: [], cohorts: [], groupTypeMapping: {} },
    revision,
  };
}
