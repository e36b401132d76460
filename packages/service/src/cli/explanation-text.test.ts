import { compile, explainFlag, type FlagExplanation, fromLocalEvaluation } from 'halyard/host';
import { describe, expect, it } from 'vitest';
import { demoDefinitions } from '../demo/demo-definitions.ts';
import { explanationText } from './explanation-text.ts';

const program = compile(fromLocalEvaluation(demoDefinitions));

function textFor(key: string, properties: Record<string, string | number>): string {
  const explanation: FlagExplanation = explainFlag(program, key, {
    distinctId: 'ada',
    now: Date.UTC(2026, 10, 22),
    personProperties: properties,
    runtime: 'server',
  });
  return explanationText(explanation, 'ada');
}

describe('explanation for people', () => {
  it('says the value, the reason, and every filter with the value seen', () => {
    expect(textFor('smart-cart', { items_in_cart: 4 })).toBe(`smart-cart is true for "ada".
  reason   condition_match at condition 1 (Matched condition set 1)

  condition 1: matched
    yes   flag new-checkout flag_evaluates_to true  (true, that flag's value)
    yes   person items_in_cart gt 2  (4, from the request)

Asks about the flags: new-checkout
`);
  });

  it('says what is missing', () => {
    const text = textFor('pro-reports', {});
    expect(text).toContain('condition 1: a filter missed');
    expect(text).toContain('no    person plan exact ["pro","enterprise"]  (missing)');
  });

  it('shows rollout, variant, holdout and payload', () => {
    const text = textFor('pricing-test', {});
    expect(text).toMatch(/holdout {2}\d+\.\d\d % outside 10 % \(hash of "ada"\)/);
    expect(text).toMatch(/variant \d+\.\d\d % falls to annual-first/);
    expect(textFor('dark-mode', {})).toMatch(/rollout \d+\.\d\d % outside 50 % \(hash of "ada"\)/);
    expect(textFor('new-checkout', {})).toContain('payload  {"steps":3}');
  });

  it('E140: names the flag that is missing', () => {
    const asking = (id: number, key: string, target: number) => {
      const filter = { type: 'flag', key: String(target), operator: 'flag_evaluates_to', value: true };
      return { id, key, active: true, filters: { groups: [{ properties: [filter] }] } };
    };
    const broken = { id: 3, key: 'broken', active: true, filters: { groups: 1 } };
    const given = { flags: [asking(1, 'a', 99), asking(2, 'b', 1), broken, asking(4, 'c', 3)] };
    const text = (key: string): string =>
      explanationText(explainFlag(compile(fromLocalEvaluation(given)), key, { distinctId: 'ada', now: 0 }), 'ada');
    expect(text('a')).toBe(`a is false for "ada".
  reason   missing_dependency (Flag cannot be evaluated due to missing dependency)
  missing  there is no flag with the id 99
`);
    expect(text('b')).toContain('  missing  there is no flag with the id 99; a asks about it\n');
    expect(text('c')).toContain(
      '  missing  the flag broken (id 3) is left out, because its definition cannot be used\n',
    );
  });

  it('says why a flag takes no part', () => {
    expect(textFor('old-export', {})).toBe('old-export is no part of the answer: the flag is switched off.\n');
    expect(textFor('no-such-flag', {})).toContain('there is no such flag');
  });
});
