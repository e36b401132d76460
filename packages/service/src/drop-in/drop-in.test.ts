import { readFileSync } from 'node:fs';
import { Writable } from 'node:stream';
import { ask, createTestDatabase, type TestDatabase, waitUntil } from '@halyard/data/testing';
import { pino } from 'pino';
import { afterEach, describe, expect, it } from 'vitest';
import { problemOf } from '../cli/problem-line.ts';
import { type Service, startService } from '../compose.ts';
import type { Log } from '../operate/log/logger.ts';
import { OutageLines } from '../operate/log/outage-lines.ts';
import { readSettings } from '../operate/settings/read-settings.ts';
import { ages, contextTables, inTheMove, publicToken } from './posthog-schema.cases.ts';

interface LogLine {
  readonly level: number;
  readonly msg: string;
}

const DOCS = new URL('../../../../docs/drop-in.md', import.meta.url);

/** Of the levels of pino. */
const INFO = 30;

describe('in the place of the reference, on a database that PostHog made', () => {
  const databases: TestDatabase[] = [];
  let service: Service | undefined;
  const lines: LogLine[] = [];

  afterEach(async () => {
    await service?.close();
    service = undefined;
    lines.length = 0;
    await Promise.all(databases.splice(0).map((one) => one.drop()));
  });

  async function database(statements: readonly string[]): Promise<string> {
    const made = await createTestDatabase({ empty: true });
    databases.push(made);
    if (statements.length > 0) await ask(made.url, ...statements);
    return made.url;
  }

  async function start(env: Record<string, string>): Promise<void> {
    const logger = pino({}, new Writable({ write: (chunk, _encoding, done) => done(void lines.push(parse(chunk))) }));
    const log: Log = { logger, outages: new OutageLines(logger), line: () => undefined, flush: () => undefined };
    const settings = readSettings({ PORT: '0', ...env });
    service = await startService(settings, { log, onProgress: () => undefined });
  }

  const parse = (chunk: unknown) => JSON.parse(String(chunk)) as LogLine;
  const said = () => lines.filter(({ level }) => level === INFO).map(({ msg }) => msg);
  const warned = () => lines.filter(({ level }) => level > INFO).map(({ msg }) => msg);

  async function flagsOf(distinctId: string, body: object = {}): Promise<Record<string, boolean>> {
    const response = await fetch(`${service?.url}/flags?v=2`, {
      method: 'POST',
      body: JSON.stringify({ token: publicToken, distinct_id: distinctId, groups: { organization: 'acme' }, ...body }),
    });
    const answer = (await response.json()) as {
      flags: Record<string, { enabled: boolean; metadata: { id: number } }>;
      errorsWhileComputingFlags: boolean;
    };
    expect(answer.errorsWhileComputingFlags).toBe(false);
    return Object.fromEntries(Object.entries(answer.flags).map(([key, { enabled }]) => [key, enabled]));
  }

  /** Whatever SDKs send that would change persons and groups. */
  async function sendEvents(): Promise<void> {
    const properties = { $set: { plan: 'free' }, $anon_distinct_id: 'visitor', $groups: { team: 'x' } };
    const batch = [
      { event: '$identify', distinct_id: 'ann', properties },
      { event: '$create_alias', distinct_id: 'ann', properties: { alias: 'nobody' } },
      {
        event: '$groupidentify',
        distinct_id: 'ann',
        properties: { $group_type: 'organization', $group_key: 'acme', $group_set: {} },
      },
      {
        event: '$feature_flag_called',
        distinct_id: 'ann',
        properties: { $feature_flag: 'for-all', $feature_flag_response: true },
      },
    ];
    for (const path of ['/batch/', '/e/', '/i/v0/e/', '/capture/', '/engage/', '/i/v1/analytics/events']) {
      const response = await fetch(`${service?.url}${path}`, {
        method: 'POST',
        body: JSON.stringify({ api_key: publicToken, batch }),
      });
      expect([response.status, await response.json()]).toEqual([200, { status: 1 }]);
    }
  }

  const right = {
    'for-all': true,
    'by-plan': true,
    'by-members': true,
    'by-group': true,
    kept: true,
    'for-docs': true,
  };

  describe.each(ages)('$name', ({ main, persons, found, contexts }) => {
    it('D4, D44: is served read-only, and not a row, table or index is touched', async () => {
      const url = await database([...main, ...persons]);
      // Whoever tries to write gets an error.
      await ask(
        url,
        `do $$ begin execute format('alter database %I set default_transaction_read_only = on', current_database()); end $$`,
      );
      const before = await digest(url);
      await start({ DATABASE_URL: url, HALYARD_READ_ONLY: 'true' });
      expect(said()).toEqual([found, 'events: accepted and dropped, HALYARD_READ_ONLY is set']);
      expect(await flagsOf('ann')).toEqual(right);
      // A visitor who signs in: a key would be stored here.
      expect(await flagsOf('ann', { $anon_distinct_id: 'second visit' })).toEqual(right);
      expect(await flagsOf('nobody')).toMatchObject({ 'for-all': true, 'by-plan': false, 'by-members': false });
      expect(warned()).toEqual([]);
      expect(await digest(url)).toEqual(before);
    });

    it('D26, I1, I2: stores keys of experience continuity, and nothing else, whatever events say', async () => {
      const url = await database([...main, ...persons, 'delete from posthog_featureflaghashkeyoverride']);
      const before = await digest(url);
      await start({ DATABASE_URL: url });
      expect(said()).toEqual([found, 'events: accepted and dropped, the tables belong to PostHog']);
      // Scenario 87: events change nothing.
      await sendEvents();
      expect((await flagsOf('ann', { $anon_distinct_id: 'visitor' }))['kept']).toBe(true);
      expect(
        await ask(
          url,
          'select team_id, person_id::int, feature_flag_key, hash_key from posthog_featureflaghashkeyoverride',
        ),
      ).toEqual([3, 11, 'kept', 'visitor']);
      expect((await flagsOf('ann'))['kept']).toBe(true);
      const after = await digest(url);
      const changed = after.filter((line) => !before.includes(line)).map((line) => line.split(' ')[0]);
      expect(changed).toEqual(['posthog_featureflaghashkeyoverride', 'posthog_featureflaghashkeyoverride_id_seq']);
      expect(warned()).toEqual([]);
    });

    it('D5: is served with the persons in a database of their own', async () => {
      const [mainUrl, personsUrl] = [await database(main), await database(persons)];
      const before = [await digest(mainUrl), await digest(personsUrl)];
      await start({
        DATABASE_URL: mainUrl,
        PERSONS_READ_DATABASE_URL: personsUrl,
        PERSONS_WRITE_DATABASE_URL: personsUrl,
      });
      expect(said()[0]).toBe(found);
      await sendEvents();
      expect(await flagsOf('ann')).toEqual(right);
      expect(warned()).toEqual([]);
      expect([await digest(mainUrl), await digest(personsUrl)]).toEqual(before);
    });

    it('D11, D12: flags of an evaluation context are for that context, where there are any', async () => {
      await start({ DATABASE_URL: await database([...main, ...persons]) });
      expect(await flagsOf('ann', { evaluation_contexts: ['docs'] })).toHaveProperty('for-docs', true);
      const elsewhere = await flagsOf('ann', { evaluation_contexts: ['shop'] });
      expect(Object.hasOwn(elsewhere, 'for-docs')).toBe(!contexts);
    });
  });

  it('docs/drop-in.md: the role that it makes has every right that is needed', async () => {
    const [newest] = ages.slice(-1);
    const url = await database([...(newest?.main ?? []), ...(newest?.persons ?? [])]);
    const role = `drop_in_${process.pid}`;
    const block = /```sql\n([^`]*)```/.exec(readFileSync(DOCS, 'utf8'))?.[1] ?? '';
    await ask(url, ...block.replaceAll('halyard', role).trim().split(/;\n?/).filter(Boolean));
    await ask(url, 'delete from posthog_featureflaghashkeyoverride');
    await start({ DATABASE_URL: url.replace('user=halyard', `user=${role}`) });
    expect(await flagsOf('ann', { $anon_distinct_id: 'visitor' })).toEqual(right);
    expect(await ask(url, 'select hash_key from posthog_featureflaghashkeyoverride')).toEqual(['visitor']);
    expect(warned()).toEqual([]);
    await service?.close();
    service = undefined;
    await ask(url, `drop owned by ${role}`, `drop role ${role}`);
  });

  it('I2: HALYARD_INGEST=on ends the start with one line (scenario 87)', async () => {
    const [newest] = ages.slice(-1);
    const url = await database([...(newest?.main ?? []), ...(newest?.persons ?? [])]);
    const before = await digest(url);
    const error: unknown = await start({ DATABASE_URL: url, HALYARD_INGEST: 'on' }).catch((reason: unknown) => reason);
    const { text, exitCode, unexpected } = problemOf(error, undefined);
    expect(text).toMatch(/^HALYARD_INGEST=on is not possible here: the tables belong to PostHog.*$/);
    expect([exitCode, unexpected]).toEqual([1, false]);
    expect(await digest(url)).toEqual(before);
  });

  it('D71: a sticky key that a deletion left behind is nobody’s', async () => {
    const [, withoutForeignKey] = ages;
    const orphan = `insert into posthog_featureflaghashkeyoverride (team_id, person_id, feature_flag_key, hash_key)
      values (3, 99, 'kept', 'orphan')`;
    const tables = [...(withoutForeignKey?.main ?? []), ...(withoutForeignKey?.persons ?? [])];
    const url = await database([...tables, orphan]);
    await start({ DATABASE_URL: url });
    expect(await flagsOf('ann', { $anon_distinct_id: 'orphan' })).toEqual(right);
    expect(await flagsOf('nobody')).toMatchObject({ 'for-all': true, 'by-plan': false });
    expect(await ask(url, 'select hash_key from posthog_featureflaghashkeyoverride order by id')).toEqual([
      'visitor',
      'orphan',
    ]);
    expect(warned()).toEqual([]);
  });

  it('D30: tombstones are nobody', async () => {
    const [newest] = ages.slice(-1);
    await start({ DATABASE_URL: await database([...(newest?.main ?? []), ...(newest?.persons ?? [])]) });
    expect(await flagsOf('gone')).toMatchObject({ 'for-all': true, 'by-plan': false });
  });

  it('D11, D30: goes on while PostHog is upgraded', async () => {
    const [, tagged] = ages;
    const url = await database([...(tagged?.main ?? []), ...(tagged?.persons ?? [])]);
    await start({ DATABASE_URL: url });
    expect(await flagsOf('ann', { evaluation_contexts: ['docs'] })).toEqual(right);
    await ask(
      url,
      'alter table posthog_featureflag alter key type text, drop rollout_percentage, add created_by_id integer',
      'alter table posthog_team alter id type bigint, drop slack_incoming_webhook',
      'alter table posthog_persondistinctid alter id type bigint, alter distinct_id type text, drop version',
      'alter table posthog_person alter created_at type timestamptz(3), add last_seen_at timestamptz',
      'alter table posthog_grouptypemapping alter group_type type text',
      'alter table posthog_featureflaghashkeyoverride alter hash_key type text',
      ...contextTables,
      `update posthog_evaluationcontext set name = 'manual'`,
      'drop table posthog_featureflagevaluationtag, posthog_tag',
    );
    const has = async () => Object.hasOwn(await flagsOf('ann', { evaluation_contexts: ['manual'] }), 'for-docs');
    await waitUntil(has);
    expect(await flagsOf('ann', { evaluation_contexts: ['manual'] })).toEqual(right);
    expect(await flagsOf('ann', { $anon_distinct_id: 'second visit' })).toEqual(right);
    expect(warned()).toEqual([]);
  });

  it('says which tables are missing', async () => {
    const [oldest] = ages;
    await start({ DATABASE_URL: await database([...(oldest?.main ?? []), 'drop table posthog_cohort']) });
    expect(warned()).toEqual([
      'tables are missing, so flags that need them fail: posthog_cohort, posthog_cohortpeople, ' +
        'posthog_featureflaghashkeyoverride, posthog_group, posthog_grouptypemapping, posthog_person, posthog_persondistinctid',
    ]);
  });

  it('D55: says that persons are being moved, since it reads the old table only', async () => {
    await start({ DATABASE_URL: await database(inTheMove) });
    expect(warned()).toEqual(['persons are in the middle of a move, and those in posthog_person_new are not seen']);
    expect(await flagsOf('ann')).toEqual({ ...right });
  });
});

/** One line per table, sequence, index, trigger and constraint: its shape, and the state of its rows. */
async function digest(url: string): Promise<string[]> {
  const shapes = await ask(
    url,
    `select text from (
       select relname || ' ' || relkind::text || ' ' || relfilenode || ' ' || relhastriggers || ' ' || coalesce((select
         string_agg(attname || ' ' || format_type(atttypid, atttypmod) || ' ' || attnotnull, ',' order by attnum)
         from pg_attribute a where a.attrelid = c.oid and attnum > 0), '') as text
         from pg_class c where relnamespace = 'public'::regnamespace
       union all
       select conname || ' constraint ' || pg_get_constraintdef(oid) from pg_constraint
        where connamespace = 'public'::regnamespace) shapes order by text`,
  );
  // A row that was written has another xmin, also when it is equal.
  const statements = await ask(
    url,
    `select case relkind
         when 'S' then format('select %L || last_value || is_called from %I', relname || ' value ', relname)
         else format($f$select %L || md5(coalesce(string_agg(t.xmin || ' ' || t::text, ',' order by t::text), '')) from %I t$f$,
           relname || ' rows ', relname) end
       from pg_class where relnamespace = 'public'::regnamespace and relkind in ('r', 'S') order by relname`,
  );
  const rows = await ask(url, statements.join(' union all '));
  return [...shapes, ...rows].map(String).sort();
}
