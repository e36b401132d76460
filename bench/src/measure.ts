import type { Contender } from './contender.ts';
import type { UserRow } from './workload.ts';

export interface Timing {
  readonly name: string;
  /** Microseconds per user and all flags, the median of the rounds. */
  readonly micros: number;
}

/**
 * Times contenders in turn, in an order that is reversed each round, so that drift of the machine meets all of them.
 * Each gets about `sliceMs` per round.
 */
export async function timeInTurn(
  contenders: readonly Contender[],
  users: readonly UserRow[],
  { rounds, sliceMs }: { rounds: number; sliceMs: number },
): Promise<Timing[]> {
  const samples = new Map<Contender, number[]>(contenders.map((contender) => [contender, []]));
  for (const contender of contenders) await slice(contender, users, sliceMs); // warm up
  for (let round = 0; round < rounds; round++) {
    const order = round % 2 === 0 ? contenders : [...contenders].reverse();
    for (const contender of order) samples.get(contender)?.push(await slice(contender, users, sliceMs));
  }
  return contenders.map((contender) => ({ name: contender.name, micros: median(samples.get(contender) ?? []) }));
}

/** Runs whole rounds until the time is used up; microseconds per user. */
async function slice(contender: Contender, users: readonly UserRow[], sliceMs: number): Promise<number> {
  const start = process.hrtime.bigint();
  const end = start + BigInt(sliceMs) * 1_000_000n;
  let evaluated = 0;
  let now = start;
  // A slow contender gets fewer users per look at the clock.
  let batch = users.slice(0, 16);
  do {
    const pending = contender.round(batch);
    if (typeof pending !== 'number') await pending;
    evaluated += batch.length;
    now = process.hrtime.bigint();
    if (batch.length < users.length && Number(now - start) / evaluated < 100_000) batch = [...users];
  } while (now < end);
  return Number(now - start) / 1000 / evaluated;
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : (upper + (sorted[middle - 1] ?? Number.NaN)) / 2;
}
