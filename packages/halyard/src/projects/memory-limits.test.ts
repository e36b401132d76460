import { describe, expect, it } from 'vitest';
import { memoryHere, memoryLimits } from './memory-limits.ts';

const MIB = 1_048_576;
const GIB = 1_024 * MIB;

describe('memory limits', () => {
  it('follow the heap where there is memory enough', () => {
    const small = memoryLimits({ heapLimit: 176 * MIB, available: 64 * GIB, workers: 1 });
    const large = memoryLimits({ heapLimit: 4 * GIB, available: 64 * GIB, workers: 1 });
    expect(small).toEqual({ maxBytes: Math.round(112 * 0.4 * MIB), maxReadings: 1 });
    expect(large).toEqual({ maxBytes: Math.round((4_096 - 64) * 0.4 * MIB), maxReadings: 8 });
  });

  it('follow a container that is smaller than the heap, which its workers share', () => {
    const of = (workers: number) => memoryLimits({ heapLimit: 4 * GIB, available: GIB, workers });
    expect(of(1).maxBytes).toBe(Math.round((768 - 64) * 0.4 * MIB));
    expect(of(4).maxBytes).toBe(Math.round((192 - 64) * 0.4 * MIB));
    expect(of(1).maxReadings).toBe(3);
  });

  it('leave room for a project where there is next to nothing', () => {
    expect(memoryLimits({ heapLimit: 32 * MIB, available: GIB, workers: 1 })).toEqual({
      maxBytes: 4 * MIB,
      maxReadings: 1,
    });
  });

  it('are taken from this process', () => {
    const here = memoryHere(2);
    expect(here.heapLimit).toBeGreaterThan(16 * MIB);
    expect(here.available).toBeGreaterThan(here.heapLimit / 8);
    expect(here.workers).toBe(2);
  });
});
