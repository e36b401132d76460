import { inspect } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { FactFixture } from '../testing/fact-fixture.ts';
import { poolerPassword, skipWithoutPgBouncer, startPgBouncer, type TestPgBouncer } from '../testing/pgbouncer.ts';
import { createRouter } from './router.ts';
import type { RouterSettings } from './router-settings.ts';

describe('behind PgBouncer in transaction mode', () => {
  const fixture = new FactFixture();
  let pooler: TestPgBouncer | undefined;
  const routers: { close(): Promise<void> }[] = [];
  let log: string[] = [];

  beforeEach(async (context) => {
    skipWithoutPgBouncer(context);
    log = [];
    pooler = await startPgBouncer(fixture.url);
  });

  afterEach(async () => {
    await Promise.all(routers.splice(0).map((router) => router.close()));
    await pooler?.stop();
  });

  function open(settings: Partial<RouterSettings> = {}) {
    const router = createRouter({
      write: pooler?.url ?? '',
      log: (level, message, fields) => log.push(`${level}: ${message} ${inspect(fields)}`),
      ...settings,
    });
    routers.push(router);
    const source = fixture.source(router);
    return { router, source };
  }

  const person = { keys: ['email'], createdAt: false };

  it('finds out by itself that prepared statements get lost, says so once, and answers everybody', async () => {
    const [one, two] = [open().source, open().source];
    for (let round = 0; round < 5; round += 1) {
      const all = await Promise.all(
        [one, two].flatMap((source) => Array.from({ length: 20 }, () => source.load(fixture.plan({ person })))),
      );
      for (const facts of all) expect(facts.person).toMatchObject({ properties: { email: 'ann@example.com' } });
    }
    expect(fixture.errors).toEqual([]);
    const said = log.filter((line) => line.includes('prepared statements'));
    expect(said.length).toBeGreaterThanOrEqual(1);
    expect(said.length).toBeLessThanOrEqual(2); // each of the two
  });

  it('with prepared statements switched off there is nothing to find out', async () => {
    const [one, two] = [open({ prepare: false }).source, open({ prepare: false }).source];
    for (const source of [one, two, one]) {
      expect(await source.load(fixture.everything())).toMatchObject({ stickyKeys: new Map([['old', 'first']]) });
    }
    expect(log.filter((line) => line.includes('prepared statements'))).toEqual([]);
  });

  it('goes on without the start-up time-out that the pooler refuses, and says so once', async () => {
    const { router, source } = open({ prepare: false });
    await source.load(fixture.plan({ person }));
    await router.mainReader.query({ text: 'select 1', values: [] });
    expect(fixture.errors).toEqual([]);
    expect(log.filter((line) => line.includes('time-outs'))).toHaveLength(1);
  });

  it('still gives up on a statement that takes too long', async () => {
    const { router } = open({ prepare: false, ...fixture.impatient });
    const slow = router.mainReader.query({ text: 'select pg_sleep(10)', values: [] });
    await expect(slow).rejects.toMatchObject({ kind: 'timeout', pool: 'non-persons reader' });
    expect(await router.mainReader.query({ text: `select 'x' as x`, values: [] })).toEqual([{ x: 'x' }]);
  });

  it('D117: stores sticky keys', async () => {
    const { source } = open();
    const facts = await source.load(fixture.writing('old', 'new'));
    expect(facts.stickyKeys).toEqual(new Map(Object.entries({ old: 'first', new: 'visitor' })));
  });

  it('keeps many statements of many connections apart', async () => {
    const { router } = open({ prepare: false });
    const numbers = Array.from({ length: 300 }, (_, n) => String(n));
    const rows = await Promise.all(
      numbers.map((n) => router.mainReader.query({ text: 'select $1::text as n', values: [n] })),
    );
    expect(rows.map(([row]) => row?.['n'])).toEqual(numbers);
  });

  it('a wrong password is an error that shows neither', async () => {
    const { router } = open({ write: (pooler?.url ?? '').replace(poolerPassword, 'wr0ng-secret') });
    const error: unknown = await router.mainReader
      .query({ text: 'select 1', values: [] })
      .catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ pool: 'non-persons reader' });
    const shown = inspect(error, { depth: Infinity, showHidden: true });
    expect(shown).toContain('non-persons reader');
    expect(shown + log.join()).not.toMatch(/wr0ng-secret|corr3ct-h0rse/);
  });
});
