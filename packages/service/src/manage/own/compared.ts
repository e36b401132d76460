import { setImmediate as turn } from 'node:timers/promises';
import type { CompiledProject, EvaluationRequest, FlagResult } from 'halyard/host';

/** A flag and those that depend on it, in the definitions as they are and as they would be. */
export interface Comparison {
  readonly before: CompiledProject;
  readonly after: CompiledProject;
  /** The flag's key before; null: there is none yet. */
  readonly oldKey: string | null;
  readonly newKey: string;
  readonly dependents: readonly string[];
}

/** What changes for one subject. */
export interface Compared {
  readonly distinctId: string;
  readonly from: boolean | string;
  readonly to: boolean | string;
  /** One of the two could not be evaluated, so that nothing is known. */
  readonly failed: boolean;
  /** Dependents that change, too. */
  readonly dependents: readonly string[];
}

/** So many are evaluated side by side: their look-ups share statements. */
const AT_ONCE = 50;

/**
 * Compares until time is over; what other work waits for comes in between.
 *
 * @param until on the clock of `performance.now()`
 */
export async function compareAll(
  comparison: Comparison,
  requests: readonly Omit<EvaluationRequest, 'now'>[],
  now: number,
  until: number,
): Promise<readonly Compared[]> {
  const compared: Compared[] = [];
  for (let at = 0; at < requests.length && (at === 0 || performance.now() < until); at += AT_ONCE) {
    const some = requests.slice(at, at + AT_ONCE);
    compared.push(...(await Promise.all(some.map((request) => compare(comparison, { ...request, now })))));
    await turn();
  }
  return compared;
}

async function compare(comparison: Comparison, request: EvaluationRequest): Promise<Compared> {
  const { before, after, oldKey, newKey, dependents } = comparison;
  const [old, fresh] = await Promise.all([
    results(before, request, oldKey === null ? dependents : [oldKey, ...dependents]),
    results(after, request, [newKey, ...dependents]),
  ]);
  const [from, to] = [oldKey === null ? undefined : old.get(oldKey), fresh.get(newKey)];
  return {
    distinctId: request.distinctId,
    from: from?.value ?? false,
    to: to?.value ?? false,
    failed: from?.failed === true || to?.failed === true,
    dependents: dependents.filter((key) => isChanged(old.get(key), fresh.get(key))),
  };
}

function isChanged(old: FlagResult | undefined, fresh: FlagResult | undefined): boolean {
  if (old?.failed === true || fresh?.failed === true) return false;
  return (old?.value ?? false) !== (fresh?.value ?? false);
}

async function results(
  project: CompiledProject,
  request: EvaluationRequest,
  flagKeys: readonly string[],
): Promise<ReadonlyMap<string, FlagResult>> {
  const evaluation = await project.evaluate({ ...request, flagKeys, skipWrites: true });
  return new Map(evaluation.results.map((result) => [result.flag.key, result]));
}
