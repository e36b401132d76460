import { readFileSync } from 'node:fs';
import { ask, createTestDatabase, type TestDatabase } from '@halyard/data/testing';
import { fromLocalEvaluation, ProjectWriter } from 'halyard/host';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Service, startService } from './compose.ts';
import { createLog } from './operate/log/logger.ts';
import { readSettings } from './operate/settings/read-settings.ts';

const DOCS = new URL('../../../docs/stand-alone.md', import.meta.url);
const token = 'phc_mine';
const variants = ['red', 'blue'].map((key) => ({ key, rollout_percentage: 50 }));
const flag = {
  id: 1,
  key: 'colour',
  active: true,
  ensure_experience_continuity: true,
  filters: { groups: [{ rollout_percentage: 100 }], multivariate: { variants } },
};
const visitors = Array.from({ length: 12 }, (_, i) => ({ anonymous: `anon${i}`, user: `user${i}` }));

describe('on a database of its own, with events dropped', () => {
  let database: TestDatabase;
  let service: Service;
  beforeEach(async () => {
    database = await createTestDatabase();
    const writer = await ProjectWriter.open(database.url);
    await writer.importDefinitions(fromLocalEvaluation({ flags: [flag] }), { token });
    await writer.close();
    const settings = readSettings({
      DATABASE_URL: database.url,
      PORT: '0',
      HALYARD_INGEST: 'off',
      LOG_LEVEL: 'silent',
    });
    service = await startService(settings, { log: createLog('silent', 2), onProgress: () => undefined });
  });
  afterEach(async () => {
    await service.close();
    await database.drop();
  });

  async function colour(distinctId: string, before?: string): Promise<unknown> {
    const body = { token, distinct_id: distinctId, ...(before === undefined ? {} : { $anon_distinct_id: before }) };
    const response = await fetch(`${service.url}/flags?v=2`, { method: 'POST', body: JSON.stringify(body) });
    return ((await response.json()) as { flags: { colour: { variant: unknown } } }).flags.colour.variant;
  }

  /** How many visitors see another variant, at the sign-in or after it, than before. */
  async function changed(): Promise<number> {
    let count = 0;
    for (const { anonymous, user } of visitors) {
      const identify = {
        api_key: token,
        event: '$identify',
        distinct_id: user,
        properties: { $anon_distinct_id: anonymous },
      };
      const seen = [await colour(anonymous), await colour(user, anonymous)];
      await fetch(`${service.url}/e`, { method: 'POST', body: JSON.stringify(identify) });
      seen.push(await colour(user));
      if (new Set(seen).size > 1) count++;
    }
    return count;
  }

  it('D66: a person that is written as the documents say keeps its variant when it signs in', async () => {
    const sql = /```sql\n([^`]*)```/.exec(readFileSync(DOCS, 'utf8'))?.[1] ?? '';
    await ask(database.url, ...visitors.map(({ user }) => sql.replace("'ada'", `'${user}'`)));
    expect(await changed()).toBe(0);
    // A second person for the same id is refused, as the documents say.
    await expect(ask(database.url, sql.replace("'ada'", "'user0'"))).rejects.toThrow('duplicate key');
    expect(await ask(database.url, 'select count(*)::int from posthog_person')).toEqual([visitors.length]);
  });

  it('D66: without persons there is nothing to store a key with, so about half of two even variants change', async () => {
    expect(await changed()).toBeGreaterThan(visitors.length / 4);
  });
});
