import { CONDITION_WORDS, EXCLUSION_WORDS, seenText } from '@halyard/engine/review';
import type { Explanation } from '../api/queries.ts';
import { ShareDraw, VariantDraw } from './draws.tsx';
import type { Variant } from './flag.ts';
import './editor.css';

type Condition = Explanation['conditions'][number];
type Filter = Condition['filters'][number];

interface ExplanationViewProps {
  readonly explanation: Explanation;
  /** Those of the definition that was explained. */
  readonly variants: readonly Variant[];
}

/** What somebody gets of a flag, and why: condition by condition, with the values that were seen (K22). */
export function ExplanationView({ explanation, variants }: ExplanationViewProps) {
  const { conditions, distinct_id: id, depends_on: needed } = explanation;
  return (
    <div className="stack tight">
      <p className="now">
        <span className="mono">{id}</span> gets <strong>{resultWords(explanation)}</strong>
      </p>
      <p className="quiet">{reasonWords(explanation)}</p>
      {needed.length > 0 && <p className="quiet">Asked of other flags: {needed.join(', ')}</p>}
      <ol className="plain-list stack tight">
        {conditions.map((condition) => (
          <ConditionView key={condition.index} name="Condition" condition={condition} variants={variants} />
        ))}
        {rulesOf(explanation).map((rule) => (
          <ConditionView key={rule.index} name="Rule" condition={rule} variants={[]} />
        ))}
      </ol>
    </div>
  );
}

/** Of a flag of ordered rules, what became of each; they are told in the shape of conditions. */
function rulesOf(explanation: Explanation): readonly Condition[] {
  const { rules } = explanation as { readonly rules?: readonly Condition[] };
  return rules ?? [];
}

export function resultWords({ result }: Explanation): string {
  if (result === null) return 'no answer';
  if (result.failed) return 'an error';
  if (typeof result.value === 'string') return result.value;
  return result.value ? 'on' : 'off';
}

export function reasonWords({ result, excluded }: Explanation): string {
  if (result === null) return `No part of the answer: ${wordsOf(EXCLUSION_WORDS, excluded ?? 'unknown')}.`;
  const { code, condition_index: index, description } = result.reason;
  const where = index === null ? '' : ` (condition ${index + 1})`;
  return `${description ?? code}${where}`;
}

interface ConditionViewProps {
  readonly name: 'Condition' | 'Rule';
  readonly condition: Condition;
  readonly variants: readonly Variant[];
}

function ConditionView({ name, condition, variants }: ConditionViewProps) {
  const { index, outcome, filters, rollout, variant } = condition;
  return (
    <li className="card stack tight" aria-label={`${name} ${index + 1}`}>
      <p>
        <strong>
          {name} {index + 1}
        </strong>{' '}
        {wordsOf(CONDITION_WORDS, outcome)}
      </p>
      {filters.length > 0 && (
        <ul className="plain-list stack tight">
          {filters.map((filter, at) => (
            // The filters of one explanation never move.
            <li key={at} className="row wrap tight">
              <Mark outcome={filter.outcome} />
              <code>{filter.key}</code> {filter.operator.replaceAll('_', ' ')}{' '}
              {filter.expected !== undefined && <code>{valueText(filter.expected)}</code>}
              <span className="quiet">· {seenText(filter as Parameters<typeof seenText>[0])}</span>
            </li>
          ))}
        </ul>
      )}
      {rollout !== null && <ShareDraw point={rollout.point} share={rollout.percentage} isInside={rollout.inside} />}
      {variant !== null && <VariantDraw point={variant.point} drawn={variant.key} variants={variants} />}
    </li>
  );
}

const marks = {
  match: ['✓', 'matches'],
  miss: ['✗', 'does not match'],
  error: ['?', 'could not be decided'],
  assumed: ['…', 'taken as matching'],
} as const;

function Mark({ outcome }: { readonly outcome: Filter['outcome'] }) {
  const [sign, words] = marks[outcome];
  return (
    <span className={`mark ${outcome}`} role="img" aria-label={words}>
      {sign}
    </span>
  );
}

/** Words by a code of the wire; a code that this page is too old for stands for itself. */
function wordsOf(words: Readonly<Record<string, string>>, code: string): string {
  return words[code] ?? code.replaceAll('_', ' ');
}

function valueText(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}
