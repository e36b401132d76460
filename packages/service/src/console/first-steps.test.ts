/// <reference lib="dom" />
import { startTcpProxy, type TcpProxy } from '@halyard/data/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { expectAccessible, openConsole, type OpenConsole, skipWithoutBrowser } from './open-console.cases.ts';

/** For a busy machine: nothing is measured by it. */
const PATIENCE = { timeout: 30_000 };

describe('the console where there is little, or nothing for a while', { timeout: 240_000 }, () => {
  let console_: OpenConsole;
  let proxy: TcpProxy;
  let empty: number;

  beforeAll(async () => {
    const opened = await openConsole({}, async (url) => (proxy = await startTcpProxy(url)).url);
    if (opened === null) return;
    console_ = opened;
    const [organization] = await opened.one.sql(
      `select organization_id from posthog_team where api_token = 'phc_halyard_demo'`,
    );
    empty = await opened.one.project(String(organization), 'Empty');
  });
  afterAll(async () => {
    await console_?.close();
    await proxy?.refuse();
  });

  const gotoEmpty = async (path: string): Promise<void> => {
    await console_.page.goto(`${console_.one.url}/console/p/${empty}/${path}`);
  };

  it('K13, K72: without flags, requests and persons it says the next step, shows no number, and notices the first request', async (context) => {
    skipWithoutBrowser(context);
    const { page, one } = console_;
    await gotoEmpty('flags');
    await page.getByRole('heading', { name: 'No flags yet' }).waitFor();
    await page.getByText('halyard import unleash-export.json').waitFor();
    const curl = page.getByText(`"token":"phc_${empty}"`);
    expect(await curl.textContent()).toContain(`${one.url}/flags?v=2`);
    await page.getByText('Waiting for the first request …').waitFor();
    await expectAccessible(page);

    // The reach of a condition and who flips are not known, which is not the same as nobody.
    await page.getByRole('link', { name: 'New flag' }).first().click();
    await page.getByText('No person is stored in this project yet.').waitFor();
    await page.getByLabel('Key', { exact: true }).fill('first');
    await page.getByLabel('Share let in by condition 1, percent').fill('50');
    await page.keyboard.press('Enter');
    await page.getByRole('button', { name: 'Review …' }).click();
    const review = page.getByRole('dialog');
    await review.getByText(/Who flips is not known: nobody has asked for flags/).waitFor();
    expect(await review.textContent()).not.toMatch(/\b0 (of|users|change)/);
    await expectAccessible(page);
    await page.keyboard.press('Escape');
    await one.send('POST', `/api/projects/${empty}/feature_flags/`, {
      key: console_.key,
      json: { key: 'first', filters: { groups: [{ properties: [], rollout_percentage: 50 }] } },
    });
    page.once('dialog', (dialog) => void dialog.accept());
    await gotoEmpty('flags');
    const first = page.getByRole('region', { name: 'First request' });
    await first.getByText('Waiting for the first request …').waitFor();
    // As the page says it, word for word.
    const [, body = ''] = /-d '([^']*)'/.exec((await first.getByText('curl').textContent()) ?? '') ?? [];
    expect((await one.send('POST', '/flags?v=2', { raw: body })).at('flags', 'first', 'key')).toBe('first');
    await first.getByText('The first request has come: flags were asked for once.').waitFor();

    // One request, a moment ago: a sample that is young says so.
    await gotoEmpty('flags/first');
    await page.getByLabel('Share let in by condition 1, percent').fill('100');
    await page.keyboard.press('Enter');
    await page.getByRole('button', { name: 'Review …' }).click();
    await review.getByText(/less than an hour|young|only since/i).waitFor();
    await page.keyboard.press('Escape');
    await page.getByRole('button', { name: 'Discard' }).click();
    await gotoEmpty('users');
    await page.getByText('No person is stored in this project yet.').waitFor();
    await console_.goto('users');
    await page.getByLabel('Distinct id').waitFor();
    await expect.poll(() => console_.asked.some((request) => request.includes('/persons/')), PATIENCE).toBe(true);
    expect(await page.getByText('No person is stored in this project yet.').count()).toBe(0);
  });

  it('K75: a database that is away is told with the age of what is shown, nothing typed is lost, and all goes on when it is back', async (context) => {
    skipWithoutBrowser(context);
    const { page } = console_;
    await console_.goto('flags/dark-mode');
    const description = page.getByRole('textbox', { name: 'Description' }).first();
    await description.fill('Typed before');
    await proxy.refuse();
    const notice = page.getByRole('alert').filter({ hasText: 'The database cannot be reached.' });
    await notice.waitFor();
    expect(await notice.textContent()).toMatch(/What is shown was read at \d\d:\d\d:\d\d\./);
    await expectAccessible(page);
    await page.getByRole('button', { name: 'Review …' }).click();
    const save = page.getByRole('dialog').getByRole('button', { name: 'Save' });
    await save.click();
    await page
      .getByRole('dialog')
      .getByText(/Nothing was changed/)
      .waitFor();
    // The focus has stayed in the window, from which Escape leads out.
    await page.keyboard.press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'hidden' });
    expect(await description.inputValue()).toBe('Typed before');
    await proxy.accept();
    await notice.waitFor({ state: 'hidden' });
    await page.getByRole('button', { name: 'Review …' }).click();
    await save.click();
    await page.getByText('Saved.', { exact: true }).waitFor();
  });

  it('K63: the theme follows the system or is chosen, from the first frame on; times are the reader’s, and tables can be copied', async (context) => {
    skipWithoutBrowser(context);
    const { page } = console_;
    const ground = () => page.evaluate(() => getComputedStyle(document.documentElement).colorScheme);
    const paper = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
    await page.emulateMedia({ colorScheme: 'light' });
    await console_.goto('flags');
    await page.getByRole('rowheader').first().waitFor();
    const light = await paper();
    await page.emulateMedia({ colorScheme: 'dark' });
    const dark = await paper();
    expect(dark).not.toBe(light);
    await page.emulateMedia({ colorScheme: 'light' });
    await page.getByLabel('Theme', { exact: true }).selectOption('dark');
    expect([await paper(), await ground()]).toEqual([dark, 'dark']);
    // What is drawn before the console's own program runs.
    await page.addInitScript(() => {
      new MutationObserver((_, observer) => {
        if (document.querySelector('#root') === null) return;
        observer.disconnect();
        Object.assign(globalThis, { firstTheme: document.documentElement.dataset['theme'] });
      }).observe(document, { childList: true, subtree: true });
    });
    await page.reload();
    await page.getByRole('rowheader').first().waitFor();
    expect(await page.evaluate(() => Reflect.get(globalThis, 'firstTheme') as unknown)).toBe('dark');
    expect(await paper()).toBe(dark);
    await page.getByLabel('Theme', { exact: true }).selectOption('system');
    expect(await paper()).toBe(light);

    const time = page.locator('main time').first();
    expect(await time.getAttribute('title')).toMatch(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC$/);
    const copied = await page.evaluate(() => {
      const table = document.querySelector('main table');
      if (table === null) return '';
      getSelection()?.selectAllChildren(table);
      return getSelection()?.toString() ?? '';
    });
    expect(copied).toContain('dark-mode');
    expect(copied).toContain('Who gets it');
  });
});
