import { type JsonValue, textOf } from '@halyard/json';
import type {
  BucketExplanation,
  ConditionExplanation,
  FilterExplanation,
  FlagExplanation,
  RuleExplanation,
} from './explanation.ts';
import { CONDITION_WORDS, EXCLUSION_WORDS, seenText } from './words.ts';

/** How one flag came to its value, for people: lines of text, the same at every door. */
export function explanationText(explanation: FlagExplanation): string {
  return [
    headline(explanation),
    ...reasonLines(explanation),
    ...missingLines(explanation),
    ...enrollmentLines(explanation),
    ...holdoutLines(explanation),
    ...explanation.conditions.flatMap(conditionLines),
    ...(explanation.rules ?? []).flatMap(ruleLines),
    ...(explanation.dependsOn.length === 0 ? [] : ['', `Asks about the flags: ${explanation.dependsOn.join(', ')}`]),
    '',
  ].join('\n');
}

function headline({ key, distinctId, result, excluded, problem }: FlagExplanation): string {
  if (problem !== undefined) return `${key} is left out: ${problem.path} ${problem.message}.`;
  if (result === null) return `${key} is no part of the answer: ${EXCLUSION_WORDS[excluded ?? 'unknown']}.`;
  const value = result.typed === undefined ? textOf(result.value) : typedText(result.typed.value);
  return `${key} is ${value} for "${distinctId}"${result.failed ? ' because it failed' : ''}.`;
}

function reasonLines({ result }: FlagExplanation): readonly string[] {
  if (result === null) return [];
  const { code, conditionIndex, description } = (result.typed ?? result).reason;
  const what = result.typed === undefined ? 'condition' : 'rule';
  const where = conditionIndex === null ? '' : ` at ${what} ${conditionIndex + 1}`;
  const lines = [`  reason   ${code}${where}${description === null ? '' : ` (${description})`}`];
  if (result.payload !== undefined && result.typed === undefined) lines.push(`  payload  ${textOf(result.payload)}`);
  return lines;
}

function missingLines({ key, missing = [] }: FlagExplanation): readonly string[] {
  return missing.map(({ id, key: missingKey, askedBy }) => {
    const what =
      missingKey === undefined
        ? `there is no flag with the id ${id}`
        : `the flag ${missingKey} (id ${id}) is left out, because its definition cannot be used`;
    return `  missing  ${what}${askedBy === key ? '' : `; ${askedBy} asks about it`}`;
  });
}

function enrollmentLines({ enrollment }: FlagExplanation): readonly string[] {
  return enrollment === undefined ? [] : ['', `  enrollment by person ${enrollment.key}  (${seenText(enrollment)})`];
}

function holdoutLines({ holdout }: FlagExplanation): readonly string[] {
  if (holdout === undefined) return [];
  const side = holdout.inside ? 'inside' : 'outside';
  return ['', `  holdout  ${points(holdout.point)} ${side} ${holdout.percentage} % (hash of "${holdout.subject}")`];
}

function conditionLines(condition: ConditionExplanation): readonly string[] {
  const { index, outcome, failure, filters, rollout, variant } = condition;
  const name = index < 0 ? 'super condition' : `condition ${index + 1}`;
  const why = failure === undefined ? '' : ` (${failure})`;
  const lines = ['', `  ${name}: ${CONDITION_WORDS[outcome]}${why}`, ...filters.map(filterLine)];
  if (rollout !== undefined) lines.push(drawLine('rollout', rollout));
  if (variant !== undefined) lines.push(`    variant ${points(variant.point)} falls to ${variant.key ?? 'none'}`);
  return lines;
}

const RULE_OUTCOMES: Readonly<Record<RuleExplanation['outcome'], string>> = {
  matched: 'matched',
  targeting_missed: 'a predicate missed',
  rollout_missed: 'outside the rollout',
  paused: 'the experiment is paused',
  held_out: 'inside the holdout',
  failed: 'failed',
};

function ruleLines({
  index,
  type,
  outcome,
  failure,
  filters,
  holdout,
  rollout,
  variant,
}: RuleExplanation): readonly string[] {
  const why = failure === undefined ? '' : ` (${failure})`;
  const lines = ['', `  rule ${index + 1}, ${type}: ${RULE_OUTCOMES[outcome]}${why}`, ...filters.map(filterLine)];
  if (holdout !== undefined) lines.push(drawLine('holdout', holdout));
  if (rollout !== undefined) lines.push(drawLine('rollout', rollout));
  if (variant !== undefined) lines.push(`    variant ${points(variant.point)} falls to ${variant.key ?? 'none'}`);
  return lines;
}

function drawLine(name: string, { inside, point, percentage, subject }: BucketExplanation): string {
  const side = inside ? 'inside' : 'outside';
  return `    ${name} ${points(point)} ${side} ${percentage} % (hash of "${subject}")`;
}

/** `null` is no value of the flag's: what it stands for is the caller's to say. */
function typedText(value: JsonValue): string {
  return value === null ? 'the default of the caller' : textOf(value);
}

const FILTER_OUTCOMES: Readonly<Record<FilterExplanation['outcome'], string>> = {
  match: 'yes  ',
  miss: 'no   ',
  error: 'error',
  assumed: 'assumed',
};

function filterLine(filter: FilterExplanation): string {
  const expected = filter.expected === undefined ? '' : ` ${textOf(filter.expected)}`;
  const not = filter.negated === true ? 'not ' : '';
  return `    ${FILTER_OUTCOMES[filter.outcome]} ${filter.type} ${filter.key} ${not}${filter.operator}${expected}  (${seenText(filter)})`;
}

/** A point in [0, 1] on the scale of percentages. */
function points(point: number): string {
  return `${(point * 100).toFixed(2)} %`;
}
