import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ask } from './ask.ts';
import { type ReplicatedPostgres, startReplica } from './replica.ts';

describe('a replica for tests', () => {
  let servers: ReplicatedPostgres;

  beforeAll(async () => {
    servers = await startReplica();
  });

  afterAll(() => servers.stop());

  it('gets what the primary gets, as late as it is told to', async () => {
    await ask(servers.primary, 'create table note (text text)', `insert into note values ('early')`);
    await servers.caughtUp();
    expect(await ask(servers.replica, 'select text, pg_is_in_recovery() from note')).toEqual(['early', true]);
    await servers.delay(600_000);
    await ask(servers.primary, `insert into note values ('late')`);
    await new Promise((resolve) => {
      setTimeout(resolve, 300);
    });
    expect(await ask(servers.replica, 'select text from note')).toEqual(['early']);
    await servers.delay(0);
    await servers.caughtUp();
    expect(await ask(servers.replica, 'select text from note')).toEqual(['early', 'late']);
  });
});
