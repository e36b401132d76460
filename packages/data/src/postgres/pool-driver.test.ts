import { describeDriver } from '../conversation/driver.cases.ts';
import type { PoolName } from '../pool-names.ts';
import type { Executor } from './executor.ts';
import { PoolDriver } from './pool-driver.ts';

for (const merge of [true, false]) {
  describeDriver(`pools of this process, statements ${merge ? 'shared' : 'apart'}`, (pools) => {
    const executor = (pool: PoolName): Executor => ({ pool, query: (statement) => pools(pool, statement) });
    const driver = new PoolDriver(
      {
        'persons reader': executor('persons reader'),
        'persons writer': executor('persons writer'),
        'non-persons reader': executor('non-persons reader'),
        'non-persons writer': executor('non-persons writer'),
      },
      { merge },
    );
    return (conversation) => driver.run(conversation);
  });
}
