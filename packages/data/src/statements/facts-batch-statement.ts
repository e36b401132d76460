import type { FactsQuestion } from './facts-question.ts';
import { parameters, pushKeys, slotParameters, type TextForm, textName, textForm, writeText } from './facts-text.ts';
import type { PersonsFeatures } from './persons-features.ts';
import { namedText, type Statement, type StatementValue } from './statement.ts';

/**
 * Questions with equal keys differ in nothing but ids, so one statement can answer them together. Keys of properties
 * count by identity: a Program plans with the same list for every request.
 */
export function batchKey(question: FactsQuestion, features: PersonsFeatures): string {
  const groups = question.groups.map(({ index, picked }) => `${index}:${picked.id}`).join();
  return `${textName(textForm(question), features)}|${question.teamId}|${question.person?.id}|${question.staticCohorts.join()}|${groups}`;
}

/** A question with the ticket that its row brings back. */
export interface TicketedQuestion {
  readonly question: FactsQuestion;
  readonly ticket: string;
}

/**
 * One statement for several questions with one `batchKey`. It returns a row for each, with the columns of
 * `questionStatement` and `n`, the question's place in the list, counted from 1. What the questions share is sent once.
 */
export function factsBatchStatement(asks: readonly TicketedQuestion[], features: PersonsFeatures): Statement {
  const questions = asks.map(({ question }) => question);
  const [first] = questions;
  if (first === undefined) throw new RangeError('a batch of no questions');
  const text = textForm(first);
  const values: StatementValue[] = [first.teamId];
  if (text.staticCohorts) values.push(first.staticCohorts);
  for (const { index, picked } of first.groups) values.push(index, picked.names, picked.prefixes);
  pushKeys(values, text, first);
  if (text.person || text.stickyKeys !== 'none') values.push(questions.map(({ own }) => own));
  if (text.stickyKeys === 'both') values.push(questions.map(({ other }) => other));
  for (let group = 0; group < text.groups; group += 1) {
    values.push(questions.map(({ groups }) => groups[group]?.key ?? null));
  }
  values.push(asks.map(({ ticket }) => ticket));
  return { ...namedText(`${textName(text, features)}_batch`, () => textFor(text, features)), values };
}

/** Parameters in the order in which `factsBatchStatement` gives the values; ids come from rows of `b`. */
function textFor(text: TextForm, features: PersonsFeatures): string {
  const parameter = parameters();
  const cohorts = text.staticCohorts ? parameter() : '';
  const groups = Array.from({ length: text.groups }, (_, group) => ({
    index: parameter(),
    key: `b.group_${group}`,
    names: parameter(),
    prefixes: parameter(),
  }));
  const slots = slotParameters(text, parameter);
  const columns = [
    ...(text.person || text.stickyKeys !== 'none' ? ['own'] : []),
    ...(text.stickyKeys === 'both' ? ['other'] : []),
    ...groups.map((_, group) => `group_${group}`),
    'ticket',
  ];
  // A list behind `select` has no length that the planner could see. Seeing one, it would find a plan made for just this
  // short list cheaper than the prepared one, and plan anew every time, which takes longer than the answer.
  const lists = columns.map(() => `(select ${parameter()}::text[])`);
  const one = writeText(text, { own: 'b.own', other: 'b.other', cohorts, groups, slots, asked: 'b.ticket' }, features);
  return `select b.n, f.* from unnest(${lists.join(', ')}) with ordinality as b (${[...columns, 'n'].join(', ')})
cross join lateral (${one}) f`;
}
