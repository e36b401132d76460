/// <reference lib="dom" />
import { ask, createTestDatabase, findProgram, type TestDatabase } from '@halyard/data/testing';
import { type Browser, chromium } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openWatchedPage, type WatchedPage } from '../browser/watched-page.cases.ts';
import { ages, publicToken } from '../drop-in/posthog-schema.cases.ts';
import { type ManagedService, startManagedService } from '../manage/managed-service.cases.ts';
import { accounts, key, managed } from '../manage/posthog-tables.cases.ts';
import { expectAccessible, skipWithoutBrowser } from './open-console.cases.ts';

describe('the console on a database of PostHog’s', { timeout: 240_000 }, () => {
  let database: TestDatabase;
  let service: ManagedService;
  let browser: Browser | undefined;
  let watched: WatchedPage;

  beforeAll(async () => {
    const program = findProgram('chromium');
    if (program === null) return;
    database = await createTestDatabase({ empty: true });
    const age = ages.at(-1);
    await ask(
      database.url,
      ...(age?.main ?? []),
      ...(age?.persons ?? []),
      ...(age === undefined ? [] : managed(age)),
      ...accounts,
    );
    service = await startManagedService({ HALYARD_POSTHOG_URL: 'https://posthog.example/' }, database);
    browser = await chromium.launch({ executablePath: program, args: ['--no-sandbox', '--disable-dev-shm-usage'] });
    watched = await openWatchedPage(browser, service.url);
    watched.page.context().setDefaultTimeout(60_000);
  });
  afterAll(async () => {
    await browser?.close();
    await service?.stop();
    await database?.drop();
  });

  const flags = () => service.sql(`select md5(string_agg(f::text, ',' order by id)) from posthog_featureflag f`);

  it('K74, M200: one comes in with a personal key, and reads, explains and counts; changes are made in PostHog', async (context) => {
    skipWithoutBrowser(context);
    const { page } = watched;
    const before = await flags();
    await page.goto(`${service.url}/console/`);
    const field = page.getByLabel('Personal API key');
    await field.fill('phx_wrong');
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page
      .getByRole('alert')
      .getByText(/invalid|incorrect|not/i)
      .waitFor();
    await expectAccessible(page);
    await field.fill(key);
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.getByText('PostHog owns these flags.').waitFor();
    await page.getByRole('rowheader', { name: 'for-all' }).waitFor();
    expect(await page.getByRole('link', { name: 'Change them in PostHog' }).getAttribute('href')).toBe(
      'https://posthog.example/project/3/feature_flags',
    );
    expect(await page.getByRole('link', { name: 'New flag in PostHog' }).getAttribute('href')).toBe(
      'https://posthog.example/project/3/feature_flags/new',
    );
    await expectAccessible(page);

    // Somebody asks, so that the review has a user to count.
    await service.send('POST', '/flags?v=2', { json: { token: publicToken, distinct_id: 'ann' } });
    await page.getByRole('rowheader', { name: 'for-all' }).getByRole('link').click();
    await page.getByLabel('Share let in by condition 1, percent').fill('0');
    await page.keyboard.press('Enter');
    await page.getByRole('button', { name: 'Review …' }).click();
    const review = page.getByRole('dialog');
    await review.getByText(/Of 1 user seen/).waitFor();
    const there = review.getByRole('link', { name: 'Change it in PostHog' });
    expect(await there.getAttribute('href')).toBe('https://posthog.example/project/3/feature_flags/1');
    expect(await review.getByRole('button').allTextContents()).toEqual(['Go on editing']);
    await expectAccessible(page);
    await page.keyboard.press('Escape');
    await page.getByRole('button', { name: 'Discard' }).click();
    await page.getByRole('link', { name: 'Explain' }).click();
    await page.getByLabel('Distinct id').fill('ann');
    await page.getByText('Matched condition set 1').first().waitFor();
    await page.reload();
    await page.getByText('Matched condition set 1').first().waitFor();
    await page.getByRole('button', { name: 'Sign out' }).click();
    await field.waitFor();
    await page.goto(`${service.url}/console/p/3/flags`);
    await field.waitFor();
    expect(await flags()).toEqual(before);
  });
});
