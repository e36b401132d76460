import {
  ask,
  createTestDatabase,
  findProgram,
  onBuildServer,
  type TestDatabase,
  waitUntil,
} from '@halyard/data/testing';
import type { JsonObject, JsonValue } from '@halyard/json';
import { fromLocalEvaluation, ProjectWriter } from 'halyard/host';
import { type Browser, chromium } from 'playwright-core';
import type { OpenFeature } from '@openfeature/web-sdk';
import type { PostHogWebProvider } from '@posthog/openfeature-web-provider';
import type { PostHog } from 'posthog-js';
import { afterAll, beforeAll, describe, expect, it, type TestContext } from 'vitest';
import { type Service, startService } from '../compose.ts';
import { createLog } from '../operate/log/logger.ts';
import { readSettings } from '../operate/settings/read-settings.ts';
import { type PageServer, startPageServer } from './page-server.cases.ts';
import { openWatchedPage, type WatchedPage } from './watched-page.cases.ts';

/** What the functions handed to the browser find there. */
declare const window: {
  readonly posthog: PostHog;
  readonly openfeature: {
    readonly OpenFeature: typeof OpenFeature;
    readonly PostHogWebProvider: typeof PostHogWebProvider;
  };
  /** How often flags have come. */
  answers: number;
};

const program = findProgram('chromium');
const TOKEN = 'phc_browser';
const LOUD = 'phc_loud';

const condition = (property: JsonObject): JsonObject => ({
  groups: [{ properties: [property], rollout_percentage: 100 }],
});
const document: JsonValue = {
  flags: [
    {
      id: 1,
      key: 'everybody',
      active: true,
      filters: { groups: [{ rollout_percentage: 100 }], payloads: { true: '{"n":1}' } },
    },
    {
      id: 2,
      key: 'gold',
      active: true,
      filters: condition({ key: 'plan', type: 'person', operator: 'exact', value: ['gold'] }),
    },
    {
      id: 3,
      key: 'acme',
      active: true,
      filters: {
        aggregation_group_type_index: 0,
        ...condition({ key: 'name', type: 'group', group_type_index: 0, operator: 'exact', value: ['Acme'] }),
      },
    },
    {
      id: 4,
      key: 'colour',
      active: true,
      ensure_experience_continuity: true,
      filters: {
        groups: [{ rollout_percentage: 100 }],
        multivariate: {
          variants: Array.from({ length: 10 }, (_, i) => ({ key: `colour-${i}`, rollout_percentage: 10 })),
        },
      },
    },
    { id: 5, key: 'beta', active: true, filters: { groups: [{ rollout_percentage: 0 }], feature_enrollment: true } },
  ],
  group_type_mapping: { '0': 'company' },
};
const facts = {
  persons: [{ distinctIds: ['ada'], properties: {} }],
  groups: [{ index: 0, key: 'acme', properties: { name: 'Acme' } }],
};

describe('posthog-js, as it is published, in a browser', () => {
  let database: TestDatabase;
  let service: Service;
  let site: PageServer;
  let browser: Browser;

  const skipWithoutBrowser = (context: TestContext): void => {
    const reason = 'NOT RUN: Chromium is not installed (Debian: chromium)';
    if (program === null && onBuildServer) throw new Error(reason);
    context.skip(program === null, reason);
  };

  beforeAll(async () => {
    if (program === null) return;
    [database, site] = await Promise.all([createTestDatabase(), startPageServer()]);
    const writer = await ProjectWriter.open(database.url);
    await writer.importDefinitions(fromLocalEvaluation(document), { token: TOKEN, facts });
    await writer.importDefinitions(fromLocalEvaluation({ flags: [] }), { token: LOUD });
    await writer.close();
    await ask(
      database.url,
      `insert into posthog_earlyaccessfeature (team_id, feature_flag_id, name, stage)
       select team_id, id, 'The new editor', 'beta' from posthog_featureflag where key = 'beta'`,
      `update posthog_team set session_recording_opt_in = true, autocapture_exceptions_opt_in = true, capture_dead_clicks = true,
       autocapture_web_vitals_opt_in = true, heatmaps_opt_in = true where api_token = '${LOUD}'`,
    );
    const settings = readSettings({ DATABASE_URL: database.url, PORT: '0' });
    service = await startService(settings, { log: createLog('silent', 2), onProgress: () => undefined });
    browser = await chromium.launch({
      executablePath: program,
      args: ['--no-sandbox', '--disable-dev-shm-usage', '--disable-blink-features=AutomationControlled'],
    });
  });

  afterAll(async () => {
    await browser?.close();
    await Promise.all([service?.close(), site?.close()]);
    await database?.drop();
  });

  /** Begins the SDK in a page and waits for its first flags. */
  async function begin(watched: WatchedPage, options: object = {}, token = TOKEN): Promise<void> {
    await watched.page.goto(site.url);
    await watched.page.waitForFunction(() => 'posthog' in window);
    await watched.page.evaluate(
      ([name, host, more]) =>
        new Promise<void>((resolve) => {
          window.posthog.init(name, { api_host: host, ...more });
          window.answers = 0;
          window.posthog.onFeatureFlags(() => {
            window.answers += 1;
            resolve();
          });
        }),
      [token, service.url, options] as const,
    );
  }

  /** Does something after which flags are asked for again, and tells a flag's value then. */
  async function after(watched: WatchedPage, act: () => void, key: string): Promise<unknown> {
    const before = await watched.page.evaluate(() => window.answers);
    await watched.page.evaluate(act);
    await watched.page.waitForFunction((count) => window.answers > count, before);
    return valueOf(watched, key);
  }

  const valueOf = (watched: WatchedPage, key: string): Promise<unknown> =>
    watched.page.evaluate((name) => window.posthog.getFeatureFlag(name), key);

  it('H207, H240: loads configuration and flags, follows groups, properties and a sign-in, and nothing fails', async (context) => {
    skipWithoutBrowser(context);
    const watched = await openWatchedPage(browser, service.url);
    await begin(watched);
    expect(await valueOf(watched, 'everybody')).toBe(true);
    expect(await watched.page.evaluate(() => window.posthog.getFeatureFlagResult('everybody')?.payload)).toEqual({
      n: 1,
    });
    expect(await valueOf(watched, 'gold')).toBe(false);
    expect(await after(watched, () => window.posthog.setPersonPropertiesForFlags({ plan: 'gold' }), 'gold')).toBe(true);
    expect(await after(watched, () => window.posthog.group('company', 'acme'), 'acme')).toBe(true);
    const colour = await valueOf(watched, 'colour');
    expect(colour).toMatch(/^colour-/);
    expect(await after(watched, () => window.posthog.identify('ada'), 'colour')).toBe(colour);
    const events = watched.page.waitForResponse((response) => new URL(response.url()).pathname === '/i/v0/e/');
    await watched.page.click('#buy');
    await watched.page.evaluate(() => void window.posthog.capture('bought'));
    expect((await events).status()).toBe(200);
    expect(watched.asked).toContain(`GET /array/${TOKEN}/config.js`);
    // With nothing switched on no further script is needed, so that none is missed where the package is not installed.
    expect(watched.asked.filter((line) => line.includes('/static/'))).toEqual([]);
    // The stored key decides from now on, whoever asks.
    await begin(watched);
    expect(await valueOf(watched, 'colour')).toBe(colour);
    expect(watched.troubles).toEqual([]);
    await watched.close();
  });

  it('I80, I83, I103: a visitor signs in, and the next /flags of any SDK anywhere targets the stored person', async (context) => {
    skipWithoutBrowser(context);
    const watched = await openWatchedPage(browser, service.url);
    // Its own filter of bots keeps it from sending events otherwise.
    await begin(watched, { opt_out_useragent_filter: true });
    const visitor = await watched.page.evaluate(() => {
      const { posthog } = window;
      const id = posthog.get_distinct_id();
      posthog.identify('grace', { plan: 'gold' }, { first: 'ad' });
      posthog.group('company', 'globex', { name: 'Acme' });
      posthog.alias('grace-elsewhere');
      return id;
    });
    /** What an SDK gets that says nothing but ids. */
    const elsewhere = async (id: string): Promise<unknown[]> => {
      const body = JSON.stringify({ token: TOKEN, distinct_id: id, groups: { company: 'globex' } });
      const response = await fetch(`${service.url}/flags?v=1`, { method: 'POST', body });
      const { featureFlags } = (await response.json()) as { featureFlags: Record<string, unknown> };
      return [featureFlags['gold'], featureFlags['acme']];
    };
    for (const id of ['grace', visitor, 'grace-elsewhere']) {
      await expect.poll(() => elsewhere(id), { timeout: 30_000 }).toEqual([true, true]);
    }
    await watched.page.evaluate(() => window.posthog.unsetPersonProperties(['plan']));
    await expect.poll(() => elsewhere('grace'), { timeout: 30_000 }).toEqual([false, true]);
    expect(
      await ask(
        database.url,
        `select p.is_identified || ' ' || (p.properties ->> 'first') || ' ' || (p.properties ? '$initial_current_url') || ' ' || count(*)
           from posthog_person p join posthog_persondistinctid d on d.person_id = p.id
          where p.id = (select person_id from posthog_persondistinctid where distinct_id = 'grace') group by p.id, p.is_identified, p.properties`,
      ),
    ).toEqual(['true ad true 3']);
    expect(watched.troubles).toEqual([]);
    await watched.close();
  });

  it('H240: the OpenFeature provider for browsers, as it is published, decides the same and follows its context', async (context) => {
    skipWithoutBrowser(context);
    const watched = await openWatchedPage(browser, service.url);
    await begin(watched);
    const load = "import * as openfeature from '/openfeature.js'; window.openfeature = openfeature;";
    await watched.page.addScriptTag({ type: 'module', content: load });
    await watched.page.waitForFunction(() => 'openfeature' in window);
    const decided = await watched.page.evaluate(async () => {
      const { OpenFeature: api, PostHogWebProvider: Provider } = window.openfeature;
      await api.setProviderAndWait(new Provider(window.posthog));
      const client = api.getClient();
      const values = () => [client.getBooleanValue('gold', false), client.getBooleanValue('acme', false)];
      const before = values();
      await api.setContext({ plan: 'gold', groups: { company: 'acme' } });
      return {
        before,
        after: values(),
        colour: client.getStringValue('colour', ''),
        payload: client.getObjectValue('everybody', {}),
        unknown: client.getBooleanDetails('nothing', true).errorCode,
      };
    });
    expect(decided).toEqual({
      before: [false, false],
      after: [true, true],
      colour: expect.stringMatching(/^colour-/) as string,
      payload: { n: 1 },
      unknown: 'FLAG_NOT_FOUND',
    });
    expect(watched.troubles).toEqual([]);
    await watched.close();
  });

  it('H244: early access features are listed, and enrolling in one turns its flag on', async (context) => {
    skipWithoutBrowser(context);
    const watched = await openWatchedPage(browser, service.url);
    await begin(watched);
    const features = await watched.page.evaluate(
      () =>
        new Promise((resolve) => {
          window.posthog.getEarlyAccessFeatures(resolve, true);
        }),
    );
    expect(features).toMatchObject([{ name: 'The new editor', stage: 'beta', flagKey: 'beta', documentationUrl: '' }]);
    expect(await valueOf(watched, 'beta')).toBe(false);
    const enrol = (): void => window.posthog.updateEarlyAccessFeatureEnrollment('beta', true);
    expect(await after(watched, enrol, 'beta')).toBe(true);
    expect(watched.troubles).toEqual([]);
    await watched.close();
  });

  it('H245: a page without a bundler has the SDK from /static, and flags that the page brought until others come', async (context) => {
    skipWithoutBrowser(context);
    const watched = await openWatchedPage(browser, service.url);
    await watched.page.goto(`${site.url}/snippet?host=${encodeURIComponent(service.url)}&token=${TOKEN}`);
    await watched.page.waitForFunction(
      () => window.posthog.getFeatureFlag?.('everybody', { send_event: false }) === true,
    );
    expect(watched.asked).toContain('GET /static/array.js');
    const bootstrap = { distinctID: 'grace', featureFlags: { gold: 'brought' } };
    const brought = await watched.page.evaluate(
      ([host, token, flags]) => {
        const other = window.posthog.init(token, { api_host: host, bootstrap: flags, persistence: 'memory' }, 'other');
        return [other.getFeatureFlag('gold'), other.get_distinct_id()];
      },
      [service.url, TOKEN, bootstrap] as const,
    );
    expect(brought).toEqual(['brought', 'grace']);
    expect(watched.troubles).toEqual([]);
    await watched.close();
  });

  it('H159, H245: with recording, exceptions, dead clicks, heatmaps and web vitals on, all their scripts are there', async (context) => {
    skipWithoutBrowser(context);
    const watched = await openWatchedPage(browser, service.url);
    await begin(watched, { defaults: '2026-05-30' }, LOUD);
    await watched.page.click('#buy');
    const parts = ['dead-clicks-autocapture', 'exception-autocapture', 'lazy-recorder', 'web-vitals-with-attribution'];
    const isThere = (part: string): boolean => watched.answered.some((line) => line.endsWith(`/${part}.js`));
    await waitUntil(() => watched.answered.includes('200 /s/') && parts.every(isThere));
    expect(watched.answered).toContain('200 /s/');
    expect(parts.filter((part) => !isThere(part))).toEqual([]);
    expect(watched.troubles).toEqual([]);
    await watched.close();
  });
});
