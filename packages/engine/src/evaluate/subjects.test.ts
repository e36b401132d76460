import { describe, expect, it } from 'vitest';
import { ROLLOUT } from '../bucketing/subject.ts';
import { compile } from '../compile/compile.ts';
import { definitions, flag, person, request } from '../scenario.cases.ts';
import { evaluate } from './evaluate.ts';
import { giveBack, lend } from './subjects.ts';

describe('the subjects of an evaluation', () => {
  it('come back without a text, whichever were used (E20)', () => {
    const subjects = lend();
    const used = [subjects.person, subjects.device, subjects.anonymous, subjects.other];
    const packed = used.map((subject, i) => subject.set(`someone-${i}`).packed(0, ROLLOUT));
    giveBack(subjects);
    expect(used.map(({ text }) => text)).toEqual(['', '', '', '']);
    expect(packed.every(({ words }) => words.every((word) => word === 0))).toBe(true);
  });

  it('are lent to one evaluation at a time, and come back from one that throws', () => {
    const subjects = lend();
    const inner = lend();
    expect(inner).not.toBe(subjects);
    giveBack(inner);
    giveBack(subjects);
    const program = compile(definitions([flag('f', { groups: [{ properties: [person('plan', 'pro')] }] })]));
    const broken = {
      get plan(): string {
        throw new Error('no plan today');
      },
    };
    expect(() => evaluate(program, request({ personProperties: broken }))).toThrow('no plan today');
    expect(lend()).toBe(subjects);
    expect(subjects.person.text).toBe('');
    giveBack(subjects);
  });
});
