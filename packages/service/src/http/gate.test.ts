import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Gate, type Job } from './gate.ts';

/** A job that runs until the test ends it. */
class TestJob implements Job {
  settled = false;
  started = false;

  refused = false;

  start(): void {
    this.started = true;
  }

  refuse(): void {
    this.settled = true;
    this.refused = true;
  }
}

function gate(limit: number, queue: number): Gate {
  return new Gate({ limit, queue, patienceMs: 500 });
}

describe('gate', () => {
  beforeEach(() => {
    vi.useFakeTimers();
  });

  afterEach(() => {
    vi.useRealTimers();
  });

  it('H219: starts at most the limit, the others wait in order', () => {
    const door = gate(2, 10);
    const jobs = [new TestJob(), new TestJob(), new TestJob(), new TestJob()];
    for (const job of jobs) expect(door.admit(job)).toBe(true);
    expect(jobs.map((job) => job.started)).toEqual([true, true, false, false]);
    door.leave();
    expect(jobs.map((job) => job.started)).toEqual([true, true, true, false]);
  });

  it('H219 (R): refuses what would wait beyond the bound', () => {
    const door = gate(1, 1);
    expect([new TestJob(), new TestJob(), new TestJob()].map((job) => door.admit(job))).toEqual([true, true, false]);
  });

  it('a job that timed out while it waited is not started, and makes room', () => {
    const door = gate(1, 1);
    const [late, next] = [new TestJob(), new TestJob()];
    door.admit(new TestJob());
    door.admit(late);
    late.settled = true;
    expect(door.admit(next)).toBe(true);
    door.leave();
    expect([late.started, next.started]).toEqual([false, true]);
  });

  it('a long queue of jobs that end at once needs no deep stack', () => {
    const door = gate(1, 100_000);
    let started = 0;
    door.admit(new TestJob());
    const job: Job = {
      settled: false,
      refuse: () => undefined,
      start: () => {
        started++;
        door.leave();
      },
    };
    for (let i = 0; i < 100_000; i++) door.admit(job);
    door.leave();
    expect(started).toBe(100_000);
    expect(door.admit(new TestJob())).toBe(true);
  });

  it('H219 (R): lets nobody in while the first in line has waited for half of what is allowed, however few they are', () => {
    const door = gate(1, 1_000);
    door.admit(new TestJob());
    door.admit(new TestJob());
    vi.advanceTimersByTime(250);
    expect(door.admit(new TestJob())).toBe(true);
    vi.advanceTimersByTime(1);
    expect(door.admit(new TestJob())).toBe(false);
    door.leave();
    // Now the first in line is the one that came 1 ms ago.
    expect(door.admit(new TestJob())).toBe(true);
  });

  it('H219 (R): refuses who has waited too long, also when no place becomes free at all', () => {
    const door = gate(1, 1_000);
    const [first, second] = [new TestJob(), new TestJob()];
    door.admit(new TestJob());
    door.admit(first);
    vi.advanceTimersByTime(200);
    door.admit(second);
    vi.advanceTimersByTime(302);
    expect([first.refused, second.refused]).toEqual([true, false]);
    vi.advanceTimersByTime(200);
    expect(second.refused).toBe(true);
    door.leave();
    expect([first.started, second.started]).toEqual([false, false]);
  });

  it('refuses a burst that came at once and cannot be served in time', () => {
    const door = gate(1, 1_000);
    const burst = Array.from({ length: 100 }, () => new TestJob());
    for (const job of burst) door.admit(job);
    // One after the other, 100 ms each.
    for (let i = 0; i < 100; i++) {
      vi.advanceTimersByTime(100);
      door.leave();
    }
    expect(burst.filter(({ started }) => started)).toHaveLength(6);
    expect(burst.filter(({ refused }) => refused)).toHaveLength(94);
  });

  it('does not count the wait of somebody who has given up', () => {
    const door = gate(1, 1_000);
    const late = new TestJob();
    door.admit(new TestJob());
    door.admit(late);
    late.settled = true;
    vi.advanceTimersByTime(251);
    expect(door.admit(new TestJob())).toBe(true);
  });
});
