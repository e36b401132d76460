import { StoreError } from 'halyard/host';
import { pino } from 'pino';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { OutageLines } from './outage-lines.ts';

interface Line {
  readonly level: number;
  readonly msg: string;
  readonly suppressed?: number;
  readonly request_id?: string;
  readonly err: { readonly message: string; readonly pool?: string };
}

const gone = (pool = 'persons reader', text = 'connect ECONNREFUSED'): StoreError =>
  new StoreError('unavailable', pool, text);

describe('lines of an outage', () => {
  let lines: Line[];
  let outages: OutageLines;

  beforeEach(() => {
    vi.useFakeTimers();
    lines = [];
    outages = new OutageLines(pino({ base: null }, { write: (text) => lines.push(JSON.parse(text) as Line) }));
  });

  afterEach(() => {
    vi.useRealTimers();
  });

  it('the first failure is told at once, those that follow are counted and told every ten seconds', () => {
    for (let i = 0; i < 500; i++) outages.warn('a read failed', gone());
    expect(lines).toMatchObject([{ level: 40, msg: 'a read failed', err: { pool: 'persons reader' } }]);
    expect(lines[0]).not.toHaveProperty('suppressed');
    vi.advanceTimersByTime(10_000);
    for (let i = 0; i < 7; i++) outages.warn('a read failed', gone('persons reader', 'read ECONNRESET'));
    vi.advanceTimersByTime(10_000);
    expect(lines.slice(1)).toMatchObject([
      { level: 40, msg: 'a read failed', suppressed: 499, err: { message: 'persons reader: connect ECONNREFUSED' } },
      { level: 40, msg: 'a read failed', suppressed: 7, err: { message: 'persons reader: read ECONNRESET' } },
    ]);
  });

  it('after ten seconds without a failure the next one is told at once again', () => {
    outages.warn('a read failed', gone());
    vi.advanceTimersByTime(10_000);
    expect(vi.getTimerCount()).toBe(0);
    outages.warn('a read failed', gone());
    expect(lines).toHaveLength(2);
    expect(lines[1]).not.toHaveProperty('suppressed');
  });

  it('no pool, no class of failure and no message hides another', () => {
    outages.warn('a read failed', gone());
    outages.warn('a read failed', gone('persons writer'));
    outages.warn('a read failed', new StoreError('query', 'persons reader', 'permission denied'));
    outages.warn('a read failed', new Error('odd'));
    outages.warn('definitions could not be read', gone());
    expect(lines).toHaveLength(5);
  });

  it('what is counted is told before the process ends', () => {
    outages.warn('a read failed', gone(), { request_id: 'first' });
    outages.warn('a read failed', gone(), { request_id: 'second' });
    outages.flush();
    outages.flush();
    expect(lines.map(({ request_id, suppressed }) => [request_id, suppressed])).toEqual([
      ['first', undefined],
      [undefined, 1],
    ]);
    expect(vi.getTimerCount()).toBe(0);
  });
});
