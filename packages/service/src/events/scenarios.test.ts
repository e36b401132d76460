import { afterAll, beforeAll } from 'vitest';
import { PeopleFixture } from '../../../data/src/people/stored-people.cases.ts';
import { describeScenarios } from '../../../people/src/scenarios.cases.ts';
import { type Doors, openDoors, projectWith, send } from './doors.cases.ts';

const fixture = new PeopleFixture();
let doors: Doors;

beforeAll(async () => {
  doors = await openDoors({}, undefined, {}, fixture.open());
});
afterAll(() => doors.close());

// I131: the same rows come of the same events as on the store alone, when they come as SDKs send them.
describeScenarios('over HTTP', () => {
  const people = fixture.people();
  const token = `phc_${people.teamId}`;
  doors.projects.set(token, projectWith(people.teamId));
  return {
    ...people,
    send: async (events) => {
      const { status, text } = await send(doors, JSON.stringify({ api_key: token, batch: events }));
      if (status !== 200) throw new Error(`${status}: ${text}`);
    },
  };
});
