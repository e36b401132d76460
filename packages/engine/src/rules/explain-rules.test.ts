import { expect, it } from 'vitest';
import { compile } from '../compile/compile.ts';
import { explain, explainFlag } from '../explain/explain.ts';
import { explanationText } from '../explain/explanation-text.ts';
import { definitions, everyone, facts, request } from '../scenario.cases.ts';
import { experiment, release, rollout, ruledFlag, uuid } from './rules.cases.ts';

const pro = { key: 'plan', type: 'person', value: 'pro' };
const rules = [
  release({ id: uuid(1) }, [{ ...pro, negation: true }]),
  rollout({ id: uuid(2), rollout_percentage: 0, on_rollout_miss: 'continue' }, [pro]),
  experiment({ id: uuid(3), holdout: { id: null, seed: 'h', exclusion_percentage: 0 } }),
  release({ id: uuid(4) }),
];
const program = compile(definitions([ruledFlag('ruled', rules), everyone('plain', { id: 2 })]));
const stored = facts({ plan: 'pro' });

it('E180 to E182: every rule as it was judged, with the values seen and the hashes drawn, and none after the one that decided', () => {
  const { flags } = explain(program, request(), stored);
  const bucket = { subject: 'user-1', point: expect.any(Number) as number, inside: false };
  expect(flags.map(({ key }) => key)).toEqual(['ruled', 'plain']);
  expect(flags[0]).toMatchObject({
    conditions: [],
    rules: [
      {
        index: 0,
        id: uuid(1),
        type: 'targeted_release',
        outcome: 'targeting_missed',
        filters: [
          {
            key: 'plan',
            type: 'person',
            operator: 'exact',
            expected: 'pro',
            seen: 'pro',
            source: 'stored',
            outcome: 'miss',
            negated: true,
          },
        ],
      },
      {
        index: 1,
        type: 'percentage_rollout',
        outcome: 'rollout_missed',
        filters: [{ key: 'plan', outcome: 'match' }],
        rollout: { ...bucket, percentage: 0 },
      },
      {
        index: 2,
        type: 'experiment',
        outcome: 'matched',
        filters: [],
        holdout: { ...bucket, percentage: 0 },
        variant: { key: flags[0]?.result?.value === 'blue' ? 'control' : 'test' },
      },
    ],
  });
  expect(flags[0]?.rules).toHaveLength(3);
  expect(flags[0]?.rules?.[2]).not.toHaveProperty('rollout'); // 100 % draws nothing
  expect(flags[1]).not.toHaveProperty('rules');
});

it('E183: the rule that could not be decided, and why', () => {
  const { rules: told, result } = explainFlag(program, 'ruled', request());
  expect(result).toMatchObject({ failed: true, reason: { code: 'error' } });
  expect(told).toMatchObject([
    { index: 0, outcome: 'failed', failure: 'missing_context', filters: [{ source: 'not_loaded', outcome: 'error' }] },
  ]);
});

it('E186: for people, in the terms of rules', () => {
  const text = explanationText(explainFlag(program, 'ruled', request({ distinctId: 'user-3' }), stored));
  expect(text.replace(/\d+\.\d\d %/g, 'n %')).toBe(
    `ruled is blue for "user-3".
  reason   targeting_match at rule 3 (Matched rule 3)

  rule 1, targeted_release: a predicate missed
    no    person plan not exact pro  (pro, stored)

  rule 2, percentage_rollout: outside the rollout
    yes   person plan exact pro  (pro, stored)
    rollout n % outside 0 % (hash of "user-3")

  rule 3, experiment: matched
    holdout n % outside 0 % (hash of "user-3")
    variant n % falls to control
`,
  );
  const failed = explanationText(explainFlag(program, 'ruled', request()));
  expect(failed).toContain('because it failed');
  expect(failed).toContain(
    'rule 1, targeted_release: failed (missing_context)\n    error person plan not exact pro  (could not be loaded)',
  );
  const off = compile(definitions([ruledFlag('ruled', [])]));
  expect(explanationText(explainFlag(off, 'ruled', request()))).toContain(
    'ruled is default for "user-1".\n  reason   no_rule_match (',
  );
});
