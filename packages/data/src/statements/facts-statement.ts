import type { FactsQuestion } from './facts-question.ts';
import { parameters, pushKeys, slotParameters, type TextForm, textName, textForm, writeText } from './facts-text.ts';
import type { PersonsFeatures } from './persons-features.ts';
import { namedText, type Statement, type StatementValue } from './statement.ts';

/**
 * The one statement that answers a question: person, static membership, groups and sticky keys together, from one snapshot
 * (D116). It returns one row with the columns `person created_at static_cohorts sticky_keys groups asked`; `factsFromRow`
 * reads it. Only the planned property keys leave the database, and a document is unpacked once.
 */
export function questionStatement(question: FactsQuestion, features: PersonsFeatures, ticket: string): Statement {
  const text = textForm(question);
  const values: StatementValue[] = [question.teamId];
  if (text.person || text.stickyKeys !== 'none') values.push(question.own);
  if (text.stickyKeys === 'both') values.push(question.other);
  if (text.staticCohorts) values.push(question.staticCohorts);
  for (const { index, key, picked } of question.groups) values.push(index, key, picked.names, picked.prefixes);
  pushKeys(values, text, question);
  values.push(ticket);
  return { ...namedText(textName(text, features), () => textFor(text, features)), values };
}

/** Parameters in the order in which `questionStatement` gives the values. */
function textFor(text: TextForm, features: PersonsFeatures): string {
  const parameter = parameters();
  const own = text.person || text.stickyKeys !== 'none' ? parameter() : '';
  const other = text.stickyKeys === 'both' ? parameter() : '';
  const cohorts = text.staticCohorts ? parameter() : '';
  const groups = Array.from({ length: text.groups }, () => ({
    index: parameter(),
    key: parameter(),
    names: parameter(),
    prefixes: parameter(),
  }));
  const slots = slotParameters(text, parameter);
  return writeText(text, { own, other, cohorts, groups, slots, asked: parameter() }, features);
}
