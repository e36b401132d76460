import { describe, expect, it } from 'vitest';
import type { PoolName } from '../pool-names.ts';
import type { Row, Statement } from '../statements/statement.ts';
import { loadFacts } from './load-facts.ts';
import { loadProject, projectRevision } from './load-project.ts';
import { lookInside } from './look.ts';
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
}

const flags = { flags: '[]', cohorts: '[]' };
const project = { id: '1', project_id: '1', team: '5', flags: 'f', cohorts: 'c', groups: 'g' };
const person = { person: '{"email":"a@b.c"}' };
const facts = (store: Store) => loadFacts(store, planOf());
const read = (store: Store) => loadProject(store, 'phc', {});
const at = (reader: Said, writer: Said) => (pool: PoolName) => (pool.includes('writer') ? writer : reader);

/** What is promised of freshness, lag, sticky keys and failures, in the order in which the store conversation has it. */
const scenarios: Readonly<Record<string, Scenario>> = {
  'facts of a person': { script: { facts: person }, steps: [facts] },
  'facts, when the reader is away': { script: { facts: { code: '57P01' } }, steps: [facts, facts] },
  'facts, when a table is gone': { script: { facts: { code: '42P01' } }, steps: [facts] },
  'facts, when the answer belongs to another question': { script: { facts: { alien: person } }, steps: [facts] },
  'facts, when there is no answer': { script: { facts: 'nothing' }, steps: [facts] },
  'tables that change under a running process are looked at again': {
    script: { facts: { code: '42703' } },
    later: [{ facts: person }],
    steps: [facts, facts],
  },
  'a sign-in writes its key and reads it again': {
    script: { facts: person, 'sticky keys': { keys: '{"kept":"visitor"}' } },
    steps: [(store) => loadFacts(store, signingIn()), (store) => loadFacts(store, signedIn())],
  },
  'a sign-in whose key cannot be written': {
    script: { facts: person, 'sticky keys': { code: '25006' } },
    steps: [(store) => loadFacts(store, signingIn())],
  },
  'a sign-in whose write has to be repeated, after a pause': {
    script: { facts: person, 'sticky keys': { code: '40001' } },
    later: [{ facts: person, 'sticky keys': { keys: '{"kept":"visitor"}' } }],
    steps: [(store) => loadFacts(store, signingIn()), (store) => loadFacts(store, signingIn())],
  },
  'a reader that lags behind a sign-in': {
    script: {
      facts: at(person, { ...person, keys: '{"kept":"visitor"}' }),
      'sticky keys': { keys: '{"kept":"visitor"}' },
    },
    readerMayLag: true,
    steps: [(store) => loadFacts(store, signingIn()), (store) => loadFacts(store, signedIn())],
  },
  'definitions and their revision': {
    script: { project, flags, revision: project, 'group types': { mapping: '{}' } },
    steps: [read, (store) => projectRevision(store, { token: 'phc', teamId: 1 }, {})],
  },
  'cohorts that cannot be read stay the last good ones': {
    script: { project, flags, cohorts: { cohorts: '[]' }, 'group types': { mapping: '{}' } },
    later: [{ project, flags, cohorts: { code: '57014' }, 'group types': { code: '57014' } }],
    steps: [read, read],
  },
  'a project that is asked of the writer': {
    script: { project: at('nothing', project), flags, 'group types': { mapping: '{}' } },
    steps: [(store) => loadProject(store, 'phc', { side: 'writer' })],
  },
  'a database without a place for one more': { script: { project: { code: '53300' } }, steps: [read] },
  'a look inside a transaction that nobody can answer': {
    script: { revision: { code: '25P02' } },
    steps: [(store) => readStore(store, { token: 'phc', teamId: 1 }, lookInside(['5'], true), true)],
  },
};

/**
 * A driver carries out what conversations want, and adds nothing: whatever a script says, its conversations come to the same results,
 * after the same statements on the same pools, as those that a host without any I/O goes through (`ScriptedHost`).
 */
export function describeDriver(name: string, driveOver: DriveOver): void {
  describe(`a driver of conversations: ${name}`, () => {
    it.each(Object.entries(scenarios))('%s', async (_title, { script, later = [], readerMayLag = false, steps }) => {
      const plain = new ScriptedHost(script, { readerMayLag });
      const driven = new ScriptedHost(script, { readerMayLag });
      const drive = driveOver(poolsOf(driven));
      for (const [number, step] of steps.entries()) {
        const next = later[number - 1];
        if (next !== undefined) plain.script = driven.script = next;
        const expected = outcome(() => plain.run(step(plain.store)));
        const got = await drive(step(driven.store)).then(
          (result) => ({ result }),
          (error: unknown) => ({ error: plainError(error) }),
        );
        expect(got).toEqual(expected);
        expect(driven.asked.splice(0)).toEqual(plain.asked.splice(0).flatMap((asked) => asked.split(' + ')));
        // What survives a failure is told alike.
        expect(driven.reported.splice(0).map(plainError)).toEqual(plain.reported.splice(0).map(plainError));
      }
    });

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
      const ask = (text: string, pool: PoolName): Ask => ({ pool, ticket: text, statement: { text, values: [text] } });
      const [first, second] = await drive(
        answersTo([ask('first', 'persons reader'), ask('second', 'non-persons reader')]),
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
    // Tickets look like nothing else that is asked with.
    const ticket = String(
      statement.values.find((value) => typeof value === 'string' && /^[a-z0-9]+\.\d+$/.test(value)) ?? 'features',
    );
    return host.rows({ pool, statement, ticket });
  };
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
