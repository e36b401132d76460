import { type Facts, NOTHING_STORED } from '@halyard/engine';

/**
 * What is known where only somebody else could look (E160): flags fail whose value something stored could change. Taking it for absent would turn them on
 * for whoever has no such property, and let later conditions decide about those whom an earlier one would have met.
 */
export const FACTS_ELSEWHERE: Facts = Object.freeze({
  ...NOTHING_STORED,
  elsewhere: Object.freeze({
    failed: true,
    code: 'stored_facts_unknown',
    description: 'What is stored is not known here: send the properties that the flag looks at',
  }),
});
