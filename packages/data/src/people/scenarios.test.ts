import { describeScenarios } from '../../../people/src/scenarios.cases.ts';
import { PeopleFixture } from './stored-people.cases.ts';

const fixture = new PeopleFixture();

// I87, I140, I150: the same rows come of the same events as on the core alone.
describeScenarios('on PostgreSQL', () => fixture.people());
