import { totalmem } from 'node:os';
import { getHeapStatistics } from 'node:v8';

const MIB = 1_048_576;

/** What a process takes without any project: code, connections, requests under way, and the halves of V8's nursery. */
const RESERVE_BYTES = 64 * MIB;

/** Part of the rest that projects may hold. A project is larger while it is read, garbage lies about until it is collected, and the estimate errs. */
const SHARE_HELD = 0.4;

/** Part of the memory of a container or a machine that the heaps of all its processes may take; buffers and code lie beside them. */
const SHARE_HEAP = 0.75;

/** Heap per reading under way: ten thousand flags as text, as documents and compiled. */
const BYTES_PER_READING = 256 * MIB;
const MOST_READINGS = 8;

/** Held at least: a small project or two. */
const LEAST_BYTES = 4 * MIB;

export interface Memory {
  /** What V8 may take, in bytes. */
  readonly heapLimit: number;
  /** What the container, or else the machine, gives to all processes, in bytes. */
  readonly available: number;
  /** Processes that serve the same and share what is available. */
  readonly workers: number;
}

export interface MemoryLimits {
  /** Bound on the estimated memory of the projects held. */
  readonly maxBytes: number;
  /** Readings of whole projects at the same time. */
  readonly maxReadings: number;
}

/** What projects may take in a process with that much memory. */
export function memoryLimits({ heapLimit, available, workers }: Memory): MemoryLimits {
  const heap = Math.min(heapLimit, (available * SHARE_HEAP) / workers);
  return {
    maxBytes: Math.round(Math.max((heap - RESERVE_BYTES) * SHARE_HELD, LEAST_BYTES)),
    maxReadings: Math.min(Math.max(Math.floor(heap / BYTES_PER_READING), 1), MOST_READINGS),
  };
}

/** The memory of this process: V8's limit, and the container's where there is one (cgroup), else the machine's. */
export function memoryHere(workers: number): Memory {
  const machine = totalmem();
  const container = process.constrainedMemory(); // 0, or larger than any machine: none
  const available = container > 0 && container < machine ? container : machine;
  return { heapLimit: getHeapStatistics().heap_size_limit, available, workers };
}
