import type { FactPlan } from '@halyard/engine';
import { type FactsQuestion, factsQuestion } from './facts-question.ts';
import { type TextShape, textName, textShape, writeText } from './facts-text.ts';
import type { PersonsShape } from './persons-shape.ts';
import { type Statement, statementName, type StatementValue } from './statement.ts';

/**
 * The one statement that answers a plan: person, static membership, groups and sticky keys together, from one snapshot
 * (D116). It returns one row with the columns `person created_at static_cohorts sticky_keys groups`; `factsFromRow`
 * reads it. Only the planned property keys leave the database, and a document is unpacked once.
 *
 * `null`: nothing that the plan asks for can exist, so there is nothing to ask.
 */
export function factsStatement(plan: FactPlan, shape: PersonsShape): Statement | null {
  const question = factsQuestion(plan);
  return question === null ? null : questionStatement(question, shape);
}

/** The statement for one question. */
export function questionStatement(question: FactsQuestion, shape: PersonsShape): Statement {
  const text = textShape(question);
  const values: StatementValue[] = [question.teamId];
  if (text.person || text.stickyKeys !== 'none') values.push(question.own);
  if (text.stickyKeys === 'both') values.push(question.other);
  if (text.staticCohorts) values.push(question.staticCohorts);
  for (const { index, key, picked } of question.groups) values.push(index, key, picked.names, picked.prefixes);
  const { names, prefixes } = question.person ?? { names: [], prefixes: [] };
  if (text.slots < 0) values.push(names, prefixes);
  for (let slot = 0; slot < text.slots; slot += 1) values.push(names[slot] ?? null, prefixes[slot] ?? null);
  const kind = textName(text, shape);
  let known = texts.get(kind);
  if (known === undefined) {
    const written = textFor(text, shape);
    known = { name: statementName(kind, written), text: written };
    texts.set(kind, known);
  }
  return { ...known, values };
}

const texts = new Map<string, { readonly name: string; readonly text: string }>();

/** Parameters in the order in which `questionStatement` gives the values. */
function textFor(text: TextShape, shape: PersonsShape): string {
  let last = 1;
  const parameter = () => `$${(last += 1)}`;
  const own = text.person || text.stickyKeys !== 'none' ? parameter() : '';
  const other = text.stickyKeys === 'both' ? parameter() : '';
  const cohorts = text.staticCohorts ? parameter() : '';
  const groups = Array.from({ length: text.groups }, () => ({
    index: parameter(),
    key: parameter(),
    names: parameter(),
    prefixes: parameter(),
  }));
  const slots = Array.from({ length: Math.abs(text.slots) }, () => [parameter(), parameter()] as const);
  return writeText(text, { own, other, cohorts, groups, slots }, shape);
}
