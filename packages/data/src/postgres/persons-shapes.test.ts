import { describe, expect, it } from 'vitest';
import { ask } from '../testing/ask.ts';
import { FactFixture } from '../testing/fact-fixture.ts';
import { createTestDatabase } from '../testing/throwaway-postgres.ts';
import { createRouter } from './router.ts';

describe('facts from tables of every age', () => {
  const fixture = new FactFixture();

  describe('tombstones', () => {
    it('D30: a deleted person is no person', async () => {
      await ask(fixture.url, `update posthog_person set is_deleted = true where team_id = ${fixture.teamId}`);
      expect(await fixture.source().load(fixture.everything())).toMatchObject({ person: null, stickyKeys: new Map() });
    });

    it('D30: a deleted distinct id leads nowhere', async () => {
      await ask(fixture.url, `update posthog_persondistinctid set is_deleted = true where team_id = ${fixture.teamId}`);
      expect(await fixture.source().load(fixture.everything())).toMatchObject({ person: null, stickyKeys: new Map() });
    });

    it('D53: what is deleted gets no sticky key', async () => {
      await ask(
        fixture.url,
        `update posthog_person set is_deleted = true where team_id = ${fixture.teamId}
            and id = (select person_id from posthog_persondistinctid where team_id = ${fixture.teamId} and distinct_id = 'ann')`,
      );
      expect((await fixture.source().load(fixture.writing('new'))).stickyKeys).toEqual(new Map([['new', 'visitor']]));
      expect(
        await ask(
          fixture.url,
          `select count(*)::int from posthog_featureflaghashkeyoverride where team_id = ${fixture.teamId} and feature_flag_key = 'new'`,
        ),
      ).toEqual([1]);
    });
  });

  describe('an older database', () => {
    it('D30, D25: works without tombstone columns, and with members listed twice', async () => {
      const older = await createTestDatabase();
      await ask(
        older.url,
        'alter table posthog_person drop column is_deleted',
        'alter table posthog_persondistinctid drop column is_deleted',
        'alter table posthog_cohortpeople drop constraint posthog_cohortpeople_cohort_id_person_id_key',
        'alter table posthog_featureflaghashkeyoverride drop constraint posthog_featureflaghashkeyoverride_team_id_person_id_fkey',
        `insert into posthog_person (id, team_id, properties) values (5, 1, '{"email": "e"}')`,
        `insert into posthog_persondistinctid (team_id, distinct_id, person_id) values (1, 'ann', 5)`,
        'insert into posthog_cohortpeople (cohort_id, person_id) values (1, 5), (1, 5)',
      );
      const { personsReader, personsWriter, close } = createRouter({ write: older.url });
      const facts = await fixture.source({ personsReader, personsWriter }).load({
        ...fixture.everything(),
        teamId: 1,
        stickyKeys: { anonDistinctId: 'visitor', write: { flagKeys: ['new'], hashKey: 'visitor' } },
      });
      await close();
      await older.drop();
      expect(facts).toMatchObject({
        person: { properties: { email: 'e' }, staticCohorts: new Set([1]) },
        stickyKeys: new Map([['new', 'visitor']]),
      });
      expect(fixture.errors).toEqual([]);
    });

    it('D21: works on a person table in partitions', async () => {
      const partitioned = await createTestDatabase();
      await ask(
        partitioned.url,
        'alter table posthog_featureflaghashkeyoverride drop constraint posthog_featureflaghashkeyoverride_team_id_person_id_fkey',
        'drop table posthog_person',
        `create table posthog_person (id bigint not null, team_id integer not null, uuid uuid, properties jsonb not null,
           created_at timestamptz not null default now(), is_deleted boolean not null default false,
           primary key (team_id, id)) partition by hash (team_id)`,
        ...[0, 1, 2, 3].map(
          (part) =>
            `create table person_p${part} partition of posthog_person for values with (modulus 4, remainder ${part})`,
        ),
        `alter table posthog_featureflaghashkeyoverride add foreign key (team_id, person_id)
           references posthog_person (team_id, id) on delete cascade deferrable initially deferred`,
        `insert into posthog_person (id, team_id, properties) values (5, 1, '{"email": "e"}')`,
        `insert into posthog_persondistinctid (team_id, distinct_id, person_id) values (1, 'ann', 5)`,
      );
      const { personsReader, personsWriter, close } = createRouter({ write: partitioned.url });
      const facts = await fixture.source({ personsReader, personsWriter }).load({
        ...fixture.writing('new'),
        teamId: 1,
      });
      await close();
      await partitioned.drop();
      expect(facts).toMatchObject({
        person: { properties: { email: 'e' } },
        stickyKeys: new Map([['new', 'visitor']]),
      });
      expect(fixture.errors).toEqual([]);
    });
  });
});
