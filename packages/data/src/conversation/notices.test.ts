import { describe, expect, it } from 'vitest';
import { advanceNotices, type NoticesEvent, sendNotice, silence, teamAnnounced } from './notices.ts';
import { ScriptedHost } from './scripted-host.cases.ts';

/** A listener whose texts arrive or not. */
function listener(chance = 0.5) {
  const record = silence(chance);
  const self = {
    record,
    now: 0,
    believed: false,
    /** All that the host had to do. */
    actions: [] as string[],
    tell(event: NoticesEvent, detail: { text?: string; announces?: boolean } = {}): void {
      for (const action of advanceNotices(record, event, self.now, detail)) {
        self.actions.push(action);
        if (action === 'believe') self.believed = true;
        if (action === 'doubt') self.believed = false;
      }
    },
    /** Lets time pass until the host is woken, and tells what becomes of a text that it has to send. */
    wake(arrives: boolean): void {
      self.now = record.wakeAt;
      self.tell('due');
      if (record.awaited !== null) self.sent(arrives);
    },
    sent(arrives: boolean, announces = true): void {
      const text = record.awaited ?? '';
      self.tell('sent', { announces });
      if (arrives) self.tell('heard', { text });
    },
  };
  return self;
}

it('a text on the channel announces a team, or is of another kind', () => {
  expect(['7', '-1', '0'].map(teamAnnounced)).toEqual([7, -1, 0]);
  expect(['', ' ', '7 ', '1e3', 'keys', '0x10', 'halyard-abc-1'].map(teamAnnounced)).toEqual(Array(7).fill(null));
});

describe('notices', () => {
  it('D118: are tried again after pauses that double up to 5 s, and begin anew once a server has listened', () => {
    const l = listener();
    const pause = (event: NoticesEvent) => {
      l.tell(event);
      return l.record.pauseMs;
    };
    const pauses = Array.from({ length: 8 }, () => pause('ended'));
    expect(pauses).toEqual([100, 200, 400, 800, 1_600, 3_200, 5_000, 5_000]);
    expect([pause('began'), pause('ended')]).toEqual([0, 100]);
  });

  it('are believed in when a text has come through, and not before', () => {
    const l = listener();
    l.tell('began');
    expect(l.believed).toBe(false);
    l.sent(true);
    expect(l.believed).toBe(true);
  });

  it('are believed in also when the text is faster than the answer of who sent it', () => {
    const l = listener();
    l.tell('began');
    l.tell('heard', { text: l.record.awaited ?? '' });
    expect(l.believed).toBe(false);
    l.tell('sent', { announces: true });
    expect(l.believed).toBe(true);
    expect(l.actions).toEqual(['send', 'believe']);
    expect(l.record.wakeAt).toBe(30_000);
  });

  it('have the host do something when something changes only', () => {
    const l = listener();
    l.tell('began');
    l.tell('heard', { text: 'of another' });
    l.sent(true);
    l.tell('heard', { text: 'late' });
    l.wake(true);
    l.now += 100;
    l.tell('due');
    expect(l.actions).toEqual(['send', 'believe', 'send']);
    l.tell('ended');
    l.tell('ended');
    expect(l.actions.slice(3)).toEqual(['doubt']);
  });

  it('are waited for until it is time, however often the host asks', () => {
    const l = listener();
    l.tell('began');
    l.tell('sent', { announces: true });
    l.now = 4_999;
    l.tell('due');
    l.tell('heard', { text: l.record.awaited ?? '' });
    expect(l.believed).toBe(true);
    expect(l.actions).toEqual(['send', 'believe']);
  });

  it('are not believed in where a pooler swallows them, which is tried again every half minute', () => {
    const l = listener();
    l.tell('began');
    l.sent(false);
    const tried: number[] = [];
    for (let n = 0; n < 6; n++) {
      l.wake(false);
      if (l.record.awaited !== null) tried.push(l.now);
    }
    expect(l.believed).toBe(false);
    expect(tried).toEqual([35_000, 70_000, 105_000]);
    l.wake(false);
    l.wake(true);
    expect(l.believed).toBe(true);
  });

  it('are not believed in where the schema announces nothing', () => {
    const l = listener();
    l.tell('began');
    l.sent(true, false);
    expect(l.believed).toBe(false);
    expect(l.record.wakeAt).toBe(30_000);
    l.now = 30_000;
    l.tell('due');
    l.tell('heard', { text: l.record.awaited ?? '' });
    l.tell('sent', { announces: false });
    expect(l.believed).toBe(false);
    expect(l.actions).toEqual(['send', 'send']);
  });

  it('are tried out again and again, and doubted when a text does not arrive within five seconds', () => {
    const l = listener();
    l.tell('began');
    l.sent(true);
    l.wake(true);
    expect([l.now, l.believed]).toEqual([30_000, true]);
    l.wake(false);
    expect([l.now, l.believed]).toEqual([60_000, true]);
    l.wake(false);
    expect([l.now, l.believed]).toEqual([65_000, false]);
  });

  it('end with the connection, and begin again with another', () => {
    const l = listener();
    l.tell('began');
    l.sent(true);
    l.tell('ended');
    expect([l.believed, l.record.wakeAt]).toEqual([false, Number.POSITIVE_INFINITY]);
    l.tell('began');
    l.sent(true);
    expect(l.believed).toBe(true);
  });

  it('of others, and late ones of our own, prove nothing', () => {
    const [l, other] = [listener(0.1), listener(0.2)];
    l.tell('began');
    other.tell('began');
    l.tell('sent', { announces: true });
    l.tell('heard', { text: other.record.awaited ?? '' });
    expect(l.believed).toBe(false);
    const late = l.record.awaited ?? '';
    l.wake(false);
    l.tell('heard', { text: late });
    expect(l.believed).toBe(false);
  });

  it('that cannot be sent are tried again soon', () => {
    const l = listener();
    l.tell('began');
    l.tell('failed');
    l.wake(true);
    expect([l.now, l.believed]).toEqual([5_000, true]);
    l.now = l.record.wakeAt;
    l.tell('due');
    l.tell('failed');
    expect(l.believed).toBe(false);
  });

  it('are sent by way of the pool, beside a look at the triggers', () => {
    const host = new ScriptedHost();
    expect(host.run(sendNotice(host.store, 'text'))).toBe(true);
    const sent = host.asks.at(-1);
    expect(sent?.statement.values).toEqual(['halyard_definitions', 'text', sent?.ticket]);
    host.script = { tables: { announces_changes: 'false' } };
    expect(host.run(sendNotice(host.store, 'text'))).toBe(false);
    expect(host.asked.slice(1)).toEqual([
      'notice @ non-persons writer',
      'notice @ non-persons writer + tables @ non-persons writer',
    ]);
  });
});
