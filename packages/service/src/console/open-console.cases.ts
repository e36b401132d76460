/// <reference lib="dom" />
import { AxeBuilder } from '@axe-core/playwright';
import { createTestDatabase, findProgram, onBuildServer, type TestDatabase } from '@halyard/data/testing';
import { type Browser, chromium, type Page } from 'playwright-core';
import { expect, type TestContext } from 'vitest';
import { openWatchedPage, type WatchedPage } from '../browser/watched-page.cases.ts';
import { seedDemo } from '../demo/seed-demo.ts';
import { type ManagedService, startManagedService } from '../manage/managed-service.cases.ts';

const program = findProgram('chromium');

export function skipWithoutBrowser(context: TestContext): void {
  if (program !== null) return;
  if (onBuildServer) throw new Error('Chromium is missing, and with CI set that is a failure.');
  context.skip('NOT RUN: chromium is not installed');
}

/** The console with somebody signed in, over the demo project. */
export interface OpenConsole extends WatchedPage {
  readonly one: ManagedService;
  readonly browser: Browser;
  /** Id of the project, as it stands in addresses. */
  readonly project: string;
  /** A personal key of the one who is signed in. */
  readonly key: string;
  /** Below the project's address. */
  goto(path: string): Promise<void>;
  /** What somebody gets of a flag by `/flags`. */
  valueOf(flag: string, id: string, properties?: object): Promise<unknown>;
  /** The filters of a flag as the API answers them, as text. */
  filtersText(flag: string): Promise<string>;
}

/**
 * Null: there is no browser here.
 *
 * @param through what stands between the service and its database; gives the address that the service is told
 */
export async function openConsole(
  env: Record<string, string> = {},
  through: (url: string) => Promise<string> = (url) => Promise.resolve(url),
): Promise<OpenConsole | null> {
  if (program === null) return null;
  const database: TestDatabase = await createTestDatabase();
  await seedDemo(database.url);
  const one = await startManagedService({ DATABASE_URL: await through(database.url), ...env }, database);
  const [organization] = await one.sql(`select organization_id from posthog_team where api_token = 'phc_halyard_demo'`);
  const [project] = await one.sql(`select id from posthog_team where api_token = 'phc_halyard_demo'`);
  const user = await one.user('ada@example.com', { [String(organization)]: 15 });
  const key = await one.key(user);
  const browser = await chromium.launch({ executablePath: program, args: ['--no-sandbox', '--disable-dev-shm-usage'] });
  const watched = await openWatchedPage(browser, one.url);
  const { page } = watched;
  page.context().setDefaultTimeout(60_000);
  const [name = '', value = ''] = ((await one.browser(user))['cookie'] ?? '').split('=', 2);
  await page.context().addCookies([{ name, value, url: one.url }]);
  return {
    ...watched,
    one,
    browser,
    project: String(project),
    key,
    goto: async (path) => void (await page.goto(`${one.url}/console/p/${String(project)}/${path}`)),
    valueOf: async (flag, id, properties = {}) => {
      const json = { token: 'phc_halyard_demo', distinct_id: id, person_properties: properties };
      const { at } = await one.send('POST', '/flags?v=2', { json });
      return at('flags', flag, 'variant') ?? at('flags', flag, 'enabled');
    },
    filtersText: async (flag) => {
      const response = await fetch(`${one.url}/api/projects/${String(project)}/feature_flags/${flag}/`, {
        headers: { authorization: `Bearer ${key}` },
      });
      return memberText(await response.text(), 'filters');
    },
    close: async () => {
      await browser.close();
      await one.stop();
      await database.drop();
    },
  };
}

/** The text of a member that is an object. */
function memberText(text: string, name: string): string {
  const from = text.indexOf(`"${name}":`) + name.length + 3;
  let depth = 0;
  for (const { index, 0: part } of text.slice(from).matchAll(/"(?:[^"\\]|\\.)*"|[{}]/g)) {
    if (part === '{') depth++;
    else if (part === '}' && --depth === 0) return text.slice(from, from + index + 1).trim();
  }
  return '';
}

/** Findings of axe on the page as it stands, in both themes (K62). */
export async function expectAccessible(page: Page): Promise<void> {
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme });
    // The page has no frames: nothing is lost without the window that axe opens to join their findings, and time is won.
    const axe = new AxeBuilder({ page }).setLegacyMode().withTags(['wcag2a', 'wcag2aa', 'wcag21aa', 'wcag22aa']);
    const { violations } = await axe.analyze();
    expect(
      violations.map(({ id, nodes }) => `${colorScheme} ${id}: ${nodes.map(({ html }) => html).join(' ')}`),
    ).toEqual([]);
  }
}
