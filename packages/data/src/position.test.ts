import { describe, expect, it } from 'vitest';
import { mayBeOlder, positionOf } from './position.ts';

describe('positions', () => {
  it('the lowest of several statements counts', () => {
    expect(positionOf(['w12', 'w10', 'w11'], 'w7')).toEqual({ main: 10, persons: 7, replica: false });
  });

  it('a part that was not read says nothing', () => {
    expect(positionOf([undefined, null], 'nonsense')).toEqual({ main: null, persons: null, replica: false });
  });

  it('one statement at a replica makes the whole a replica read', () => {
    expect(positionOf(['w12', 'r12'], null).replica).toBe(true);
  });

  it.each([
    ['an earlier read', ['w9'], null, ['w10'], null, true],
    ['a later read', ['w11'], null, ['w10'], null, false],
    ['two reads between which no transaction ended', ['w10'], null, ['w10'], null, false],
    ['an equal read of a replica against one of the primary', ['r10'], null, ['w10'], null, true],
    ['an equal read of a replica against one of a replica', ['r10'], null, ['r10'], null, false],
    ['earlier group types', ['w11'], 'w4', ['w10'], 'w5', true],
    ['group types that were not read', ['w11'], null, ['w10'], 'w5', false],
  ])('%s', (_what, main, persons, heldMain, heldPersons, older) => {
    expect(mayBeOlder(positionOf(main, persons), positionOf(heldMain, heldPersons))).toBe(older);
  });

  it('a source without positions is believed', () => {
    expect(mayBeOlder(undefined, positionOf(['w10'], null))).toBe(false);
    expect(mayBeOlder(positionOf(['w10'], null), undefined)).toBe(false);
  });
});
