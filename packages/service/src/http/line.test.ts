import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Line } from './line.ts';

type Item = { readonly n: number };

describe('a line', () => {
  it('does what an array would do', () => {
    const step = fc.oneof(
      { weight: 3, arbitrary: fc.record({ push: fc.nat(9) }) },
      { weight: 3, arbitrary: fc.constant('shift' as const) },
      { weight: 1, arbitrary: fc.constant('keep' as const) },
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 100 }), (steps) => {
        const line = new Line<Item>();
        let model: Item[] = [];
        for (const each of steps) {
          if (each === 'shift') expect(line.shift()).toBe(model.shift());
          else if (each === 'keep') {
            line.keep(({ n }) => n > 4);
            model = model.filter(({ n }) => n > 4);
          } else {
            const item = { n: each.push };
            line.push(item);
            model.push(item);
          }
          expect([line.length, line.first]).toEqual([model.length, model[0]]);
        }
      }),
    );
  });
});
