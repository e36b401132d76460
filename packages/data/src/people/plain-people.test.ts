import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { reduced } from '../../../people/src/memory-people.cases.ts';
import {
  comparable,
  cutInto,
  cuts,
  type PlainEvent,
  plainEvents,
  PlainPeople,
} from '../../../people/src/plain-people.cases.ts';
import { PeopleFixture } from './stored-people.cases.ts';

const fixture = new PeopleFixture();

const operationsOf = (events: readonly PlainEvent[]) => events.flatMap((event) => reduced([event]).operations);

describe('the store and the rules taken one by one', () => {
  it('I72, I83, I86, I87, I91, I100, I103, I131, I140, I150: end in the same state', { timeout: 120_000 }, async () => {
    await fc.assert(
      fc.asyncProperty(plainEvents, cuts, async (events, sizes) => {
        const teamId = await fixture.newProject();
        await fixture.sql(
          `insert into posthog_featureflag (team_id, key, ensure_experience_continuity) values ($1, 'continuous', true), ($1, 'other', true)`,
          teamId,
        );
        const plain = new PlainPeople(['continuous', 'other']);
        for (const event of events) plain.send(event);
        for (const batch of cutInto(operationsOf(events), sizes)) await fixture.apply(teamId, batch);
        expect(comparable(await fixture.state(teamId))).toEqual(plain.state(teamId));
      }),
      { numRuns: 25 },
    );
  });

  it('I141, I142, I150: two stores at once leave no id without its person, no person without an id, no set unwritten', async () => {
    const other = fixture.open();
    const written = fc.constantFrom('$set', '$identify', '$merge_dangerously');
    const id = fc.constantFrom('a', 'b', 'c', 'd', 'e');
    const side = fc.array(fc.tuple(written, id, id), { minLength: 1, maxLength: 12 });
    await fc.assert(
      fc.asyncProperty(side, side, cuts, async (left, right, sizes) => {
        const teamId = fixture.newTeam();
        let sets = 0;
        const operations = (drawn: typeof left) =>
          drawn.flatMap(([event, distinct_id, source]) => {
            const asked = event === '$identify' ? { $anon_distinct_id: source } : { alias: source };
            const properties = { $set: { [`s${(sets += 1)}`]: 1 }, ...(event !== '$set' && asked) };
            return reduced([{ event, distinct_id, properties }]).operations;
          });
        const send = async (store: typeof other, drawn: typeof left) => {
          for (const batch of cutInto(operations(drawn), sizes)) await fixture.apply(teamId, batch, store);
        };
        await Promise.all([send(fixture.store, left), send(other, right)]);
        const { persons } = await fixture.state(teamId);
        expect(await fixture.broken(teamId)).toEqual([]);
        const kept = new Set(persons.flatMap(({ properties }) => Object.keys(properties)));
        expect(kept.size).toBe(sets);
        const owned = persons.flatMap(({ ids }) => ids);
        expect(new Set(owned).size).toBe(owned.length);
      }),
      { numRuns: 15 },
    );
  });
});
