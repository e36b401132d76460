import type { Contender } from '../contender.ts';
import { type Timing, timeInTurn } from '../measure.ts';
import { flagdCore } from '../peers/flagd-core.ts';
import { floor } from '../peers/floor.ts';
import { halyard } from '../peers/halyard.ts';
import { posthogNode } from '../peers/posthog-node.ts';
import { makeWorkload, type Workload } from '../workload.ts';

const SIZES = [1, 10, 100, 1000];

/** All flags for one user in this process: the engine next to its floor and its peers. */
export async function runEngineArena(print: (line: string) => void, quick: boolean): Promise<boolean> {
  let agreed = true;
  for (const size of SIZES) {
    const workload = makeWorkload(size);
    const contenders = await Promise.all([halyard, floor, posthogNode, flagdCore].map((entrant) => entrant(workload)));
    try {
      const different = await countDifferences(contenders, workload);
      if (different > 0) agreed = false;
      const answers = workload.users.length * size;
      print(`\n${size} flags: ${answers - different} of ${answers} answers equal posthog-node's`);
      const timings = await timeInTurn(
        contenders,
        workload.users,
        quick ? { rounds: 3, sliceMs: 200 } : { rounds: 7, sliceMs: 600 },
      );
      printTimings(timings, print);
    } finally {
      await Promise.all(contenders.map((contender) => contender.close()));
    }
  }
  return agreed;
}

/** Answers in which the engine or the floor differs from posthog-node. */
async function countDifferences(
  [ours, least, posthog]: readonly Contender[],
  { users, flags }: Workload,
): Promise<number> {
  if (ours === undefined || least === undefined || posthog === undefined) return Number.NaN;
  let different = 0;
  for (const user of users) {
    const [mine, floors, theirs] = await Promise.all([ours.values(user), least.values(user), posthog.values(user)]);
    for (const { key } of flags) if (mine[key] !== theirs[key] || floors[key] !== theirs[key]) different++;
  }
  return different;
}

function printTimings(timings: readonly Timing[], print: (line: string) => void): void {
  const ours = timings[0]?.micros ?? Number.NaN;
  for (const { name, micros } of timings) {
    print(
      `  ${name.padEnd(24)} ${micros.toFixed(2).padStart(10)} us per user   ${(micros / ours).toFixed(2).padStart(8)} x halyard`,
    );
  }
}
