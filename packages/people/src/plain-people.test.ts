import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MemoryPeople, reduced, TEAM } from './memory-people.cases.ts';
import { comparable, cutInto, cuts, plainEvents, PlainPeople } from './plain-people.cases.ts';

describe('the fold and the rules taken one by one', () => {
  it('I61, I63, I70, I72, I74, I82, I83, I84, I85, I86, I87, I91, I100, I103, I150: end in the same state', () => {
    fc.assert(
      fc.property(plainEvents, cuts, (events, sizes) => {
        const plain = new PlainPeople(['continuous', 'other']);
        for (const event of events) plain.send(event);
        const people = new MemoryPeople();
        people.continuityFlags = ['continuous', 'other'];
        const operations = events.flatMap((event) => reduced([event]).operations);
        for (const batch of cutInto(operations, sizes)) people.apply(batch);
        expect(comparable(people.state())).toEqual(plain.state(TEAM));
      }),
      { numRuns: 150 },
    );
  });
});
