import { type JsonObject, type JsonValue, jsonText } from '@halyard/json';
import type { FlagExplanation } from 'halyard/host';
import { asciiJson } from '../../http/ascii-json.ts';
import { type Answer, answerText } from '../wire/answer.ts';
import { renderedFor } from '../wire/rendered.ts';

type Condition = FlagExplanation['conditions'][number];
type Filter = Condition['filters'][number];

const EMPTY = '"flags":{}';

/**
 * The body of an answer whose records say how each condition was judged (H66): those that were looked at, the enrolment under index -1 and the
 * holdout under -2 in front of them.
 *
 * @param answer in a shape with records: `v2` or `v3`
 */
export function detailedText(answer: Answer, flags: readonly FlagExplanation[]): string {
  const rendered = renderedFor(answer.program);
  const records = answer.shape === 'v3' ? rendered.typedRecords : rendered.records;
  const members = flags.flatMap((flag) => {
    if (flag.result === null) return [];
    const record = records.appendTo('', [flag.result]);
    return [`${record.slice(0, -1)},"conditions":${asciiJson(jsonText(conditionsOf(flag)))}}`];
  });
  const without = answerText({ ...answer, evaluation: { ...answer.evaluation, results: [] } });
  return without.replace(EMPTY, () => `"flags":{${members.join(',')}}`);
}

function conditionsOf({ enrollment, holdout, conditions }: FlagExplanation): readonly JsonObject[] {
  const entries: JsonObject[] = [];
  if (holdout !== undefined) {
    entries.push({
      ...NO_CONDITION,
      index: -2,
      rollout_percentage: holdout.percentage,
      matched: holdout.inside,
      rollout_excluded: !holdout.inside,
      explanation: holdout.inside ? 'Held out' : 'Not held out',
    });
  }
  if (enrollment !== undefined) {
    const { key, seen = null } = enrollment;
    const property = {
      key,
      operator: 'exact',
      value: 'true',
      type: 'person',
      actual_value: seen,
      matched: seen !== null,
    };
    entries.push({
      ...NO_CONDITION,
      index: -1,
      properties: [{ ...property, explanation: seen === null ? 'Has neither joined nor left' : 'Has joined or left' }],
      matched: seen !== null,
      properties_matched: seen !== null,
      explanation: 'Early access',
    });
  }
  return [...entries, ...conditions.map(conditionEntry)];
}

const NO_CONDITION = {
  properties: [],
  rollout_percentage: 100,
  variant: null,
  properties_matched: true,
  rollout_excluded: false,
} as const;

function conditionEntry({ index, outcome, filters, rollout, variant }: Condition): JsonObject {
  return {
    index,
    properties: filters.map(propertyEntry),
    rollout_percentage: rollout?.percentage ?? 100,
    variant: variant?.key ?? null,
    matched: outcome === 'matched',
    properties_matched: outcome === 'matched' || outcome === 'out_of_rollout_bound',
    rollout_excluded: outcome === 'out_of_rollout_bound',
    explanation: outcome.replaceAll('_', ' '),
  };
}

function propertyEntry({ key, type, operator, expected = null, seen = null, source, outcome }: Filter): JsonObject {
  const matched = outcome === 'match' || outcome === 'assumed';
  const shown: JsonValue = type === 'flag' ? null : seen;
  return { key, operator, value: expected, type, actual_value: shown, matched, explanation: `${outcome} (${source})` };
}
