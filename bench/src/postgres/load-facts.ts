import { readFileSync } from 'node:fs';
import type { FactPlan } from 'halyard/host';

/** Something that loads the facts of a plan. */
export type Loader = (plan: FactPlan) => Promise<unknown>;

export interface LoadFigures {
  readonly perSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  /** Processor time of this process per load, in microseconds. */
  readonly nodeMicros: number;
  /** Processor time of PostgreSQL's backends per load, in microseconds; NaN where it cannot be read. */
  readonly postgresMicros: number;
}

/** Keeps that many loads under way for that long. */
export async function loadFacts(
  load: Loader,
  plan: (user: number) => FactPlan,
  { concurrency, ms, backends }: { concurrency: number; ms: number; backends: () => Promise<readonly number[]> },
): Promise<LoadFigures> {
  const pids = await backends();
  const postgresBefore = cpuMicros(pids);
  const nodeBefore = process.cpuUsage();
  const start = performance.now();
  const end = start + ms;
  const times: number[] = [];
  let users = 0;
  const worker = async (): Promise<void> => {
    for (let now = performance.now(); now < end; ) {
      await load(plan(users++));
      const then = performance.now();
      times.push(then - now);
      now = then;
    }
  };
  await Promise.all(Array.from({ length: concurrency }, worker));
  const seconds = (performance.now() - start) / 1000;
  const node = process.cpuUsage(nodeBefore);
  const postgres = cpuMicros(pids) - postgresBefore;
  times.sort((a, b) => a - b);
  const at = (share: number) => times[Math.min(times.length - 1, Math.floor(times.length * share))] ?? Number.NaN;
  return {
    perSecond: times.length / seconds,
    p50Ms: at(0.5),
    p99Ms: at(0.99),
    nodeMicros: (node.user + node.system) / times.length,
    postgresMicros: postgres / times.length,
  };
}

/** Ticks of /proc on every Linux of today (`getconf CLK_TCK`): 100 a second. */
const microsPerTick = 10_000;

/** Processor time of processes, in microseconds; NaN where it cannot be read. */
export function cpuMicros(pids: readonly number[]): number {
  if (process.platform !== 'linux') return Number.NaN;
  let ticks = 0;
  for (const pid of pids) {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The name in brackets may hold blanks; the fields are counted behind it.
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
    ticks += Number(fields[11]) + Number(fields[12]);
  }
  return ticks * microsPerTick;
}

/** The process that a process was started by. */
export function parentOf(pid: number): number {
  const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
  return Number(text.slice(text.lastIndexOf(')') + 2).split(' ')[1]);
}
