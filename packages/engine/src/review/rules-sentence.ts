import type { JsonValue } from '@halyard/json';
import type { FiltersV2, PredicateDefinition, RuleDefinition } from '../rules/definition.ts';
import { peopleWords } from './condition-words.ts';
import { filterWords, testWords } from './filter-words.ts';
import type { Names } from './names.ts';
import { sharesOf, shareWords } from './shares.ts';
import { givenWords, percent, worded } from './words.ts';

/** What ordered rules say (E180 to E185), as sentences. */
export function rulesSentence(filters: FiltersV2, names: Names): readonly string[] {
  const otherwise = defaultWords(filters.defaultValue);
  if (filters.rules.length === 0) return [`Everybody gets ${otherwise}: there is no rule.`];
  const rules = filters.rules.map((rule) => ruleWords(rule, names));
  const numbered = rules.length > 1;
  const text = rules.map((words, at) => (numbered ? `(${at + 1}) ${words}` : words)).join('; ');
  return [`${numbered ? 'The first that fits: ' : 'Gives '}${text}.`, `Everybody else: ${otherwise}.`];
}

/** `null` is the caller's to say (E172). */
function defaultWords(value: JsonValue): string {
  return value === null ? 'the default of the caller' : givenWords(value);
}

/** One rule: what it gives to whom. */
export function ruleWords(rule: RuleDefinition, names: Names): string {
  const who = (share: number): string =>
    peopleWords(
      rule.predicates.map((predicate) => predicateWords(predicate, names)),
      share,
      null,
    );
  switch (rule.type) {
    case 'targeted_release':
      return `${givenWords(rule.value)} for ${who(100)}`;
    case 'percentage_rollout':
      return `${givenWords(rule.value)} for ${who(rule.rollout.percentage)}${missWords(rule.rollout)}`;
    case 'experiment': {
      if (rule.paused) return `a paused experiment that gives the default to ${who(100)}`;
      const { holdout, rollout, variants } = rule;
      const byKey = new Map(variants.map(({ key, value }) => [givenWords(key), givenWords(value)]));
      const shares = sharesOf(variants).map(({ name, share }) => ({ name: byKey.get(name) ?? name, share }));
      const held = holdout === null ? '' : `, ${percent(holdout.percentage)} of all held out with the default`;
      const drawn = shareWords(shares, `get ${shares.at(-1)?.name ?? ''}`) ?? '';
      return `an experiment for ${who(rollout.percentage)}, of whom ${drawn}${held}${missWords(rollout)}`;
    }
  }
}

function missWords({ percentage, onMiss }: { readonly percentage: number; readonly onMiss: string }): string {
  return percentage >= 100 || onMiss === 'continue' ? '' : ', and the default for the rest of them';
}

function predicateWords(predicate: PredicateDefinition, names: Names): string {
  if (!predicate.negation) return filterWords(predicate, null, names);
  return `for whom it is not so that ${worded(predicate.key)} ${testWords(predicate)}`;
}
