import { describe, expect, it } from 'vitest';
import { ask } from '../testing/ask.ts';
import { FactFixture } from '../testing/fact-fixture.ts';
import { waitUntil } from '../testing/wait-until.ts';
import { connectClient } from './client-config.ts';
import type { FactSource } from '../ports.ts';

describe('races for a sticky key', () => {
  const fixture = new FactFixture();

  it('D69: of two first writes at the same time one wins, and both see the winner', async () => {
    const facts = fixture.source();
    const from = (hashKey: string) =>
      facts.load(fixture.plan({ stickyKeys: { anonDistinctId: hashKey, write: { flagKeys: ['new'], hashKey } } }));
    const seen = await Promise.all(Array.from({ length: 20 }, (_, index) => from(`visitor-${index}`)));
    const kept = await ask(
      fixture.url,
      `select hash_key from posthog_featureflaghashkeyoverride where team_id = ${fixture.teamId} and feature_flag_key = 'new'`,
    );
    expect(kept).toHaveLength(1);
    expect(new Set(seen.map(({ stickyKeys }) => (stickyKeys as ReadonlyMap<string, string>).get('new')))).toEqual(
      new Set(kept),
    );
  });

  const both = new Map([
    ['new', 'visitor'],
    ['old', 'visitor'],
  ]);

  it('D70: a person that is being deleted is waited for, and then gets nothing', async () => {
    const writer = fixture.counted(fixture.router.personsWriter);
    const facts = await whileDeleting('ann', fixture.source({ personsWriter: writer }), 'blocked');
    expect(facts.stickyKeys).toEqual(both);
    expect(writer.statements).toHaveLength(1);
    expect(await orphans()).toEqual([0]);
    expect(fixture.errors).toEqual([]);
  });

  it('D41, D70: without the right to lock persons, a write that loses such a race is tried again', async () => {
    await ask(
      fixture.url,
      'create role onlooker login',
      'grant select on all tables in schema public to onlooker',
      'grant insert, update on posthog_featureflaghashkeyoverride to onlooker',
      'grant usage on all sequences in schema public to onlooker',
    );
    const { personsReader, personsWriter } = fixture.open(fixture.url.replace('user=halyard', 'user=onlooker'));
    const writeTo = fixture.counted(personsWriter);
    const facts = await whileDeleting(
      'ann',
      fixture.source({ personsReader, personsWriter: writeTo, chance: () => 0 }),
      'blocked',
    );
    expect(writeTo.statements).toHaveLength(2);
    expect(writeTo.statements[0]?.text).not.toContain('for key share');
    expect(facts.stickyKeys).toEqual(both);
    expect(await orphans()).toEqual([0]);
  });

  it('D74: a wait that takes too long fails the sticky keys and nothing else', async () => {
    const { personsReader, personsWriter } = fixture.open(fixture.url, fixture.impatient);
    const facts = await whileDeleting('ann', fixture.source({ personsReader, personsWriter }), 'answered');
    expect(facts).toMatchObject({
      person: { properties: { email: 'ann@example.com' } },
      stickyKeys: { failed: true, code: 'hash_key_override_error' },
    });
    expect(fixture.errors).toMatchObject([{ kind: 'timeout', pool: 'persons writer' }]);
  });

  /** Loads `writing` while a transaction that deletes the person is open: until the load waits for it, or has ended. */
  async function whileDeleting(distinctId: string, facts: FactSource, until: 'blocked' | 'answered') {
    const other = await connectClient(fixture.url, 'test');
    await other.query('begin');
    await other.query(
      `delete from posthog_person p using posthog_persondistinctid d
        where d.team_id = $1 and d.distinct_id = $2 and p.team_id = d.team_id and p.id = d.person_id`,
      [fixture.teamId, distinctId],
    );
    const loading = facts.load(fixture.writing('old', 'new'));
    await (until === 'answered' ? loading : waitUntil(isSomeoneWaiting));
    await other.query('commit');
    await other.end();
    return loading;
  }

  const isSomeoneWaiting = async () =>
    (
      await ask(
        fixture.url,
        `select 1 from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database()`,
      )
    ).length > 0;

  const orphans = () =>
    ask(
      fixture.url,
      `select count(*)::int from posthog_featureflaghashkeyoverride k
        where not exists (select from posthog_person p where p.team_id = k.team_id and p.id = k.person_id)`,
    );
});
