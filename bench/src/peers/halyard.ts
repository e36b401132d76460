import type { JsonValue } from '@halyard/json';
import { compile, evaluate, fromLocalEvaluation } from '@halyard/engine';
import type { Contender } from '../contender.ts';
import type { UserRow, Workload } from '../workload.ts';

/** The engine: definitions compiled, one `evaluate` per user. */
export function halyard({ flags }: Workload): Promise<Contender> {
  const program = compile(
    fromLocalEvaluation({ flags: flags as unknown as JsonValue, cohorts: {}, group_type_mapping: {} }),
  );
  const run = (user: UserRow) => evaluate(program, user);
  return Promise.resolve({
    name: 'halyard',
    values: (user) => Promise.resolve(Object.fromEntries(run(user).results.map((one) => [one.flag.key, one.value]))),
    round(users) {
      let on = 0;
      for (const user of users) for (const { enabled } of run(user).results) if (enabled) on++;
      return on;
    },
    close: () => Promise.resolve(),
  });
}
