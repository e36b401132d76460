import type { FactPlan } from '@halyard/engine';
import { describe, expect, it } from 'vitest';
import type { Row } from '../statements/statement.ts';
import { loadFacts } from './load-facts.ts';
import { planOf, ScriptedHost, signedIn, signingIn } from './scripted-host.cases.ts';
import type { Ask } from './wish.ts';

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

  it('an answer without rows, or none at all, is refused too', () => {
    const host = new ScriptedHost({ facts: 'nothing' });
    expect(host.run(loadFacts(host.store, planOf())).person).toMatchObject({ failed: true, code: 'database_error' });
    const conversation = loadFacts(host.store, planOf());
    conversation.next();
    expect(conversation.next([])).toMatchObject({ done: true, value: { person: { failed: true } } });
  });

  it('D22: an id that no column can hold is nobody, and nobody is asked', () => {
    const host = new ScriptedHost();
    const nobody = { person: null, groups: new Map(), stickyKeys: new Map() };
    expect(host.run(loadFacts(host.store, signedIn('a\0b')))).toEqual(nobody);
    expect(host.asked).toEqual([]);
  });

  it('D50: a hash key that no column can hold is not stored', () => {
    const host = new ScriptedHost({ facts: person([]) });
    expect(host.run(loadFacts(host.store, signingIn('ann', 'a\0b'))).stickyKeys).toEqual(new Map());
    expect(host.since()).toEqual(['facts @ persons reader']);
    expect(host.reported).toEqual([]);
  });

  it('D70: a writer that has no such person stores nothing', () => {
    const host = new ScriptedHost({ facts: person([]), 'sticky keys': { sticky_keys: null } });
    expect(host.run(loadFacts(host.store, signingIn())).stickyKeys).toEqual(new Map());
  });

  it('questions that differ in ids only can travel together, others cannot', () => {
    const host = new ScriptedHost({ facts: person([]) });
    const ask = (plan: FactPlan) => {
      host.run(loadFacts(host.store, plan));
      return host.asks.at(-1) as Ask;
    };
    const { person: wanted } = planOf();
    const [ann, bob] = [ask(planOf({ person: wanted })), ask(planOf({ person: wanted, distinctId: 'bob' }))];
    const other = ask(planOf({ teamId: 2 }));
    expect(ann.merging?.key).toBe(bob.merging?.key);
    expect(ann.merging?.key).not.toBe(other.merging?.key);
    const together = ann.merging?.together([ann, bob]);
    expect(together?.values).toContainEqual(['ann', 'bob']);
    expect(together?.values.at(-1)).toEqual([ann.ticket, bob.ticket]);
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

    it('is not asked how far behind it is by requests without sticky keys, which have none', () => {
      const host = lagging('true');
      expect(host.run(loadFacts(host.store, planOf())).stickyKeys).toBeNull();
      expect(host.since()).toEqual(['facts @ persons reader']);
    });

    it('D50: a person whom nobody knows has no keys, and none that could not be stored', () => {
      const nobody = { person: null, sticky_keys: null };
      const host = lagging('false', nobody);
      expect(host.run(loadFacts(host.store, signedIn())).stickyKeys).toEqual(new Map());
      host.script = { ...host.script, 'sticky keys': { code: '08006' } };
      expect(host.run(loadFacts(host.store, signingIn())).stickyKeys).toEqual(new Map());
      expect(host.reported).toHaveLength(1);
    });

    it('while it is far behind, the writer is asked about those that can exist only', () => {
      const host = lagging('true');
      host.run(loadFacts(host.store, signedIn()));
      host.since();
      expect(host.run(loadFacts(host.store, signedIn('a\0b'))).stickyKeys).toEqual(new Map());
      expect(host.since()).toEqual([]);
      host.script = { ...host.script, facts: person() };
      expect(host.run(loadFacts(host.store, signedIn('bob'))).stickyKeys).toEqual(new Map());
      expect(host.since()).toContain('facts @ persons writer');
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
      for (; host.now <= 1_000; host.now += 100) host.run(loadFacts(host.store, planOf()));
      // Before the first question, and after the first and the eleventh, which are asked again.
      expect(host.asked.filter((asked) => asked.startsWith('tables'))).toHaveLength(3);
      expect(host.asked.filter((asked) => asked.startsWith('facts'))).toHaveLength(11 + 2);
    });

    it('a look at them that fails leaves the failure as it is', () => {
      const host = new ScriptedHost({ facts: person() });
      host.run(loadFacts(host.store, planOf()));
      host.script = { facts: { code: '42703' }, tables: { code: '57014' } };
      expect(host.run(loadFacts(host.store, planOf())).person).toMatchObject({ code: 'database_error' });
    });

    it('D30: a look beside a question that fails leaves what was known', () => {
      const host = new ScriptedHost({ facts: person(), tables: tombstones });
      host.run(loadFacts(host.store, planOf()));
      host.now = 30_000;
      host.script = { facts: person(), tables: { code: '57014' } };
      for (let n = 0; n < 2; n++) host.run(loadFacts(host.store, planOf()));
      expect(host.asks.at(-1)?.statement.text).toContain('not p.is_deleted');
    });

    it('D30: a look beside a question ends with it: misfits after that are looked into once a second', () => {
      const host = new ScriptedHost({ facts: person() });
      host.run(loadFacts(host.store, planOf()));
      host.now = 30_000;
      host.script = { facts: { code: '42703' } };
      for (let n = 0; n < 3; n++) host.run(loadFacts(host.store, planOf()));
      // The first, the one beside the second question, and the one that this question's failure caused.
      expect(host.asked.filter((asked) => asked.includes('tables'))).toHaveLength(3);
    });

    it('conversations that wait for the tables share a look', () => {
      const host = new ScriptedHost({ facts: person() });
      host.run(loadFacts(host.store, planOf()));
      expect(host.asks[0]).toMatchObject({ ticket: 'features', shared: 'features' });
    });

    it('two conversations that do not fit cause one look, also when the second hears of it late', () => {
      const host = new ScriptedHost({ facts: person() });
      host.run(loadFacts(host.store, planOf()));
      let depth = 0;
      let looked = false;
      host.script = {
        tables: () => {
          looked = true;
          return tombstones;
        },
        facts: () => {
          depth += 1;
          if (depth > 1) return looked ? person() : { code: '42703' };
          host.run(loadFacts(host.store, planOf()));
          host.now += 2_000;
          return { code: '42703' };
        },
      };
      host.asked.length = 0;
      expect(host.run(loadFacts(host.store, planOf())).person).toMatchObject({ properties: {} });
      expect(host.asked.filter((asked) => asked.startsWith('tables'))).toHaveLength(1);
    });

    it('a conversation that does not fit while another one looks waits for that look', () => {
      const host = new ScriptedHost({ facts: person() });
      host.run(loadFacts(host.store, planOf()));
      let looks = 0;
      let other: unknown;
      host.script = {
        facts: () => (looks > 1 ? person() : { code: '42703' }),
        tables: () => {
          looks += 1;
          if (looks === 1) other = host.run(loadFacts(host.store, planOf())).person;
          return tombstones;
        },
      };
      host.run(loadFacts(host.store, planOf()));
      expect(other).toMatchObject({ properties: { email: 'ann@example.com' } });
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
