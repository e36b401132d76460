/// <reference lib="dom" />
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { createTestDatabase, findProgram, type TestDatabase } from '@halyard/data/testing';
import { type Browser, chromium, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openWatchedPage, type WatchedPage } from '../browser/watched-page.cases.ts';
import { type Service, startService } from '../compose.ts';
import { seedDemo } from '../demo/seed-demo.ts';
import { createLog } from '../operate/log/logger.ts';
import { readSettings } from '../operate/settings/read-settings.ts';
import { expectAccessible, skipWithoutBrowser } from './open-console.cases.ts';

const program = findProgram('chromium');
/** For a busy machine: nothing is measured by it. */
const PATIENCE = { timeout: 30_000 };
const PASSWORD = 'correct horse battery staple';

// Nothing is measured by it: a browser on a busy machine takes its time.
describe('the web console', { timeout: 240_000 }, () => {
  let database: TestDatabase;
  let service: Service;
  let browser: Browser;
  let ada: WatchedPage;
  let project: string;

  beforeAll(async () => {
    if (program === null) return;
    database = await createTestDatabase();
    await seedDemo(database.url);
    const settings = readSettings({ DATABASE_URL: database.url, PORT: '0' });
    service = await startService(settings, { log: createLog('silent', 2), onProgress: () => undefined });
    browser = await chromium.launch({ executablePath: program, args: ['--no-sandbox', '--disable-dev-shm-usage'] });
    ada = await openWatchedPage(browser, service.url);
    ada.page.context().setDefaultTimeout(60_000);
  });

  afterAll(async () => {
    await browser?.close();
    await service?.close();
    await database?.drop();
  });

  const valueOf = async (key: string, id: string): Promise<unknown> => {
    const body = JSON.stringify({ token: 'phc_halyard_demo', distinct_id: id });
    const answer = await fetch(`${service.url}/flags?v=2`, { method: 'POST', body });
    const { flags } = (await answer.json()) as { flags: Record<string, { enabled: boolean; variant?: string }> };
    return flags[key]?.variant ?? flags[key]?.enabled;
  };

  /** What the first of many users get, one after the other. */
  const valuesOf = async (key: string, users: number): Promise<readonly unknown[]> => {
    const values = [];
    for (let user = 0; user < users; user++) values.push(await valueOf(key, `u${user}`));
    return values;
  };

  it('K71, K62: the link of the first start leads over a password to the list', async (context) => {
    skipWithoutBrowser(context);
    const { page } = ada;
    await page.goto(`${service.url}/console/setup#${await service.newSetup()}`);
    await page.getByLabel('E-mail').fill('ada@example.com');
    await expectAccessible(page);
    await page.getByLabel('Password').fill('short');
    await page.getByRole('button', { name: 'Begin' }).click();
    await page.locator('.field .error').waitFor();
    await page.getByLabel('Password').fill(PASSWORD);
    await page.getByRole('button', { name: 'Begin' }).click();
    await page.getByRole('rowheader', { name: /dark-mode/ }).waitFor();
    project = /\/p\/(\d+)\/flags/.exec(page.url())?.[1] ?? '';
    expect(project).not.toBe('');
    await expectAccessible(page);
    // The one refusal was the short password.
    expect(ada.troubles.filter((trouble) => !trouble.includes('400'))).toEqual([]);
  });

  it('K41, K42, K62: the list says who gets a flag, and finds, chooses and sorts in its address', async (context) => {
    skipWithoutBrowser(context);
    const { page } = ada;
    await page.goto(`${service.url}/console/p/${project}/flags`);
    await page.getByRole('row', { name: /dark-mode.*On for 50 % of people/ }).waitFor();
    // A flag that a filter names is named by its key.
    await page.getByRole('row', { name: /smart-cart.*the flag new-checkout/ }).waitFor();
    await page.getByRole('searchbox', { name: 'Search' }).fill('export');
    await page.waitForURL(/search=export/);
    await expect
      .poll(() => page.getByRole('rowheader').allTextContents(), PATIENCE)
      .toEqual([expect.stringContaining('old-export')]);
    await page.reload();
    await expect.poll(() => page.getByRole('rowheader').count(), PATIENCE).toBe(1);
    await page.getByLabel('State', { exact: true }).selectOption('on');
    await page.getByRole('heading', { name: 'No flag fits' }).waitFor();
    await page.goto(`${service.url}/console/p/${project}/flags?state=on&order=key`);
    await expect
      .poll(async () => (await page.getByRole('rowheader').allTextContents())[0], PATIENCE)
      .toContain('api-limits');
  });

  it('K11, K12, K31, K32, K34, K51, K52: a change is reviewed before it is saved, is served at once, and can be taken back', async (context) => {
    skipWithoutBrowser(context);
    const { page } = ada;
    // As many as are noted, however fast they come.
    const before = await valuesOf('new-checkout', 20);
    expect(new Set(before)).toEqual(new Set([true]));
    await page.goto(`${service.url}/console/p/${project}/flags/new-checkout`);
    const share = page.getByLabel('Share let in by condition 1, percent');
    await share.fill('10');
    await share.press('Tab');
    await page.getByText('Draft: On for 10 % of people. Everybody else: off.').waitFor();
    // What is not saved outlives the page.
    await page.reload();
    await page.getByText('Draft: On for 10 % of people. Everybody else: off.').waitFor();
    await expectAccessible(page);
    await page.keyboard.press('Control+s');
    const dialog = page.getByRole('dialog', { name: 'Change new-checkout' });
    await dialog.getByText('Condition 1: 100 % → 10 % of people.').waitFor();
    await dialog.getByText('Difference as JSON').click();
    await dialog.getByText('"rollout_percentage": 10', { exact: false }).first().waitFor();
    // Who flips, counted on its own: everybody was on, so those who are off afterwards.
    const counted = await dialog.getByText(/^Of \d+ users seen recently, \d+ change/).textContent();
    await expectAccessible(page);
    expect(await valueOf('new-checkout', 'u0')).toBe(true);
    // So many that one press is not enough.
    expect(await dialog.getByRole('button', { name: 'Save' }).isDisabled()).toBe(true);
    await dialog.getByLabel('Type new-checkout to change it for so many').fill('new-checkout');
    await dialog.getByLabel('Note for the history').fill('too many complaints');
    await dialog.getByRole('button', { name: 'Save' }).click();
    await page.getByText('Saved.').waitFor();
    const after = await valuesOf('new-checkout', 20);
    const off = after.filter((value) => value === false).length;
    expect(off).toBeGreaterThan(10);
    expect(counted).toMatch(new RegExp(`^Of 20 users seen recently, ${off} change`));
    await page.getByRole('navigation', { name: 'Views of the flag' }).getByRole('link', { name: 'History' }).click();
    const entry = page.getByRole('listitem').filter({ hasText: 'too many complaints' });
    await entry.getByRole('button', { name: 'Show' }).click();
    await entry.getByText('Condition 1: 100 % → 10 % of people.').waitFor();
    await expectAccessible(page);
    const first = page.getByRole('listitem').filter({ hasText: 'version 1' });
    if ((await first.count()) === 0) {
      // The demo's flags came by an import, which leaves no history: the way back is another change.
      await page.getByRole('link', { name: 'Targeting' }).click();
      await share.fill('100');
      await share.press('Tab');
    } else await first.getByRole('link', { name: /Restore/ }).click();
    await page.getByRole('button', { name: 'Review …' }).click();
    await page.getByText('Condition 1: 10 % → 100 % of people.').waitFor();
    await page.getByLabel('Type new-checkout to change it for so many').fill('new-checkout');
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByText('Saved.').waitFor();
    expect(await valueOf('new-checkout', 'u0')).toBe(true);
    expect(ada.troubles.slice(-1)).not.toContain('exception');
  });

  it('K21, K22: why somebody gets what: all flags, one condition by condition, and the draft beside it', async (context) => {
    skipWithoutBrowser(context);
    const { page } = ada;
    await page.goto(`${service.url}/console/p/${project}/users?user=bob`);
    await page.getByRole('row', { name: /new-checkout.*on.*condition 1/ }).waitFor();
    await page.getByRole('row', { name: /pro-reports off/ }).waitFor();
    await page.getByLabel('Properties of the person').fill('{"plan": ');
    await page.getByText('An object in JSON, such as').waitFor();
    await page.getByLabel('Properties of the person').fill('{"plan": "pro"}');
    await page.getByRole('row', { name: /pro-reports on/ }).waitFor();
    await expectAccessible(page);
    await page.goto(`${service.url}/console/p/${project}/flags/pro-reports/explain?user=bob`);
    const saved = page.getByRole('listitem', { name: 'Condition 1' });
    await saved.getByText('missing').waitFor();
    await page.getByLabel('Properties of the person').fill('{"plan": "pro"}');
    await saved.getByText('"pro", from the request').or(saved.getByText('pro, from the request')).waitFor();
    expect(await page.getByText('bob gets on').count()).toBe(1);
    // The draft is explained beside what is saved.
    await page.getByRole('link', { name: 'Targeting' }).click();
    const share = page.getByLabel('Share let in by condition 1, percent');
    await share.fill('0');
    await share.press('Tab');
    await page.getByText('Draft:').waitFor();
    await page.getByRole('link', { name: 'Explain' }).click();
    await page.getByLabel('Distinct id').fill('bob');
    await page.getByLabel('Properties of the person').fill('{"plan": "pro"}');
    await page.getByRole('region', { name: 'Draft' }).getByText('bob gets off').waitFor();
    await page.getByRole('region', { name: 'As it is saved' }).getByText('bob gets on').waitFor();
    await expectAccessible(page);
    await page.getByRole('link', { name: 'Targeting' }).click();
    await page.getByRole('button', { name: 'Discard' }).click();
  });

  it('K53: of two windows that change the same, the later one chooses for each field, and nothing typed is lost', async (context) => {
    skipWithoutBrowser(context);
    const { page } = ada;
    const other = await page.context().newPage();
    const address = `${service.url}/console/p/${project}/flags/dark-mode`;
    const setShare = async (in_: Page, share: string): Promise<void> => {
      const field = in_.getByLabel('Share let in by condition 1, percent');
      await field.fill(share);
      await field.press('Tab');
    };
    await Promise.all([page.goto(address), other.goto(address)]);
    // Both begin on the same version; each window has its own draft from here on, though both keep it in one place.
    await other.getByLabel('Share let in by condition 1, percent').waitFor();
    await setShare(page, '70');
    await page.getByLabel('Description', { exact: true }).fill('Half of them, or so');
    await setShare(other, '60');
    await other.getByRole('button', { name: 'Review …' }).click();
    await other.getByRole('button', { name: 'Save' }).click();
    await other.getByText('Saved.').waitFor();
    // Told while he is still editing.
    await page.getByText(/saved version \d+ while you were editing version \d+/).waitFor();
    await page.getByRole('button', { name: 'Review …' }).click();
    await page.getByRole('button', { name: 'Save' }).click();
    const dialog = page.getByRole('dialog', { name: /changed this flag meanwhile/ });
    await dialog.getByRole('group', { name: 'filters.groups' }).getByLabel('Theirs').check();
    await expectAccessible(page);
    await dialog.getByRole('button', { name: 'Go on with these' }).click();
    const review = page.getByRole('dialog', { name: 'Change dark-mode' });
    await review.getByRole('list', { name: 'Changes' }).getByText('Half of them, or so').waitFor();
    await review.getByRole('button', { name: 'Save' }).click();
    await page.getByText('Saved.').waitFor();
    await page.getByText('On for 60 % of people.', { exact: false }).first().waitFor();
    expect(await page.getByLabel('Description', { exact: true }).inputValue()).toBe('Half of them, or so');
    await other.close();
  });

  it('K62: create, edit, review and save by keyboard alone', async (context) => {
    skipWithoutBrowser(context);
    const { page } = ada;
    await page.goto(`${service.url}/console/p/${project}/flags/new`);
    await page.getByRole('heading', { name: 'New flag' }).waitFor();
    const tabTo = async (name: RegExp): Promise<void> => {
      for (let pressed = 0; pressed < 60; pressed++) {
        await page.keyboard.press('Tab');
        const label = await page.evaluate(() => {
          const element = document.activeElement as HTMLInputElement | null;
          return `${element?.getAttribute('aria-label') ?? ''} ${element?.labels?.[0]?.textContent ?? ''} ${element?.textContent ?? ''}`;
        });
        if (name.test(label)) return;
      }
      throw new Error(`No Tab leads to ${String(name)}.`);
    };
    await tabTo(/^ Key/);
    await page.keyboard.type('by-keyboard');
    await tabTo(/condition 1, percent/);
    await page.keyboard.type('25');
    await tabTo(/Review/);
    await page.keyboard.press('Enter');
    await page.getByRole('dialog').getByText('On for 25 % of people. Everybody else: off.').waitFor();
    await tabTo(/Make the flag/);
    await page.keyboard.press('Enter');
    await page.waitForURL(/flags\/by-keyboard/);
    await page.getByText('On for 25 % of people. Everybody else: off.').waitFor();
    const on = await valuesOf('by-keyboard', 80);
    expect(on.filter((value) => value === true).length).toBeGreaterThan(5);
    expect(on.filter((value) => value === true).length).toBeLessThan(40);
  });
});

describe('the console’s files', () => {
  it('K section 4: a first load of at most 200 KB, nothing of another host, no inline script', async () => {
    const settings = readSettings({ DATABASE_URL: 'postgres://nobody@127.0.0.1:1/none', PORT: '0' });
    const service = await startService(settings, { log: createLog('silent', 2), onProgress: () => undefined });
    try {
      const page = await fetch(`${service.url}/console/p/1/flags`);
      const text = await page.text();
      expect(page.headers.get('content-security-policy')).toMatch(
        /^default-src 'none'; script-src 'self'; style-src 'self' 'nonce-[^']+';/,
      );
      expect(page.headers.get('x-frame-options')).toBe('DENY');
      expect(page.headers.get('access-control-allow-origin')).toBeNull();
      expect(text).not.toMatch(/https?:\/\//);
      expect(text).not.toMatch(/<script(?![^>]*\bsrc=)/);
      const folder = join(dirname(createRequire(import.meta.url).resolve('@halyard/console/package.json')), 'dist');
      expect(folder).toContain('console');
      const again = await (await fetch(`${service.url}/console/`)).text();
      expect(/nonce="([^"]+)"/.exec(again)?.[1]).not.toBe(/nonce="([^"]+)"/.exec(text)?.[1]);
      const sizes = await Promise.all(
        [...text.matchAll(/(?:src|href)="(\/console\/[^"]+)"/g)].map(async ([, path = '']) => {
          const file = await fetch(`${service.url}${path}`);
          expect([path, file.status, file.headers.get('content-encoding')]).toEqual([path, 200, 'gzip']);
          return gzipSync(new Uint8Array(await file.arrayBuffer())).length;
        }),
      );
      expect(sizes.reduce((sum, size) => sum + size, 0)).toBeLessThan(150_000);
      expect((await fetch(`${service.url}/console/assets/gone.js`)).status).toBe(404);
      expect((await fetch(`${service.url}/console/`, { method: 'POST' })).status).toBe(405);
      for (const path of ['..%2f..%2fpackage.json', '%2e%2e/package.json', '__proto__', 'assets/../index.html']) {
        const answer = await fetch(`${service.url}/console/${path}`);
        expect(await answer.text()).not.toContain('"version"');
      }
    } finally {
      await service.close();
    }
  });

  it('HALYARD_CONSOLE=false: there is none', async () => {
    const settings = readSettings({
      DATABASE_URL: 'postgres://nobody@127.0.0.1:1/none',
      PORT: '0',
      HALYARD_CONSOLE: 'false',
    });
    const service = await startService(settings, { log: createLog('silent', 2), onProgress: () => undefined });
    try {
      expect((await fetch(`${service.url}/console/`)).status).toBe(404);
    } finally {
      await service.close();
    }
  });
});
