import { describe, expect, it } from 'vitest';
import type { PoolName } from '../pool-names.ts';
import type { Row, Statement } from '../statements/statement.ts';
import { loadFacts } from './load-facts.ts';
import { loadProject, projectRevision } from './load-project.ts';
import { look, lookInside } from './look.ts';
import { readStore } from './reading.ts';
import { planOf, type Said, type Script, ScriptedHost, signedIn, signingIn } from './scripted-host.cases.ts';
import type { Store } from './store.ts';
import { answersTo, type Ask, type Conversation } from './wish.ts';

/** What a driver runs statements on. Rejects with what a client of PostgreSQL throws. */
export type ScriptedPools = (pool: PoolName, statement: Statement) => Promise<readonly Row[]>;

/** A driver of conversations over such pools. */
export type DriveOver = (pools: ScriptedPools) => <Result>(conversation: Conversation<Result>) => Promise<Result>;

/** A script and what is done with one store under it, one after the other; between two steps the script may change. */
interface Scenario {
  readonly script: Script;
  readonly later?: readonly (Script | undefined)[];
  readonly readerMayLag?: boolean;
  readonly steps: readonly ((store: Store) => Conversation<unknown>)[];
  /** Every statement but looks at the tables, so that a scenario cannot come to nothing unseen. */
  readonly asks: readonly string[];
  /** What the last step comes to. */
  readonly ends: string | object;
}

const person = { person: '{"email":"a@b.c"}', created_at: null, static_cohorts: '', sticky_keys: '[]', groups: null };
const stored = { sticky_keys: '[[true,"kept","visitor"]]' };
const kept = { stickyKeys: new Map([['kept', 'visitor']]) };
const project = {
  team_id: '1',
  team: '{"timezone":"UTC"}',
  settings: '{}',
  revision: '5',
  position: 'w10',
};
const definitions: Script = {
  project,
  flags: { flags: '{"id":1,"key":"kept"}', revision: 'f', position: 'w10' },
  cohorts: { cohorts: '{"id":2}', revision: 'c', position: 'w10' },
  'group types': { mapping: '{"0":"org"}', revision: 'g', position: 'w10' },
  revision: { team: '5', flags: 'f', cohorts: 'c' },
  'group types revision': { revision: 'g' },
};
/** The statements of a whole project. */
const wholeOf = (side: string) => [
  `project @ non-persons ${side}`,
  `flags @ non-persons ${side}`,
  `cohorts @ non-persons ${side}`,
  `group types @ persons ${side}`,
];
const revisionOf = (side: string) => [`revision @ non-persons ${side}`, `group types revision @ persons ${side}`];
const token = { token: 'phc', teamId: 1 };
const held = { revision: '5.f.c.g', position: { main: 10, persons: 10, replica: false } };
const ask = (store: Store) => loadFacts(store, planOf());
const signIn = (store: Store) => loadFacts(store, signingIn());
const comeAgain = (store: Store) => loadFacts(store, signedIn());
const read = (store: Store) => loadProject(store, 'phc', {});
const compare = (side: 'reader' | 'writer') => (store: Store) => readStore(store, token, look(held, side));
const at = (reader: Said, writer: Said) => (pool: PoolName) => (pool.includes('writer') ? writer : reader);

/** What is promised of freshness, lag, sticky keys and failures, in the order in which the store conversation has it. */
const scenarios: Readonly<Record<string, Scenario>> = {
  'facts of a person': {
    script: { facts: person },
    steps: [ask],
    asks: ['facts @ persons reader'],
    ends: { person: { properties: { email: 'a@b.c' } } },
  },
  'facts, when the reader is away': {
    script: { facts: { code: '57P01' } },
    steps: [ask, ask],
    asks: ['facts @ persons reader', 'facts @ persons reader'],
    ends: { person: { failed: true, code: 'database_unavailable' } },
  },
  'facts, when the answer belongs to another question': {
    script: { facts: { alien: person } },
    steps: [ask],
    asks: ['facts @ persons reader'],
    ends: { person: { failed: true, code: 'database_error' } },
  },
  'facts, when there is no answer': {
    script: { facts: 'nothing' },
    steps: [ask],
    asks: ['facts @ persons reader'],
    ends: { person: { failed: true, code: 'database_error' } },
  },
  'tables that change under a running process are looked at again': {
    script: { facts: { code: '42703' } },
    later: [{ facts: person }],
    steps: [ask, ask],
    asks: ['facts @ persons reader', 'facts @ persons reader', 'facts @ persons reader'],
    ends: { person: { properties: { email: 'a@b.c' } } },
  },
  'a sign-in writes its key, and reads it again from whoever stored it': {
    script: { facts: person, 'sticky keys': stored },
    steps: [signIn],
    asks: ['facts @ persons reader', 'sticky keys @ persons writer'],
    ends: kept,
  },
  'a sign-in whose key cannot be written': {
    script: { facts: person, 'sticky keys': { code: '25006' } },
    steps: [signIn],
    asks: ['facts @ persons reader', 'sticky keys @ persons writer'],
    ends: { stickyKeys: { failed: true } },
  },
  'a sign-in whose person is deleted under it is tried three times, after pauses': {
    script: { facts: person, 'sticky keys': { code: '23503' } },
    steps: [signIn],
    asks: ['facts @ persons reader', ...Array<string>(3).fill('sticky keys @ persons writer')],
    ends: { stickyKeys: { failed: true } },
  },
  'after a sign-in a reader that lags is completed from memory': {
    script: { facts: person, lag: { behind: 'false' }, 'sticky keys': stored },
    readerMayLag: true,
    steps: [signIn, comeAgain],
    asks: ['facts @ persons reader', 'lag @ persons reader', 'sticky keys @ persons writer', 'facts @ persons reader'],
    ends: kept,
  },
  'a reader that is far behind is not believed, and the writer is asked': {
    script: { facts: at(person, stored), lag: { behind: 'true' } },
    readerMayLag: true,
    steps: [comeAgain],
    asks: ['facts @ persons reader', 'lag @ persons reader', 'facts @ persons writer'],
    ends: kept,
  },
  'definitions, and then their revision': {
    script: definitions,
    steps: [read, (store) => projectRevision(store, token, {})],
    asks: [...wholeOf('reader'), ...revisionOf('reader')],
    ends: '5.f.c.g',
  },
  'cohorts and group types that cannot be read stay the last good ones': {
    script: definitions,
    later: [{ ...definitions, cohorts: { code: '57014' }, 'group types': { code: '57014' } }],
    steps: [read, read],
    asks: [...wholeOf('reader'), ...wholeOf('reader')],
    ends: { revision: '5.f.c.g', definitions: { cohorts: [{ id: 2 }], groupTypeMapping: { 0: 'org' } } },
  },
  'after a notice the writer is asked': {
    script: {
      ...definitions,
      project: at(project, { ...project, revision: '6' }),
      revision: at({ team: '5', flags: 'f', cohorts: 'c' }, { team: '6', flags: 'f', cohorts: 'c' }),
    },
    steps: [compare('writer')],
    asks: [...revisionOf('writer'), ...wholeOf('writer')],
    ends: { found: 'read', loaded: { revision: '6.f.c.g' } },
  },
  'after a notice, when the writer is away, the reader has its say': {
    script: { ...definitions, revision: at({ team: '5', flags: 'f', cohorts: 'c' }, { code: '57P01' }) },
    steps: [compare('writer')],
    asks: [...revisionOf('writer'), ...revisionOf('reader')],
    ends: { found: 'unsure' },
  },
  'older definitions never replace newer ones': {
    script: {
      ...definitions,
      project: { ...project, revision: '4', position: 'r9' },
      revision: at({ team: '4', flags: 'f', cohorts: 'c' }, { team: '5', flags: 'f', cohorts: 'c' }),
    },
    steps: [compare('reader')],
    asks: [...revisionOf('reader'), ...wholeOf('reader'), ...revisionOf('writer')],
    ends: { found: 'confirmed' },
  },
  'a database without a place for one more': {
    script: { project: { code: '53300' } },
    steps: [read],
    asks: ['project @ non-persons reader'],
    ends: { kind: 'no_more_connections', pool: 'non-persons reader', code: '53300' },
  },
  'a look inside a transaction that nobody can answer keeps the last good definitions': {
    script: { revision: { code: '25P02' } },
    steps: [(store) => readStore(store, token, lookInside(['5'], true), true)],
    asks: revisionOf('reader'),
    ends: { found: 'kept' },
  },
};

/**
 * A driver carries out what conversations want, and adds nothing: whatever a script says, its conversations come to the same results,
 * after the same statements on the same pools, as those that a host without any I/O goes through (`ScriptedHost`).
 */
export function describeDriver(name: string, driveOver: DriveOver): void {
  describe(`a driver of conversations: ${name}`, () => {
    it.each(Object.entries(scenarios))(
      '%s',
      async (_title, { script, later = [], readerMayLag = false, steps, asks, ends }) => {
        const plain = new ScriptedHost(script, { readerMayLag });
        const driven = new ScriptedHost(script, { readerMayLag });
        // Pauses are long or short by chance.
        plain.chance = driven.chance = 0.01;
        const drive = driveOver(poolsOf(driven));
        const asked: string[] = [];
        let last: { result?: unknown; error?: unknown } = {};
        for (const [number, step] of steps.entries()) {
          const next = later[number - 1];
          if (next !== undefined) plain.script = driven.script = next;
          const expected = outcome(() => plain.run(step(plain.store)));
          last = await drive(step(driven.store)).then(
            (result) => ({ result }),
            (error: unknown) => ({ error: plainError(error) }),
          );
          expect(last).toEqual(expected);
          const begun = driven.asked.splice(0);
          expect(begun).toEqual(plain.asked.splice(0).flatMap((wish) => wish.split(' + ')));
          asked.push(...begun.filter((one) => !one.startsWith('tables')));
          // What survives a failure is told alike.
          expect(driven.reported.splice(0).map(plainError)).toEqual(plain.reported.splice(0).map(plainError));
        }
        expect(asked).toEqual(asks);
        const end = last.result ?? last.error;
        if (typeof ends === 'string') expect(end).toBe(ends);
        else expect(end).toMatchObject(ends);
      },
    );

    it('runs the statements of one wish side by side, and gives their answers in order', async () => {
      const begun: string[] = [];
      let release = (): void => undefined;
      const both = new Promise<void>((resolve) => {
        release = resolve;
      });
      const drive = driveOver(async (pool, { text, values }) => {
        begun.push(`${text} @ ${pool}`);
        if (begun.length === 2) release();
        // Whoever ran one after the other would wait for ever here.
        await both;
        if (text === 'second') throw Object.assign(new Error('no'), { code: '57P01' });
        return [{ text, asked: String(values[0]) }];
      });
      const asking = (text: string, pool: PoolName): Ask => ({
        pool,
        ticket: text,
        statement: { text, values: [text] },
      });
      const [first, second] = await drive(
        answersTo([asking('first', 'persons reader'), asking('second', 'non-persons reader')]),
      );
      expect(begun.sort()).toEqual(['first @ persons reader', 'second @ non-persons reader']);
      expect(first).toEqual([{ text: 'first', asked: 'first' }]);
      expect(plainError(second)).toMatchObject({ pool: 'non-persons reader', code: '57P01' });
    });

    it.each([
      '57P01',
      '57P03',
      '53300',
      '40001',
      '40P01',
      '55P03',
      '57014',
      '25006',
      '42P01',
      '42703',
      '42501',
      '08006',
      '28P01',
      undefined,
    ])('says of SQLSTATE %s what the conversation is to make of it', async (code) => {
      const failure = Object.assign(new Error('failed'), code === undefined ? {} : { code });
      const drive = driveOver(() => Promise.reject(failure));
      const host = new ScriptedHost({ facts: { code: code ?? '' } });
      const asked: Ask = { pool: 'persons reader', ticket: 't', statement: { text: 'x.person', values: ['t'] } };
      const [answer] = await drive(answersTo([asked]));
      const [expected] = host.run(answersTo([asked]));
      if (code === undefined) expect(plainError(answer)).toMatchObject({ pool: 'persons reader' });
      else expect(plainError(answer)).toEqual(plainError(expected));
    });

    it('lets a pause pass, which has no answers, and goes on', async () => {
      const drive = driveOver(() => Promise.resolve([]));
      function* paused(): Conversation<string> {
        const answers = yield { pauseMs: 1 };
        return `${answers.length}`;
      }
      expect(await drive(paused())).toBe('0');
    });

    it('rejects with what the conversation throws', async () => {
      const drive = driveOver(() => Promise.resolve([]));
      // It ends before it wants anything.
      // oxlint-disable-next-line require-yield -- that is the case
      function* broken(): Conversation<never> {
        throw new TypeError('thrown inside');
      }
      await expect(drive(broken())).rejects.toThrow('thrown inside');
    });
  });
}

/** The pools of a host: whatever it would say, asked for by text and values alone. */
function poolsOf(host: ScriptedHost): ScriptedPools {
  return (pool, statement) => {
    // Tickets look like nothing else that is asked with; statements that are shared have none among their values.
    const ticket = statement.values.find((value) => typeof value === 'string' && /^[a-z0-9]+\.\d+$/.test(value));
    return host.rows({ pool, statement, ticket: String(ticket ?? sharedTicket(statement)) });
  };
}

function sharedTicket({ text }: Statement): string {
  return / as behind\b/.test(text) ? 'lag' : 'features';
}

function outcome(run: () => unknown): object {
  try {
    return { result: run() };
  } catch (error) {
    return { error: plainError(error) };
  }
}

/** What conversations go by in an error. */
function plainError(error: unknown): object {
  const { name, kind, pool, code } = error as { name?: string; kind?: string; pool?: string; code?: string };
  return { name, kind, pool, code };
}
