import { expect, it } from 'vitest';
import { packPrefix, variantBoundaries } from '../bucketing/bucketing.ts';
import { Subject } from '../bucketing/subject.ts';
import type { EvaluationState } from '../evaluate/evaluation-state.ts';
import { SILENT } from '../evaluate/trace.ts';
import type { CompiledRule } from './configuration.ts';
import type { Experiment } from './definition.ts';
import { drawVariant } from './draw.ts';

// No distinct id is known whose hash lies between the rounded sum of the weights and 1, so the boundaries are made too low here.
it('E181: behind the last boundary is the last variant, whatever its weight', () => {
  const rule = { prefix: packPrefix('seed.'), boundaries: variantBoundaries([0, 0, 0]) } as unknown as CompiledRule;
  const variants = ['a', 'b', 'c'].map((key) => ({ key, weight: 0, value: key }));
  const state = { trace: SILENT } as EvaluationState;
  expect(drawVariant(rule, { variants } as unknown as Experiment, new Subject().set('user-1'), state)).toBe(2);
});
