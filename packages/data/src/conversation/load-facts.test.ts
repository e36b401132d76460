import { describe, expect, it } from 'vitest';
import type { Row } from '../statements/statement.ts';
import { loadFacts } from './load-facts.ts';
import { planOf, ScriptedHost, signedIn, signingIn } from './scripted-host.cases.ts';

const person = (sticky: unknown = null): Row => ({
  person: '{"email":"ann@example.com"}',
  created_at: null,
  static_cohorts: '',
  sticky_keys: sticky === null ? null : JSON.stringify(sticky),
  groups: null,
});
const stored = { sticky_keys: '[[true,"kept","visitor"]]' };
const kept = new Map([['kept', 'visitor']]);

describe('the conversation that loads facts', () => {
  it('D116: asks the reader once, after one look at the tables', () => {
    const host = new ScriptedHost({ facts: person() });
    for (let n = 0; n < 3; n++) host.run(loadFacts(host.store, planOf()));
    expect(host.asked).toEqual([
      'tables @ persons reader',
      'facts @ persons reader',
      'facts @ persons reader',
      'facts @ persons reader',
    ]);
  });

  it('D117: a sticky key that is missing is stored at the writer, whose word counts', () => {
    const host = new ScriptedHost({ facts: person([]), 'sticky keys': stored });
    expect(host.run(loadFacts(host.store, signingIn())).stickyKeys).toEqual(kept);
    expect(host.since()).toEqual(['facts @ persons reader', 'sticky keys @ persons writer']);
  });

  it('D50: nothing is stored when nothing is missing, or when there is no person', () => {
    for (const sticky of [[[true, 'kept', 'first']], null]) {
      const host = new ScriptedHost({ facts: person(sticky), 'sticky keys': stored });
      host.run(loadFacts(host.store, signingIn()));
      expect(host.since()).toEqual(['facts @ persons reader']);
    }
  });

  it('E160: a reader that fails fails what was planned, with its code, and is reported', () => {
    const host = new ScriptedHost({ facts: { code: '57014' } });
    expect(host.run(loadFacts(host.store, signedIn()))).toMatchObject({
      person: { failed: true, code: 'timeout' },
      stickyKeys: { failed: true, code: 'hash_key_override_error' },
    });
    expect(host.reported).toMatchObject([{ pool: 'persons reader', kind: 'timeout' }]);
  });

  it('E158: a key that cannot be stored fails the sticky keys only', () => {
    const host = new ScriptedHost({ facts: person([]), 'sticky keys': { code: '08006' } });
    expect(host.run(loadFacts(host.store, signingIn()))).toMatchObject({
      person: { properties: { email: 'ann@example.com' } },
      stickyKeys: { failed: true, code: 'hash_key_override_error' },
    });
  });

  it.each([
    ['another ticket', { alien: { ...person(), asked: 'x.1' } }],
    ['no ticket', { alien: person() }],
  ])('the answer to another question, with %s, is refused', (_what, said) => {
    const host = new ScriptedHost({ facts: said });
    expect(host.run(loadFacts(host.store, planOf())).person).toMatchObject({ failed: true, code: 'database_error' });
    expect(String(host.reported[0])).toContain('belongs to another question');
  });

  it('two stores have no ticket in common', () => {
    const [one, other] = [new ScriptedHost({}, { chance: () => 0.1 }), new ScriptedHost({}, { chance: () => 0.2 })];
    const tickets = [one, other, one, other].map(({ store }) => store.ticket());
    expect(new Set(tickets).size).toBe(4);
  });

  describe('a write that loses its person', () => {
    it('D41: is tried three times, after pauses of a part of 100 and of 300 ms', () => {
      const host = new ScriptedHost({ facts: person([]), 'sticky keys': { code: '23503' } });
      host.chance = 0.25;
      expect(host.run(loadFacts(host.store, signingIn())).stickyKeys).toMatchObject({ failed: true });
      expect(host.pauses).toEqual([25, 75]);
      expect(host.since().filter((asked) => asked.startsWith('sticky'))).toHaveLength(3);
    });

    it('D41: other failures are not tried again', () => {
      const host = new ScriptedHost({ facts: person([]), 'sticky keys': { code: '40001' } });
      host.run(loadFacts(host.store, signingIn()));
      expect(host.pauses).toEqual([]);
    });
  });

  describe('behind a reader that may lag', () => {
    const lagging = (behind: 'true' | 'false', facts = person([])) =>
      new ScriptedHost(
        { facts: (pool) => (pool === 'persons reader' ? facts : stored), 'sticky keys': stored, lag: { behind } },
        { readerMayLag: true },
      );

    it('D36: a key that was stored here is given for a minute, though the reader does not show it', () => {
      const host = lagging('false');
      host.run(loadFacts(host.store, signingIn()));
      host.now = 59_999;
      expect(host.run(loadFacts(host.store, signedIn())).stickyKeys).toEqual(kept);
      host.now = 60_000;
      expect(host.run(loadFacts(host.store, signedIn())).stickyKeys).toEqual(new Map());
    });

    it('is asked once a second how far behind it is, beside the facts', () => {
      const host = lagging('false');
      for (host.now = 0; host.now < 3_000; host.now += 250) host.run(loadFacts(host.store, signedIn()));
      expect(host.since().filter((asked) => asked.includes('lag'))).toEqual(
        Array(3).fill('facts @ persons reader + lag @ persons reader'),
      );
    });

    it('is not believed about sticky keys while it is far behind: the writer is asked', () => {
      const host = lagging('true');
      expect(host.run(loadFacts(host.store, signedIn())).stickyKeys).toEqual(kept);
      expect(host.since()).toEqual(['facts @ persons reader + lag @ persons reader', 'facts @ persons writer']);
    });

    it('has the last word when the writer does not answer', () => {
      const host = lagging('true', person([[true, 'kept', 'older']]));
      host.script = {
        ...host.script,
        facts: (pool) => (pool === 'persons reader' ? person([[true, 'kept', 'older']]) : { code: '08006' }),
      };
      expect(host.run(loadFacts(host.store, signedIn())).stickyKeys).toEqual(new Map([['kept', 'older']]));
    });

    it('keeps what it said last about its lag when it cannot say', () => {
      const host = lagging('true');
      host.run(loadFacts(host.store, signedIn()));
      host.script = { ...host.script, lag: { code: '42883' } };
      host.now = 2_000;
      host.since();
      host.run(loadFacts(host.store, signedIn()));
      expect(host.since()).toContain('facts @ persons writer');
    });

    it('D70: a person that the reader does not know gets its key', () => {
      const host = lagging('false', { person: null, sticky_keys: null });
      expect(host.run(loadFacts(host.store, signingIn())).stickyKeys).toEqual(kept);
    });

    it('a key that is stored inside a transaction is remembered for nobody', () => {
      const host = lagging('false');
      expect(host.run(loadFacts(host.store, signingIn(), { isolated: true })).stickyKeys).toEqual(kept);
      expect(host.run(loadFacts(host.store, signedIn())).stickyKeys).toEqual(new Map());
    });
  });

  describe('tables that change', () => {
    const tombstones = { person_tombstones: 'true' };

    it('D30: a statement that does not fit has the tables looked at, and is asked again', () => {
      const host = new ScriptedHost({ facts: person() });
      host.run(loadFacts(host.store, planOf()));
      let failed = false;
      host.script = {
        facts: () => {
          if (failed) return person();
          failed = true;
          return { code: '42703' };
        },
        tables: tombstones,
      };
      host.asked.length = 0;
      expect(host.run(loadFacts(host.store, planOf())).person).toMatchObject({
        properties: { email: 'ann@example.com' },
      });
      expect(host.asked).toEqual(['facts @ persons reader', 'tables @ persons reader', 'facts @ persons reader']);
    });

    it.each(['42703', '42P01', '42501'])('%s that stays has them looked at once a second', (code) => {
      const host = new ScriptedHost({ facts: { code } });
      for (; host.now < 2_000; host.now += 100) host.run(loadFacts(host.store, planOf()));
      expect(host.asked.filter((asked) => asked.startsWith('tables'))).toHaveLength(3);
    });

    it('other failures do not', () => {
      const host = new ScriptedHost({ facts: { code: '57014' } });
      for (let n = 0; n < 5; n++) host.run(loadFacts(host.store, planOf()));
      expect(host.asked.filter((asked) => asked.startsWith('tables'))).toHaveLength(1);
    });

    it('D30: after half a minute they are looked at beside the next question', () => {
      const host = new ScriptedHost({ facts: person() });
      host.run(loadFacts(host.store, planOf()));
      host.now = 30_000;
      host.asked.length = 0;
      for (let n = 0; n < 2; n++) host.run(loadFacts(host.store, planOf()));
      expect(host.asked).toEqual(['facts @ persons reader + tables @ persons reader', 'facts @ persons reader']);
    });
  });
});
