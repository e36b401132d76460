/// <reference lib="dom" />
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { expectAccessible, openConsole, type OpenConsole, skipWithoutBrowser } from './open-console.cases.ts';

/** For a busy machine: nothing is measured by it. */
const PATIENCE = { timeout: 30_000 };

describe('the console by its shortcuts', { timeout: 240_000 }, () => {
  let console_: OpenConsole;

  beforeAll(async () => {
    const opened = await openConsole();
    if (opened !== null) console_ = opened;
  });
  afterAll(() => console_?.close());

  const focused = () => console_.page.evaluate(() => document.activeElement?.textContent?.trim() ?? '');
  const path = () => new URL(console_.page.url()).pathname.replace(/^.*\/p\/\d+/, '');
  const reaches = async (wanted: string): Promise<void> => {
    await expect.poll(path, PATIENCE).toBe(wanted);
  };

  it('K61: searches, walks along the rows, opens, edits, reviews, goes back and makes a flag, by keys alone', async (context) => {
    skipWithoutBrowser(context);
    const { page } = console_;
    const { keyboard } = page;
    await console_.goto('flags?order=key');
    const links = page.getByRole('rowheader').getByRole('link');
    await links.first().waitFor();
    const [first, second] = (await links.allTextContents()).map((text) => text.trim());
    await keyboard.press('j');
    expect(await focused()).toBe(first);
    await keyboard.press('j');
    expect(await focused()).toBe(second);
    await keyboard.press('k');
    expect(await focused()).toBe(first);
    await keyboard.press('k');
    expect(await focused()).toBe(first);
    await keyboard.press('Enter');
    await reaches(`/flags/${first}`);
    await page.getByRole('heading', { name: first ?? '', exact: true }).waitFor();

    // A letter that is typed is a letter.
    await keyboard.press('/');
    const search = page.getByRole('searchbox', { name: 'Search' });
    await expect.poll(() => search.evaluate((field) => field === document.activeElement), PATIENCE).toBe(true);
    await keyboard.type('njke?/dark-mode');
    expect(await search.inputValue()).toBe('njke?/dark-mode');
    await search.fill('dark-mode');
    await page.getByText('1 flag', { exact: true }).waitFor();
    await links.first().focus();
    await keyboard.press('Enter');
    await reaches('/flags/dark-mode');
    await page.getByRole('link', { name: 'History' }).first().waitFor();
    await page.goto(`${page.url().replace(/\?.*/, '')}/history`);
    await page.getByRole('navigation', { name: 'Views of the flag' }).waitFor();
    await keyboard.press('e');
    await reaches('/flags/dark-mode');
    const description = page.getByRole('textbox', { name: 'Description' }).first();
    await expect.poll(() => description.evaluate((field) => field === document.activeElement), PATIENCE).toBe(true);
    await description.fill('By keys');
    await keyboard.press('Control+s');
    const review = page.getByRole('dialog');
    await review.waitFor();
    // Keys are for the window that is open.
    await keyboard.press('Escape');
    await review.waitFor({ state: 'hidden' });
    await reaches('/flags/dark-mode');
    page.once('dialog', (dialog) => void dialog.accept());
    await page.getByRole('heading', { name: 'dark-mode', exact: true }).click();
    await keyboard.press('Escape');
    await reaches('/flags');
    await keyboard.press('n');
    await reaches('/flags/new');
    await page.getByRole('heading', { name: 'New flag' }).waitFor();
  });

  it('K61: the palette leads to flags, cohorts, users, pages and actions', async (context) => {
    skipWithoutBrowser(context);
    const { page } = console_;
    const { keyboard } = page;
    const palette = page.getByRole('dialog', { name: 'Go to' });
    const goTo = async (typed: string, found: string | RegExp): Promise<void> => {
      await keyboard.press('Control+k');
      await palette.waitFor();
      await keyboard.type(typed);
      await expect.poll(() => palette.getByRole('menuitem').first().textContent(), PATIENCE).toMatch(found);
      await keyboard.press('Enter');
      await palette.waitFor({ state: 'hidden' });
    };
    await console_.goto('flags');
    await page.getByRole('rowheader').first().waitFor();
    await goTo('smart-c', /smart-cart/);
    await reaches('/flags/smart-cart');
    await goTo('Europe', /^europe-launch|^Europe/i);
    await keyboard.press('Control+k');
    await palette.waitFor();
    await keyboard.type('Europe');
    await palette.getByRole('menuitem', { name: 'Europe', exact: true }).click();
    await expect.poll(path, PATIENCE).toMatch(/^\/cohorts\/\d+$/);
    await goTo('someone-17', /What does “someone-17” get/);
    await reaches('/users');
    expect(new URL(page.url()).searchParams.get('user')).toBe('someone-17');
    await page.getByRole('row', { name: /smart-cart/ }).waitFor();
    await keyboard.press('Control+k');
    await palette.getByRole('menuitem', { name: 'Schedule' }).waitFor();
    await expectAccessible(page);
    await palette.getByRole('menuitem', { name: 'Schedule' }).click();
    await reaches('/schedule');
    await page.getByRole('button', { name: 'Go to …' }).click();
    await palette.getByRole('menuitem', { name: 'Dark theme' }).click();
    expect(await page.evaluate(() => document.documentElement.dataset['theme'])).toBe('dark');
    await page.getByLabel('Theme', { exact: true }).selectOption('system');
  });

  it('K61: says what keys do, and all of them can be switched off', async (context) => {
    skipWithoutBrowser(context);
    const { page } = console_;
    const { keyboard } = page;
    await console_.goto('flags');
    await page.getByRole('rowheader').first().waitFor();
    await keyboard.press('?');
    const list = page.getByRole('dialog', { name: 'Keyboard shortcuts' });
    await list.getByText('Review what was changed').waitFor();
    await expectAccessible(page);
    await list.getByRole('switch', { name: 'Keyboard shortcuts' }).press('Space');
    await list.getByRole('button', { name: 'Close' }).click();
    await list.waitFor({ state: 'hidden' });
    for (const key of ['n', '?', 'j', 'Control+k']) await keyboard.press(key);
    await page.reload();
    await page.getByRole('rowheader').first().waitFor();
    for (const key of ['n', '?', 'j', 'Control+k']) await keyboard.press(key);
    await reaches('/flags');
    expect(await page.getByRole('dialog').count()).toBe(0);
    await console_.goto('settings');
    await page.getByRole('switch', { name: 'Keyboard shortcuts' }).press('Space');
    await page.getByRole('heading', { name: 'This browser' }).click();
    await keyboard.press('n');
    await reaches('/flags/new');
  });
});
