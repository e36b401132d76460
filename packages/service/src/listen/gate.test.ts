import { describe, expect, it } from 'vitest';
import { Gate, type Job } from './gate.ts';

/** A job that runs until the test ends it. */
class TestJob implements Job {
  settled = false;
  started = false;

  start(): void {
    this.started = true;
  }
}

describe('gate', () => {
  it('H219: starts at most the limit, the others wait in order', () => {
    const gate = new Gate(2, 10);
    const jobs = [new TestJob(), new TestJob(), new TestJob(), new TestJob()];
    for (const job of jobs) expect(gate.admit(job)).toBe(true);
    expect(jobs.map((job) => job.started)).toEqual([true, true, false, false]);
    gate.leave();
    expect(jobs.map((job) => job.started)).toEqual([true, true, true, false]);
  });

  it('H219 (R): refuses what would wait beyond the bound', () => {
    const gate = new Gate(1, 1);
    expect([new TestJob(), new TestJob(), new TestJob()].map((job) => gate.admit(job))).toEqual([true, true, false]);
  });

  it('a job that timed out while it waited is not started, and makes room', () => {
    const gate = new Gate(1, 1);
    const [late, next] = [new TestJob(), new TestJob()];
    gate.admit(new TestJob());
    gate.admit(late);
    late.settled = true;
    expect(gate.admit(next)).toBe(true);
    gate.leave();
    expect([late.started, next.started]).toEqual([false, true]);
  });

  it('a long queue of jobs that end at once needs no deep stack', () => {
    const gate = new Gate(1, 100_000);
    let started = 0;
    gate.admit(new TestJob());
    const job: Job = {
      settled: false,
      start: () => {
        started++;
        gate.leave();
      },
    };
    for (let i = 0; i < 100_000; i++) gate.admit(job);
    gate.leave();
    expect(started).toBe(100_000);
    expect(gate.admit(new TestJob())).toBe(true);
  });
});
