import { spawnSync } from 'node:child_process';
import { availableParallelism } from 'node:os';

const HAS_TASKSET = process.platform === 'linux' && spawnSync('taskset', ['--version']).status === 0;
/** The last core is for whatever measures or is measured in this process; servers get the first. */
const OUR_CORE = availableParallelism() - 1;
const SERVER_CORE = 0;

/** Keeps every thread of this process on one core, so that contenders with helper threads pay for them too. */
export function pinThisProcess(): boolean {
  return HAS_TASKSET && spawnSync('taskset', ['-acp', String(OUR_CORE), String(process.pid)]).status === 0;
}

/** A command that runs Node with these arguments on the servers' core, where that can be had. */
export function onServerCore(args: readonly string[]): { command: string; args: readonly string[] } {
  const node = process.execPath;
  return HAS_TASKSET
    ? { command: 'taskset', args: ['-c', String(SERVER_CORE), node, ...args] }
    : { command: node, args };
}

/** Moves a process that runs already, and what it starts from now on, to the servers' core. */
export function pinToServerCore(pid: number): void {
  if (HAS_TASKSET) spawnSync('taskset', ['-cp', String(SERVER_CORE), String(pid)]);
}
