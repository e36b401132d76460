import { beforeEach, describe, expect, it } from 'vitest';
import { StoreError } from '../store-error.ts';
import { ReplicaLag } from './replica-lag.ts';

describe('how far the persons reader is behind', () => {
  let now: number;
  let lag: ReplicaLag;

  beforeEach(() => {
    now = 10_000;
    lag = new ReplicaLag(() => now);
  });

  const answer = (behind: boolean): void => lag.note([{ behind: String(behind), asked: 'lag' }]);

  it('is asked before it is known, by everybody who cannot wait for the first answer', () => {
    expect(lag.isBehind).toBe(false);
    expect(lag.question()).toMatchObject({ pool: 'persons reader', ticket: 'lag', shared: 'lag' });
    expect(lag.question()).not.toBeNull();
  });

  it('is believed for less than a second', () => {
    answer(true);
    now += 999;
    expect(lag.question()).toBeNull();
    expect(lag.isBehind).toBe(true);
    now += 1;
    expect(lag.question()).not.toBeNull();
  });

  it('is asked by one at a time while the answer before is less than five seconds old', () => {
    answer(false);
    now += 4_500;
    expect(lag.question()).not.toBeNull();
    now += 499;
    expect(lag.question()).toBeNull();
    now += 1;
    expect(lag.question()).not.toBeNull();
    expect(lag.question()).not.toBeNull();
  });

  it('is asked again when a second has brought no answer', () => {
    answer(false);
    now += 2_000;
    expect(lag.question()).not.toBeNull();
    now += 999;
    expect(lag.question()).toBeNull();
    now += 1;
    expect(lag.question()).not.toBeNull();
  });

  it('is what the last answer said', () => {
    answer(true);
    expect(lag.isBehind).toBe(true);
    answer(false);
    expect(lag.isBehind).toBe(false);
  });

  it.each([[undefined], [new StoreError('query', 'persons reader', 'no such function')]])(
    'stays as it was where the reader cannot say, and is not asked again at once (%s)',
    (nothing) => {
      answer(true);
      now += 5_000;
      lag.note(nothing);
      expect(lag.isBehind).toBe(true);
      expect(lag.question()).toBeNull();
    },
  );
});
