/// <reference lib="dom" />
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { expectAccessible, openConsole, type OpenConsole, skipWithoutBrowser } from './open-console.cases.ts';

/** For a busy machine: nothing is measured by it. */
const PATIENCE = { timeout: 30_000 };

describe('the list of flags', { timeout: 240_000 }, () => {
  let console_: OpenConsole;

  beforeAll(async () => {
    const opened = await openConsole();
    if (opened === null) return;
    console_ = opened;
    await opened.one.sql(`insert into halyard_flag_calls (team_id, day, flag_key, value, calls, errors, last_called_at)
        values (${opened.project}, now()::date - 80, 'gone', 'true', 1, 0, now() - interval '80 days')`);
    await opened.one.sql(`update posthog_featureflag set created_at = now() - interval '140 days', updated_at = '2026-05-03'
      where key in ('careful-launch', 'new-checkout')`);
    await opened.one.sql(
      `update posthog_featureflag set last_called_at = now() - interval '41 days' - interval '1 hour' where key = 'dark-mode'`,
    );
    // Nobody gets a flag without conditions: the API calls it stale, its filter does not find it (M87).
    await opened.one.sql(`insert into posthog_featureflag (team_id, key, name, filters, created_at)
      values (${opened.project}, 'empty', '', '{"groups": []}', now() - interval '140 days')`);
  });
  afterAll(() => console_?.close());

  const api = (method: string, path: string, json?: object) =>
    console_.one.send(method, `/api/projects/${console_.project}/${path}`, {
      key: console_.key,
      ...(json === undefined ? {} : { json }),
    });
  const keys = async (): Promise<readonly string[]> =>
    (await console_.page.getByRole('rowheader').getByRole('link').allTextContents()).map((text) => text.trim());

  it('K41: says of each flag how far it goes, its variants and tags, who changed it, and how often it was asked for this week', async (context) => {
    skipWithoutBrowser(context);
    const { page, one, project } = console_;
    await api('PATCH', 'feature_flags/button-color/', { tags: ['shop', 'two words'] });
    for (let user = 0; user < 12; user++) {
      const json = { token: 'phc_halyard_demo', distinct_id: `u${user}`, flag_keys_to_evaluate: ['button-color'] };
      await one.send('POST', '/flags?v=2', { json });
    }
    await one.get(`/api/halyard/projects/${project}/traffic/`, console_.key);
    const from = console_.asked.length;
    await console_.goto('flags?order=key');
    const row = page.getByRole('row', { name: /button-color/ });
    await row.getByTitle('12 evaluations in 7 days').waitFor();
    await expect
      .poll(() => row.innerText(), PATIENCE)
      .toMatch(
        /On[^]*Three variants[^]*The first that fits[^]*100 %[^]*✓ all[^]*2 conditions[^]*3[^]*shop[^]*just now[^]*12[^]*ada@example\.com/,
      );
    // Sparklines of a whole page in one request.
    expect(console_.asked.slice(from).filter((request) => request.includes('/traffic/'))).toHaveLength(1);
    await page
      .getByRole('row', { name: /labs-preview/ })
      .getByText('0 %', { exact: true })
      .waitFor();
    await expectAccessible(page);
  });

  it('K42: finds by key, description and tag, chooses by chips and sorts by every column, all in the address', async (context) => {
    skipWithoutBrowser(context);
    const { page } = console_;
    await console_.goto('flags');
    await page.getByRole('searchbox', { name: 'Search' }).fill('three tag:"two words"');
    await expect.poll(keys, PATIENCE).toEqual(['button-color']);
    await expect.poll(() => new URL(page.url()).searchParams.get('search')).toContain('two words');
    await page.reload();
    await expect.poll(keys, PATIENCE).toEqual(['button-color']);
    await page.getByRole('button', { name: /remove this filter/ }).click();
    await expect.poll(async () => (await keys()).length, PATIENCE).toBeGreaterThan(10);
    await page.getByRole('button', { name: 'More filters' }).click();
    await page.getByLabel('Uses cohort').selectOption({ label: 'Uses Europe' });
    await expect.poll(keys, PATIENCE).toEqual(['europe-launch']);
    await page.getByRole('button', { name: /uses Europe.*remove this filter/ }).click();
    await page.getByLabel('Depends on flag').fill('new-checkout');
    await page.getByRole('button', { name: /depends on new-checkout/ }).waitFor();
    await expect.poll(keys, PATIENCE).toEqual(['smart-cart']);
    await page.getByLabel('Type').selectOption('multivariant');
    await page.getByRole('heading', { name: 'No flag fits' }).waitFor();
    await expectAccessible(page);
    await page.getByRole('button', { name: 'Clear filters' }).click();
    await page.getByLabel('Runtime').selectOption('server');
    await expect.poll(keys, PATIENCE).toEqual(['api-limits']);
    await page.getByLabel('Runtime').selectOption('');
    for (const [column, first] of [
      ['State', 'old-export'],
      ['Flag', 'api-limits'],
      ['Rollout', 'empty'],
      ['Variants', 'empty'],
      ['Tags', null],
      ['Last called', null],
      ['Changed', null],
    ] as const) {
      const header = page.getByRole('columnheader', { name: column, exact: true });
      await header.getByRole('button').click();
      await expect.poll(() => header.getAttribute('aria-sort'), PATIENCE).toBe('ascending');
      await page.locator('.table-frame:not([data-old])').waitFor();
      if (first !== null) await expect.poll(async () => (await keys())[0], PATIENCE).toBe(first);
      await header.getByRole('button').click();
      await expect.poll(() => header.getAttribute('aria-sort'), PATIENCE).toBe('descending');
    }
    await console_.goto('flags?order=-variants');
    await expect.poll(async () => (await keys())[0], PATIENCE).toBe('button-color');
    await page.getByRole('button', { name: 'shop' }).click();
    await expect.poll(() => new URL(page.url()).searchParams.get('tag')).toBe('shop');
  });

  it('K43: stale means the same in badge, filter and count, says why, and what to do', async (context) => {
    skipWithoutBrowser(context);
    const { page } = console_;
    await console_.goto('flags');
    await page.getByRole('row', { name: /empty/ }).waitFor();
    expect(await page.locator('.state-cell .stale').count()).toBe(3);
    await page.getByRole('button', { name: '3 stale' }).click();
    await expect
      .poll(async () => [...(await keys())].sort(), PATIENCE)
      .toEqual(['careful-launch', 'dark-mode', 'new-checkout']);
    await page
      .getByRole('row', { name: /dark-mode/ })
      .getByText('Not called in 41 days: remove it from the code, then archive it.')
      .waitFor();
    await page
      .getByRole('row', { name: /new-checkout/ })
      .getByText(/100 % for everybody since \d May 2026, never called: remove it/)
      .waitFor();
    expect(await page.locator('.state-cell .stale').count()).toBe(3);
    await expectAccessible(page);
  });

  it('K44, K62: a switch in a row opens the review, by keyboard, and nothing happens before it is saved', async (context) => {
    skipWithoutBrowser(context);
    const { page } = console_;
    await console_.goto('flags?search=install-banner');
    const state = page.getByRole('button', { name: /switch install-banner off/ });
    await state.focus();
    await page.keyboard.press('Enter');
    const dialog = page.getByRole('dialog', { name: /install-banner/ });
    await dialog.getByText('Switched off.').waitFor();
    await expectAccessible(page);
    await page.keyboard.press('Escape');
    await dialog.waitFor({ state: 'hidden' });
    await expect.poll(() => state.evaluate((button) => button === document.activeElement), PATIENCE).toBe(true);
    expect((await api('GET', 'feature_flags/install-banner/')).at('active')).toBe(true);
    await page.keyboard.press('Enter');
    await dialog.getByLabel(/Type install-banner/).fill('install-banner');
    await dialog.getByRole('button', { name: 'Switch off' }).click();
    await page.getByText('install-banner is off.').waitFor();
    await page.getByRole('button', { name: /switch install-banner on/ }).waitFor();
    expect(await console_.valueOf('install-banner', 'u1')).not.toBe(true);
  });

  it('K10, K44, M98: many are tagged, archived and deleted at once, with refusals one by one', async (context) => {
    skipWithoutBrowser(context);
    const { page } = console_;
    // Of somebody without properties, so that there is a user to count.
    await console_.valueOf('beta-search', 'u0');
    await console_.goto('flags?order=key');
    await page.getByLabel('Select beta-search').check();
    await page.getByLabel('Select smart-cart').check();
    await page.getByRole('button', { name: 'Tag …' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('Tags').fill('spring, Cart');
    await expectAccessible(page);
    await dialog.getByRole('button', { name: 'Change tags' }).click();
    await page.getByRole('row', { name: /smart-cart.*cart.*spring/ }).waitFor();
    await page.getByText('Done.').waitFor();
    // new-checkout is needed by smart-cart: it alone is refused.
    await page.getByLabel('Select beta-search').check();
    await page.getByLabel('Select new-checkout').check();
    await page.getByRole('button', { name: 'Archive …' }).click();
    // Who flips is said before anything happens, flag by flag. Nobody of those who asked above has properties.
    const flips = dialog.getByRole('list', { name: 'Who flips' }).getByRole('listitem');
    await expect
      .poll(() => flips.allTextContents(), PATIENCE)
      .toEqual([
        expect.stringMatching(/^beta-search gives 0 of \d+ users seen recently another value$/),
        expect.stringMatching(/^new-checkout alone is refused: .*smart-cart/),
      ]);
    await dialog.getByLabel('Note for the history').fill('after the sale');
    await dialog.getByRole('button', { name: 'Archive' }).click();
    await page.getByRole('dialog', { name: '1 of 2 flags archived' }).waitFor();
    await page
      .getByRole('list', { name: 'Refusals' })
      .getByText(/new-checkout/)
      .waitFor();
    await page
      .getByRole('list', { name: 'Refusals' })
      .getByText(/smart-cart/)
      .waitFor();
    await expectAccessible(page);
    await page.getByRole('button', { name: 'Close' }).click();
    // Those that were refused stay chosen.
    await page.getByText('1 flag selected').waitFor();
    expect(await page.getByLabel('Select new-checkout').isChecked()).toBe(true);
    await page.getByLabel('Select smart-cart').check();
    await page.getByRole('button', { name: 'Delete …' }).click();
    expect(await dialog.getByRole('button', { name: 'Delete' }).isDisabled()).toBe(true);
    await dialog.getByLabel('Type 2 to delete 2 flags').fill('2');
    await dialog.getByRole('button', { name: 'Delete' }).click();
    await page.getByText('Done.').waitFor();
    expect((await keys()).filter((key) => ['new-checkout', 'smart-cart', 'beta-search'].includes(key))).toEqual([]);
    await console_.goto('flags?state=archived');
    await expect.poll(keys, PATIENCE).toEqual(['beta-search']);
    // What is archived is not switched from here.
    expect(await page.getByRole('button', { name: /switch beta-search/ }).count()).toBe(0);
    await page.getByLabel('Select all flags of this page').check();
    await page.getByText('1 flag selected').waitFor();
  });

  it('K section 4: a first load of the list of at most 200 KB compressed', async (context) => {
    skipWithoutBrowser(context);
    const { page } = console_;
    const sizes: Promise<number>[] = [];
    page.on('response', (response) => {
      if (new URL(response.url()).pathname.startsWith('/console/'))
        sizes.push(response.body().then((body) => gzipSync(body).length));
    });
    const session = await page.context().newCDPSession(page);
    await session.send('Network.setCacheDisabled', { cacheDisabled: true });
    await console_.goto('flags');
    await page.getByRole('row', { name: /dark-mode/ }).waitFor();
    const all = await Promise.all(sizes);
    page.removeAllListeners('response');
    expect(all.length).toBeGreaterThan(3);
    expect(all.reduce((sum, size) => sum + size, 0)).toBeLessThan(200_000);
  });
});
