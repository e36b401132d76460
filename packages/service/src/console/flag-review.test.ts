/// <reference lib="dom" />
import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openConsole, type OpenConsole, skipWithoutBrowser } from './open-console.cases.ts';

const FLAG = 'paying-half';
const USERS = 200;
/** As many are remembered at once; of more, some are not. */
const AT_ONCE = 20;

interface User {
  readonly id: string;
  readonly plan: string;
}

/** Where a user stands between 0 and 1, by the reference's own words (E15): the first 15 hex digits of a SHA-1. */
function pointOf(id: string): number {
  const digits = createHash('sha1').update(`${FLAG}.${id}`).digest('hex').slice(0, 15);
  return Number(BigInt(`0x${digits}`)) / Number(0xfffffffffffffffn);
}

describe('the review of a change', { timeout: 240_000 }, () => {
  let console_: OpenConsole;
  const users: readonly User[] = Array.from({ length: USERS }, (_, n) => ({
    id: `buyer-${n}`,
    plan: n % 3 === 0 ? 'free' : 'pro',
  }));

  beforeAll(async () => {
    const opened = await openConsole();
    if (opened === null) return;
    console_ = opened;
    const properties = [{ key: 'plan', type: 'person', operator: 'exact', value: ['pro'] }];
    await opened.one.send('POST', `/api/projects/${opened.project}/feature_flags/`, {
      key: opened.key,
      json: { key: FLAG, filters: { groups: [{ properties, rollout_percentage: 10 }] } },
    });
  });
  afterAll(() => console_?.close());

  const valueOf = ({ id, plan }: User) => console_.valueOf(FLAG, id, { plan });

  async function subjectsSeen(): Promise<unknown> {
    const path = `/api/halyard/projects/${console_.project}/impact/`;
    const json = { flag: FLAG, draft: { name: 'x' }, persons: false };
    return (await console_.one.send('POST', path, { key: console_.key, json })).at('sample', 'subjects');
  }

  it('K11: from 10 to 50 percent of paying customers it names as many as change, counted apart, and those it names do', async (context) => {
    skipWithoutBrowser(context);
    const { page } = console_;
    for (const [at, user] of users.entries()) {
      expect(await valueOf(user)).toBe(user.plan === 'pro' && pointOf(user.id) <= 0.1);
      if ((at + 1) % AT_ONCE === 0) await expect.poll(subjectsSeen, { timeout: 30_000 }).toBe(at + 1);
    }
    const flips = users.filter(({ id, plan }) => plan === 'pro' && pointOf(id) > 0.1 && pointOf(id) <= 0.5);
    await console_.goto(`flags/${FLAG}`);
    const share = page.getByLabel('Share let in by condition 1, percent');
    await share.fill('50');
    await share.press('Tab');
    await page.getByRole('button', { name: 'Review …' }).click();
    const review = page.getByRole('dialog');
    await review.getByText(`Of ${USERS} users seen recently, ${flips.length} change`).waitFor();
    await review.getByText(`${flips.length} off → on`).click();
    const named = await review.locator('.examples li').allTextContents();
    expect(named).toHaveLength(20);
    const ids = new Set(flips.map(({ id }) => id));
    expect(named.filter((id) => !ids.has(id.trim()))).toEqual([]);
    if (flips.length > USERS / 5) await review.getByLabel(/^Type paying-half/).fill(FLAG);
    await review.getByRole('button', { name: 'Save' }).click();
    await page.getByText('Saved.', { exact: true }).waitFor();
    for (const user of users) expect(await valueOf(user)).toBe(user.plan === 'pro' && pointOf(user.id) <= 0.5);
  });
});
