import { describe, expect, it } from 'vitest';
import {
  advance,
  ageSeconds,
  beginLook,
  type FreshnessDetail,
  type FreshnessRecord,
  unseen,
  wakeAt,
} from './freshness.ts';
import { defaultLimits } from './freshness-limits.ts';
import type { FreshnessEvent } from './freshness-table.ts';

interface Token {
  readonly record: FreshnessRecord;
  now: number;
  listening: boolean;
  tell(event: FreshnessEvent, detail?: FreshnessDetail): string;
  /** Known to be the newest at this time. */
  read(): Token;
}

/** A token that things happen to, at times of its own. */
function token(chance = 0.5): Token {
  const record = unseen();
  const self: Token = {
    record,
    now: 0,
    listening: false,
    tell(event, detail) {
      const moment = { now: self.now, chance, listening: self.listening, limits: defaultLimits };
      return advance(record, event, moment, detail).join(', ');
    },
    read() {
      self.tell('wanted');
      beginLook(record);
      self.tell('read');
      return self;
    },
  };
  return self;
}

describe('the machine of freshness', () => {
  it('looks after two seconds, after half a minute while notices arrive, after a minute without a request', () => {
    const t = token().read();
    expect([t.record.dueAt, wakeAt(t.record)]).toEqual([2_000, 60_000]);
    t.listening = true;
    t.tell('rescheduled');
    expect(t.record.dueAt).toBe(30_000);
  });

  it.each([
    [0, 1_800, 54_000],
    [1, 2_200, 66_000],
  ])('spreads times by a tenth: by chance %d, after %d and %d ms', (chance, due, idle) => {
    const { record } = token(chance).read();
    expect([record.dueAt, record.idleUntil]).toEqual([due, idle]);
  });

  it('begins at the reader, and nothing is due while it looks', () => {
    const t = token();
    t.tell('wanted');
    expect(t.record.dueAt).toBe(Number.POSITIVE_INFINITY);
    expect(beginLook(t.record)).toBe('reader');
    t.tell('read');
    t.tell('due');
    expect(t.record.dueAt).toBe(Number.POSITIVE_INFINITY);
  });

  it('knows how old a snapshot is that a copy brought', () => {
    const t = token();
    t.now = 10_000;
    t.tell('wanted');
    t.tell('unconfirmed', { error: 'away', confirmedAt: 7_500 });
    expect(t.record).toMatchObject({ state: 'stale', failures: 1, lastError: 'away' });
    expect(ageSeconds(t.record, 10_000)).toBe(2.5);
    expect(ageSeconds(t.record, 5_000)).toBe(0);
    expect(ageSeconds(unseen(), 10_000)).toBeNull();
  });

  it('looks again when a notice came during the first reading, or while it retried', () => {
    const t = token();
    t.tell('wanted');
    beginLook(t.record);
    t.tell('announced');
    expect(t.tell('read')).toMatch(/note, look$/);
    t.tell('failed');
    t.tell('due');
    beginLook(t.record);
    t.tell('announced');
    expect(t.tell('confirmed')).toMatch(/note, look$/);
  });

  it('pauses longer after each failure, up to a quarter of a minute, and looks without a request then', () => {
    const t = token().read();
    const pauses: number[] = [];
    for (let n = 0; n < 6; n++) {
      t.now = t.record.dueAt;
      t.tell('due');
      t.tell('failed', { error: 'timeout' });
      pauses.push(t.record.dueAt - t.now);
    }
    expect(pauses).toEqual([1_000, 2_000, 4_000, 8_000, 15_000, 15_000]);
    expect(wakeAt(t.record)).toBe(t.record.dueAt);
    expect(t.record).toMatchObject({ state: 'stale', confirmedAt: 0, lastError: 'timeout' });
  });

  it('is told of a snapshot that turned stale once, and of its recovery once', () => {
    const t = token().read();
    t.tell('due');
    expect(t.tell('failed')).toContain('tell stale');
    t.tell('due');
    expect(t.tell('failed')).not.toContain('tell');
    t.tell('due');
    expect(t.tell('confirmed')).toContain('tell recovered');
    expect(t.record).toMatchObject({ failures: 0, lastError: null });
  });

  it('looks at the writer after a notice, at the reader otherwise', () => {
    const t = token().read();
    expect(t.tell('due')).toBe('look');
    expect(beginLook(t.record)).toBe('reader');
    t.tell('confirmed');
    expect(t.tell('announced')).toBe('note, look');
    expect(beginLook(t.record)).toBe('writer');
    expect(t.record.noted).toBe(false);
  });

  it('looks again when a notice came during a look, whatever that found', () => {
    for (const found of ['confirmed', 'read', 'failed', 'unsure'] as const) {
      const t = token().read();
      t.tell('due');
      beginLook(t.record);
      t.tell('announced');
      expect(t.tell(found)).toMatch(/note, look$/);
      expect(beginLook(t.record)).toBe('writer');
    }
  });

  it('asks the writer a second later when only the reader could be asked after a notice', () => {
    const t = token().read();
    t.tell('announced');
    beginLook(t.record);
    t.tell('unsure');
    expect([t.record.state, t.record.dueAt, wakeAt(t.record)]).toEqual(['fresh', 1_000, 1_000]);
    t.now = 1_000;
    t.tell('due');
    expect(beginLook(t.record)).toBe('writer');
  });

  it('a clock that was set back does not put looks off', () => {
    const t = token();
    t.now = 1_000_000;
    t.read();
    t.now = 0;
    t.tell('rescheduled');
    expect(t.record.dueAt).toBe(2_000);
  });

  describe('H43: an unknown token', () => {
    function unknown(): Token {
      const t = token();
      t.tell('wanted');
      beginLook(t.record);
      expect(t.tell('absent')).toBe('forget');
      return t;
    }

    it('is believed to be unknown for half a minute', () => {
      const t = unknown();
      t.now = 29_999;
      expect(t.tell('wanted')).toBe('');
      t.now = 30_000;
      expect(t.tell('wanted')).toBe('load');
      expect(t.record.dueAt).toBe(Number.POSITIVE_INFINITY);
      expect(beginLook(t.record)).toBe('reader');
    });

    it('is doubted when a notice comes: after a second it is read again, at the writer first', () => {
      const t = unknown();
      t.now = 500;
      t.tell('announced');
      expect(t.tell('wanted')).toBe('');
      t.now = 1_000;
      expect(t.tell('wanted')).toBe('load');
      expect(beginLook(t.record)).toBe('writer');
    });

    it('is read at the writer when a notice came, however long ago it was found unknown', () => {
      const t = unknown();
      t.now = 40_000;
      t.tell('announced');
      expect(t.tell('wanted')).toBe('load');
      expect(beginLook(t.record)).toBe('writer');
    });

    it('is doubted at once when a notice came while it was read', () => {
      const t = token();
      t.tell('wanted');
      beginLook(t.record);
      t.tell('announced');
      expect(t.tell('absent')).toBe('forget');
      expect(t.record.dueAt).toBe(1_000);
    });
  });
});
