import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { ask } from '../testing/ask.ts';
import { startTcpProxy } from '../testing/tcp-proxy.ts';
import { createTestDatabase, type TestDatabase } from '../testing/throwaway-postgres.ts';
import type { Statement } from '../statements/statement.ts';
import { waitUntil } from '../testing/wait-until.ts';
import { Transactions, type Work } from './transactions.ts';
import { UnknownOutcomeError } from './unknown-outcome-error.ts';

const sql = (text: string): Statement => ({ text, values: [] });

describe('transactions', () => {
  let database: TestDatabase;
  let store: Transactions;

  beforeAll(async () => {
    database = await createTestDatabase({ empty: true });
    store = new Transactions(database.url, { size: 2, waitMs: 100 });
    await ask(database.url, 'create table note (id integer primary key, text text)');
  });
  beforeEach(() => ask(database.url, 'truncate note'));
  afterAll(async () => {
    await store.close();
    await database.drop();
  });

  const notes = () => ask(database.url, 'select text from note order by id');

  it('keep all of what is done, or nothing of it', async () => {
    const both = function* both(): Work<string> {
      yield sql(`insert into note values (1, 'one')`);
      const rows = yield sql(`insert into note values (2, 'two') returning id`);
      return rows[0]?.['id'] ?? '';
    };
    expect(await store.write(both)).toBe('2');
    expect(await notes()).toEqual(['one', 'two']);
    await expect(store.write(both)).rejects.toMatchObject({ name: 'StoreError', code: '23505' });
    const failing = function* failing(): Work<never> {
      yield sql(`insert into note values (3, 'three')`);
      throw new Error('after the statement');
    };
    await expect(store.write(failing)).rejects.toThrow('after the statement');
    expect(await notes()).toEqual(['one', 'two']);
  });

  it('hand a statement that fails to whoever asked it', async () => {
    const saved = await store.write(function* saving(): Work<string> {
      yield sql('savepoint here');
      try {
        yield sql('select * from nowhere');
      } catch {
        yield sql('rollback to savepoint here');
      }
      yield sql(`insert into note values (1, 'still')`);
      return 'went on';
    });
    expect(saved).toBe('went on');
    expect(await notes()).toEqual(['still']);
  });

  it('see one moment where they only read, and write nothing there', async () => {
    const seen = await store.read(function* reading(): Work<unknown[]> {
      const before = yield sql('select count(*) as n from note');
      const after = yield sql('select pg_sleep(0.05)::text, (select count(*) from note)::text as n');
      return [before[0]?.['n'], after[0]?.['n']];
    });
    expect(seen).toEqual(['0', '0']);
    const writing = store.read(function* writing(): Work<void> {
      yield sql(`insert into note values (1, 'no')`);
    });
    await expect(writing).rejects.toMatchObject({ code: '25006' });
  });

  it('begin again after a deadlock', async () => {
    await ask(database.url, `insert into note values (1, ''), (2, '')`);
    let begun = 0;
    const update = (first: number, second: number) =>
      store.write(function* updating(): Work<void> {
        begun += 1;
        yield sql(`update note set text = text || 'x' where id = ${first}`);
        // The other one holds its row by then; both want the other's.
        yield sql(`select pg_sleep(${begun > 2 ? 0 : 0.7})`);
        yield sql(`update note set text = text || 'x' where id = ${second}`);
      });
    await Promise.all([update(1, 2), update(2, 1)]);
    // On a busy machine the one that begins again may meet the other once more.
    expect(begun).toBeGreaterThanOrEqual(3);
    expect(await notes()).toEqual(['xx', 'xx']);
  });

  it('wait for a place so long and no longer, and go on when there is one', async () => {
    const slow = () =>
      store.write(function* sleeping(): Work<void> {
        yield sql('select pg_sleep(0.4)');
      });
    const taken = [slow(), slow()];
    await expect(slow()).rejects.toMatchObject({ kind: 'no_more_connections' });
    await Promise.all(taken);
    await slow();
  });

  it('fail while the server is away, and work when it is back', async () => {
    const proxy = await startTcpProxy(database.url);
    const through = new Transactions(proxy.url, { size: 1 });
    const one = () =>
      through.write(function* asking(): Work<string | null | undefined> {
        return (yield sql('select 1 as n'))[0]?.['n'];
      });
    expect(await one()).toBe('1');
    proxy.cut();
    expect(await one()).toBe('1');
    await proxy.refuse();
    await expect(one()).rejects.toMatchObject({ name: 'StoreError', kind: 'unavailable' });
    await proxy.accept();
    expect(await one()).toBe('1');
    await through.close();
    await proxy.refuse();
  });

  it('say when nobody knows how they ended, and only then', async () => {
    let cutAt = 'commit';
    const proxy = await startTcpProxy(database.url, () => ({
      // What was sent before is passed on; no answer to it arrives.
      sent: (chunk) => void (chunk.includes(cutAt) && proxy.freeze()),
      received: () => undefined,
    }));
    const through = new Transactions(proxy.url, { size: 1 });
    const writing = (id: number) =>
      through.write(function* noting(): Work<void> {
        yield sql(`insert into note values (${id}, 'at the end')`);
      });
    const broken = async (work: Promise<void>): Promise<unknown> => {
      const failed = work.then(
        () => 'went well',
        (error: unknown) => error,
      );
      await waitUntil(() => proxy.frozen);
      if (cutAt === 'commit') await waitUntil(async () => (await notes()).length > 0);
      proxy.cut();
      proxy.thaw();
      return failed;
    };
    expect(await broken(writing(1))).toBeInstanceOf(UnknownOutcomeError);
    expect(await notes()).toEqual(['at the end']);
    cutAt = 'insert';
    const error = await broken(writing(2));
    expect(error).toMatchObject({ name: 'StoreError', kind: 'unavailable' });
    expect(error).not.toBeInstanceOf(UnknownOutcomeError);
    expect(await notes()).toEqual(['at the end']);
    await through.close();
    await proxy.refuse();
  });
});
