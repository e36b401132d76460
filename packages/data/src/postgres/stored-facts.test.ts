import type { PersonFacts } from '@halyard/engine';
import { jsonText } from '@halyard/json';
import { describe, expect, it } from 'vitest';
import { ask } from '../testing/ask.ts';
import { FactFixture } from '../testing/fact-fixture.ts';
import { createTestDatabase } from '../testing/throwaway-postgres.ts';
import { connectClient } from './client-config.ts';
import type { Executor } from './executor.ts';
import { createRouter } from './router.ts';

const nobodyThere = 'postgresql://halyard@127.0.0.1:1/none';

describe('facts from PostgreSQL', () => {
  const fixture = new FactFixture();

  describe('round trips', () => {
    it('D116: everything that a plan may ask for is one statement', async () => {
      const reader = fixture.counted(fixture.router.personsReader);
      const writeTo = fixture.counted(fixture.router.personsWriter);
      const facts = await fixture.source({ personsReader: reader, personsWriter: writeTo }).load(fixture.everything());
      expect(facts).toMatchObject({
        person: { properties: { email: 'ann@example.com' } },
        stickyKeys: new Map([['old', 'first']]),
      });
      expect([reader.statements.length, writeTo.statements.length]).toEqual([1, 0]);
    });

    it('D117: a write of sticky keys is one more, and gives the result itself', async () => {
      const reader = fixture.counted(fixture.router.personsReader);
      const writeTo = fixture.counted(fixture.router.personsWriter);
      const facts = await fixture
        .source({ personsReader: reader, personsWriter: writeTo })
        .load(fixture.writing('old', 'new'));
      expect(facts.stickyKeys).toEqual(
        new Map([
          ['old', 'first'],
          ['new', 'visitor'],
        ]),
      );
      expect([reader.statements.length, writeTo.statements.length]).toEqual([1, 1]);
    });

    it('D72: a write that no person can take is not tried', async () => {
      const writeTo = fixture.counted(fixture.router.personsWriter);
      const loaded = fixture.source({ personsWriter: writeTo }).load({
        ...fixture.writing('new'),
        distinctId: 'nobody',
        stickyKeys: {
          anonDistinctId: 'nobody-else',
          write: { flagKeys: ['new'], hashKey: 'nobody-else' },
        },
      });
      expect((await loaded).stickyKeys).toEqual(new Map());
      expect(writeTo.statements).toHaveLength(0);
    });

    it('a plan of which nothing can exist asks nothing', async () => {
      const reader = fixture.counted(fixture.router.personsReader);
      const facts = await fixture
        .source({ personsReader: reader })
        .load({ ...fixture.everything(), distinctId: 'a\0', groups: [], stickyKeys: null });
      expect(facts.person).toBeNull();
      expect(reader.statements).toHaveLength(0);
    });

    it('statements of one shape share one name, so that the server prepares them once', async () => {
      const reader = fixture.counted(fixture.router.personsReader);
      const facts = fixture.source({ personsReader: reader });
      await facts.load(fixture.plan({ person: { keys: ['a', 'b'], createdAt: false } }));
      await facts.load(fixture.plan({ distinctId: 'visitor', person: { keys: ['c', 'd'], createdAt: false } }));
      const [first, second] = reader.statements;
      expect(first?.name).toBe(second?.name);
      expect(first?.text).toBe(second?.text);
    });
  });

  describe('what leaves the database', () => {
    it('D121: only the planned keys', async () => {
      const reader = answered();
      await fixture
        .source({ personsReader: reader })
        .load(fixture.plan({ person: { keys: ['email', 'missing'], createdAt: false } }));
      expect(reader.persons).toEqual(['{"email":"ann@example.com"}']);
    });

    it('E95: numbers with the text that they have there', async () => {
      await setProperties(`{"whole": 1.0, "big": 12345678901234567890, "tiny": 0.10}`);
      const reader = answered();
      const { person } = await fixture
        .source({ personsReader: reader })
        .load(fixture.plan({ person: { keys: ['whole', 'big', 'tiny'], createdAt: false } }));
      expect(reader.persons).toEqual(['{"whole":1.0,"big":12345678901234567890,"tiny":0.10}']);
      expect(jsonText((person as PersonFacts).properties)).toBe('{"whole":1.0,"big":12345678901234567890,"tiny":0.1}');
    });

    it.each(['[]', '["email"]', '"email"', '5', 'null'])(
      'D54: properties that are no object (%s) are none',
      async (json) => {
        await setProperties(json);
        const { person } = await fixture
          .source()
          .load(fixture.plan({ person: { keys: ['email', '0'], createdAt: false } }));
        expect(person).toMatchObject({ properties: {} });
      },
    );

    it('D57: neither are those of a group', async () => {
      await ask(
        fixture.url,
        `update posthog_group set group_properties = '["plan"]' where team_id = ${fixture.teamId}`,
      );
      const { groups } = await fixture
        .source()
        .load(fixture.plan({ groups: [{ index: 0, key: 'acme', keys: ['plan'] }] }));
      expect(groups).toEqual(new Map([[0, {}]]));
    });

    it('a document that is nested too deeply is a fact that could not be loaded', async () => {
      await setProperties(`{"email": ${'['.repeat(600)}${']'.repeat(600)}}`);
      const facts = await fixture.source().load(fixture.everything());
      expect(facts.person).toMatchObject({ failed: true, code: 'database_error' });
      expect(facts.stickyKeys).toEqual(new Map([['old', 'first']]));
    });

    /** The reader, with the documents of persons that it gave. */
    const answered = (): Executor & { readonly persons: (string | null | undefined)[] } => {
      const { personsReader } = fixture.router;
      const persons: (string | null | undefined)[] = [];
      return {
        pool: personsReader.pool,
        persons,
        async query(statement) {
          const rows = await personsReader.query(statement);
          persons.push(...rows.filter((row) => 'person' in row).map((row) => row['person']));
          return rows;
        },
      };
    };

    const setProperties = (json: string) =>
      ask(fixture.url, `update posthog_person set properties = '${json}' where team_id = ${fixture.teamId}`);
  });

  describe('failures', () => {
    it('E160: a reader that is away fails what was planned, and only that', async () => {
      const { personsReader } = fixture.open(nobodyThere);
      const facts = await fixture
        .source({ personsReader })
        .load(fixture.plan({ person: { keys: ['email'], createdAt: false } }));
      expect(facts).toEqual({
        person: { failed: true, code: 'database_unavailable', description: 'database unavailable' },
        groups: new Map(),
        stickyKeys: null,
      });
      expect(fixture.errors).toMatchObject([{ pool: 'persons reader', kind: 'unavailable' }]);
    });

    it('E158: whatever fails the read, the sticky keys have their own code', async () => {
      const { personsReader } = fixture.open(nobodyThere);
      const facts = await fixture.source({ personsReader }).load(fixture.everything());
      expect(facts).toMatchObject({
        person: { code: 'database_unavailable' },
        groups: { code: 'database_unavailable' },
        stickyKeys: { failed: true, code: 'hash_key_override_error' },
      });
    });

    it('reads do not depend on the writer', async () => {
      const { personsWriter } = fixture.open(nobodyThere);
      const facts = fixture.source({ personsWriter });
      expect(await facts.load(fixture.everything())).toMatchObject({ stickyKeys: new Map([['old', 'first']]) });
      expect(await facts.load(fixture.writing('new'))).toMatchObject({
        person: { properties: { email: 'ann@example.com' } },
        stickyKeys: { failed: true, code: 'hash_key_override_error' },
      });
      expect(fixture.errors).toMatchObject([{ pool: 'persons writer' }]);
    });

    it('E163: a statement that takes too long is a time-out', async () => {
      const { personsReader } = fixture.open(fixture.url, fixture.impatient);
      const facts = fixture.source({ personsReader });
      await facts.load(fixture.everything());
      const other = await connectClient(fixture.url, 'test');
      await other.query('begin');
      await other.query('lock table posthog_person in access exclusive mode');
      const { person } = await facts.load(fixture.plan({ person: { keys: ['email'], createdAt: false } }));
      await other.end();
      expect(person).toEqual({ failed: true, code: 'timeout', description: 'Database statement timed out' });
    });

    it('a database without our tables is a failure, never an absent person', async () => {
      const empty = await createTestDatabase({ empty: true });
      const { personsReader, close } = createRouter({ write: empty.url });
      const { person } = await fixture
        .source({ personsReader })
        .load(fixture.plan({ person: { keys: [], createdAt: false } }));
      await close();
      await empty.drop();
      expect(person).toMatchObject({ failed: true, code: 'database_error' });
    });
  });
});
