import { beforeAll, describe, expect, it } from 'vitest';
import { ask } from '../testing/ask.ts';
import { FactFixture } from '../testing/fact-fixture.ts';
import { connectClient } from './client-config.ts';
import { factsBatchStatement, type TicketedQuestion } from '../statements/facts-batch-statement.ts';
import { type FactsQuestion, factsQuestion } from '../statements/facts-question.ts';
import { questionStatement } from '../statements/facts-statement.ts';
import type { PersonsFeatures } from '../statements/persons-features.ts';
import type { Statement } from '../statements/statement.ts';
import { stickyKeysQuestion, stickyKeysStatement } from '../statements/sticky-keys-statement.ts';

const features: PersonsFeatures = { personTombstones: true, distinctIdTombstones: true, canLockPersons: true };

const teamId = 555_555;
const keys = ['a'];

const ticketed = (questions: readonly FactsQuestion[]): TicketedQuestion[] =>
  questions.map((question, n) => ({ question, ticket: `t${n}` }));

describe('how much a statement reads', () => {
  const fixture = new FactFixture();

  /** Fills the tables of one team; most teams are small, so that the planner takes any team for small. */
  beforeAll(() =>
    ask(
      fixture.url,
      `insert into posthog_person (id, team_id) select 1000000 + n, ${teamId} from generate_series(1, 3000) n`,
      `insert into posthog_persondistinctid (team_id, distinct_id, person_id)
       select ${teamId}, 'many-' || n, 1000000 + n from generate_series(1, 3000) n`,
      `insert into posthog_featureflaghashkeyoverride (team_id, person_id, feature_flag_key, hash_key)
       select ${teamId}, 1000000 + n, 'flag', 'key' from generate_series(1, 3000) n`,
      `insert into posthog_group (team_id, group_type_index, group_key) select ${teamId}, 0, 'many-' || n from generate_series(1, 3000) n`,
      `insert into posthog_group (team_id, group_type_index, group_key) select 1000000 + n, 0, 'one' from generate_series(1, 3000) n`,
      `insert into posthog_cohortpeople (cohort_id, person_id) select 1, 1000000 + n from generate_series(1, 3000) n`,
      'analyze',
    ),
  );

  /** Pages that the statement touches under the plan that prepared statements end up with. */
  async function pages({ text, values }: Statement): Promise<number> {
    const client = await connectClient(fixture.url, 'test');
    try {
      await client.query('set plan_cache_mode = force_generic_plan');
      const { rows } = await client.query<{ 'QUERY PLAN': [{ Plan: Record<string, number> }] }>({
        name: 'explained',
        text: `explain (analyze, buffers, format json) ${text}`,
        values: values as unknown[],
      });
      const [top] = rows[0]?.['QUERY PLAN'] ?? [];
      return (top?.Plan['Shared Hit Blocks'] ?? NaN) + (top?.Plan['Shared Read Blocks'] ?? NaN);
    } finally {
      await client.end();
    }
  }

  it('D116: facts are index probes, however many persons, groups and sticky keys a team has', async () => {
    const plan = fixture.plan({
      teamId,
      distinctId: 'many-7',
      person: { keys: ['a', 'b'], createdAt: true },
      groups: [
        { index: 0, key: 'many-7', keys: ['a'] },
        { index: 1, key: 'many-8', keys: ['a'] },
      ],
      staticCohorts: [1, 2],
      stickyKeys: { anonDistinctId: 'many-9', write: null },
    });
    const question = factsQuestion(plan);
    if (question === null) throw new Error('no question');
    expect(await pages(questionStatement(question, features, 't'))).toBeLessThan(50);
  });

  it('D122: a batch probes once per question', async () => {
    const questions = Array.from({ length: 20 }, (_, n) =>
      factsQuestion(
        fixture.plan({
          teamId,
          distinctId: `many-${n}`,
          person: { keys: ['a', 'b'], createdAt: true },
          groups: [
            { index: 0, key: `many-${n}`, keys },
            { index: 1, key: `many-${n + 1}`, keys },
          ],
          staticCohorts: [1, 2],
          stickyKeys: { anonDistinctId: `many-${n + 100}`, write: null },
        }),
      ),
    ).filter((question) => question !== null);
    expect(questions).toHaveLength(20);
    expect(await pages(factsBatchStatement(ticketed(questions), features))).toBeLessThan(20 * 50);
  });

  it.each([1, 2, 8, 30])('D122: %i questions at once are planned once, not at every use', async (count) => {
    const questions = Array.from({ length: count }, (_, n) =>
      factsQuestion(fixture.plan({ teamId, distinctId: `many-${n}`, person: { keys, createdAt: true } })),
    ).filter((question) => question !== null);
    const [first] = questions;
    if (first === undefined) throw new Error('no question');
    const statement =
      count === 1 ? questionStatement(first, features, 't') : factsBatchStatement(ticketed(questions), features);
    const client = await connectClient(fixture.url, 'test');
    try {
      const query = { name: 'counted', text: statement.text, values: statement.values as unknown[] };
      for (let use = 0; use < 30; use += 1) await client.query(query);
      const { rows } = await client.query('select generic_plans::int, custom_plans::int from pg_prepared_statements');
      // The server tries five plans of their own before it decides.
      expect(rows).toEqual([{ generic_plans: 25, custom_plans: 5 }]);
    } finally {
      await client.end();
    }
  });

  it('D117: so is a write of sticky keys', async () => {
    const plan = fixture.plan({
      teamId,
      distinctId: 'many-7',
      stickyKeys: { anonDistinctId: 'many-9', write: { flagKeys: ['flag', 'new'], hashKey: 'many-9' } },
    });
    const question = stickyKeysQuestion(plan);
    if (question === null) throw new Error('no question');
    expect(await pages(stickyKeysStatement(question, features, 't'))).toBeLessThan(80);
  });
});
