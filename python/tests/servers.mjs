// Real servers for the tests of the Python package that need more than the one of the run: `node servers.mjs replica`, `… killable` or
// `… pooler URL` or `… proxy URL`. Prints where they are as JSON, then an empty line after each command on its input is done; ends with its input.
import { renameSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { createTestDatabase, startPgBouncer, startReplica, startTcpProxy, startThrowawayPostgres } from '@halyard/data/testing';

const kinds = {
  async replica() {
    const servers = await startReplica();
    return {
      where: { primary: servers.primary, replica: servers.replica },
      commands: { delay: (ms) => servers.delay(Number(ms)), caughtUp: () => servers.caughtUp() },
      stop: () => servers.stop(),
    };
  },
  async killable() {
    // What it has confirmed survives the kill.
    const server = await startThrowawayPostgres({ synchronous_commit: 'on' });
    const { url } = await createTestDatabase({}, server.url);
    const data = join(server.folder, 'data');
    return {
      where: { url },
      commands: {
        // Without its data the server cannot be started again as fast as nobody would notice.
        kill() {
          renameSync(data, `${data}.away`);
          process.kill(server.pid, 'SIGKILL');
        },
        back: () => renameSync(`${data}.away`, data),
      },
      stop: () => server.stop(),
    };
  },
  async pooler(url) {
    const pooler = await startPgBouncer(url, { default_pool_size: 4 });
    return { where: { url: pooler.url }, commands: {}, stop: () => pooler.stop() };
  },
  async proxy(url) {
    const proxy = await startTcpProxy(url);
    const commands = {
      freeze: () => proxy.freeze(),
      thaw: () => proxy.thaw(),
      refuse: () => proxy.refuse(),
      accept: () => proxy.accept(),
    };
    return { where: { url: proxy.url }, commands, stop: () => proxy.refuse() };
  },
};

const [kind, ...rest] = process.argv.slice(2);
const { where, commands, stop } = await kinds[kind](...rest);
console.log(JSON.stringify(where));
for await (const line of createInterface({ input: process.stdin })) {
  const [command, ...words] = line.split(' ');
  await commands[command](...words);
  console.log();
}
await stop();
process.exit(0);
