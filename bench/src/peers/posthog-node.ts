import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { PostHog } from 'posthog-node';
import type { Contender } from '../contender.ts';
import type { UserRow, Workload } from '../workload.ts';

/** posthog-node's local evaluation. It only takes definitions from a server, so it gets one for the moment of loading. */
export async function posthogNode({ flags }: Workload): Promise<Contender> {
  const body = JSON.stringify({ flags, group_type_mapping: {}, cohorts: {} });
  const server = createServer((_request, response) => {
    response.setHeader('content-type', 'application/json').end(body);
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const { port } = server.address() as AddressInfo;
  const client = new PostHog('phc_bench', {
    host: `http://127.0.0.1:${port}`,
    secretKey: 'phx_bench',
    featureFlagsPollingInterval: 3_600_000,
    disableGeoip: true,
  });
  await client.waitForLocalEvaluationReady(10_000);
  const ask = (user: UserRow) =>
    client.getAllFlags(user.distinctId, {
      personProperties: user.personProperties,
      onlyEvaluateLocally: true,
    });
  return {
    name: 'posthog-node',
    values: ask,
    async round(users) {
      let on = 0;
      for (const user of users) for (const value of Object.values(await ask(user))) if (value !== false) on++;
      return on;
    },
    async close() {
      await client.shutdown();
      server.closeAllConnections();
      server.close();
    },
  };
}
