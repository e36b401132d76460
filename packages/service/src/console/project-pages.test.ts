/// <reference lib="dom" />
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { expectAccessible, openConsole, type OpenConsole, skipWithoutBrowser } from './open-console.cases.ts';

/** For a busy machine: nothing is measured by it. */
const PATIENCE = { timeout: 30_000 };

describe('the pages of a project', { timeout: 240_000 }, () => {
  let console_: OpenConsole;

  beforeAll(async () => {
    const opened = await openConsole();
    if (opened !== null) console_ = opened;
  });
  afterAll(() => console_?.close());

  const api = (method: string, path: string, json?: object) =>
    console_.one.send(method, `/api/projects/${console_.project}/${path}`, {
      key: console_.key,
      ...(json === undefined ? {} : { json }),
    });
  const main = () => console_.page.getByRole('main');

  it('M183, M194: the traffic of a flag by value, with a table beside the lines, and what is counted', async (context) => {
    skipWithoutBrowser(context);
    const { page, one, project } = console_;
    const flag = (await api('GET', 'feature_flags/button-color/')).at('id');
    await console_.goto('flags/button-color/traffic');
    await page.getByText('No evaluations in the last 7 days').waitFor();
    await one.sql(`insert into halyard_flag_traffic (team_id, flag_id, hour, value, count)
      select ${project}, ${String(flag)}, date_trunc('hour', now()) - interval '1 hour' * h, v.value, v.count
        from generate_series(0, 40) h cross join (values ('red', 3), ('blue', 1)) v (value, count)`);
    await page.reload();
    await page.getByRole('row', { name: /red 123 75%/ }).waitFor();
    await page.getByRole('row', { name: /blue 41 25%/ }).waitFor();
    await page.getByRole('row', { name: /Total 164/ }).waitFor();
    await page.locator('.chart canvas').waitFor();
    await page.getByText('Each count is an evaluation by /flags').waitFor();
    await expectAccessible(page);
    await page.getByLabel('Time').selectOption('day');
    await page.getByRole('row', { name: /red 72 / }).waitFor();
    expect(new URL(page.url()).searchParams.get('range')).toBe('day');
    await page.getByLabel('Time').selectOption('quarter');
    await page.getByText('Days begin at midnight UTC.').waitFor();
    await page.getByRole('row', { name: /red 123 75%/ }).waitFor();
  });

  it('K9, M107: a cohort is made as a tree, used by a flag, changed at once for it, and kept while it is used', async (context) => {
    skipWithoutBrowser(context);
    const { page } = console_;
    await console_.goto('cohorts/new');
    await page.getByLabel('Name', { exact: true }).fill('Big spenders');
    expect(await page.getByRole('button', { name: 'Create cohort' }).isDisabled()).toBe(true);
    await page.getByRole('button', { name: '+ Group' }).click();
    const inner = page.getByRole('group', { name: 'Group of level 2' });
    for (const [at, [property, operator, value]] of [
      ['plan', 'exact', 'enterprise'],
      ['spent', 'gt', '100'],
    ].entries()) {
      await inner.getByRole('button', { name: '+ Property' }).click();
      await inner
        .getByLabel('Property')
        .nth(at)
        .fill(property ?? '');
      await inner
        .getByLabel('Operator')
        .nth(at)
        .selectOption(operator ?? '');
      if (operator === 'exact') {
        await inner.getByLabel('Add a value').fill(value ?? '');
        await inner.getByLabel('Add a value').press('Enter');
        await inner.getByLabel('Add a value').press('Tab');
      } else await inner.getByLabel('Number').fill(value ?? '');
    }
    await expectAccessible(page);
    await page.getByRole('button', { name: 'Create cohort' }).click();
    await page.waitForURL(/cohorts\/\d+$/);
    const id = Number(/cohorts\/(\d+)$/.exec(page.url())?.[1]);
    expect((await api('GET', `cohorts/${id}/`)).at('filters', 'properties')).toEqual({
      type: 'AND',
      values: [
        {
          type: 'OR',
          values: [
            { type: 'person', key: 'plan', operator: 'exact', value: ['enterprise'] },
            { type: 'person', key: 'spent', operator: 'gt', value: 100 },
          ],
        },
      ],
    });
    const member = { type: 'cohort', key: 'id', value: id, operator: 'in' };
    const groups = [{ properties: [member], rollout_percentage: 100 }];
    await api('POST', 'feature_flags/', { key: 'gift', filters: { groups } });
    expect(await console_.valueOf('gift', 'someone', { spent: 150 })).toBe(true);
    await page.reload();
    await page.getByRole('region', { name: 'Used in' }).getByRole('link', { name: 'gift' }).waitFor();
    await page.getByLabel('Number').fill('200');
    await page.getByText('Not saved yet. Flags that use it change at once.').waitFor();
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByText('Saved.').waitFor();
    expect(await console_.valueOf('gift', 'someone', { spent: 150 })).toBe(false);
    await page.getByRole('button', { name: 'Delete …' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Delete' }).click();
    await page.getByRole('alert').getByText(/gift/).waitFor();
    await expectAccessible(page);
  });

  it('K9, M111, M112: a list of people, by a file and one by one, with those whom nobody knows', async (context) => {
    skipWithoutBrowser(context);
    const { page } = console_;
    await console_.goto('cohorts');
    await page.getByRole('row', { name: /VIPs List of people 2/ }).waitFor();
    await expectAccessible(page);
    await page.getByRole('link', { name: 'New cohort' }).click();
    await page.getByLabel('Name', { exact: true }).fill('Testers');
    await page.getByLabel('List of people').check();
    await page.getByRole('button', { name: 'Create cohort' }).click();
    await page.getByText('Nobody yet.').waitFor();
    await page.getByLabel('Add people from a CSV file').setInputFiles({
      name: 'people.csv',
      mimeType: 'text/csv',
      buffer: Buffer.from('ada\nnobody-knows\n'),
    });
    await page.getByText('1 added. 1 unknown, left out.').waitFor();
    await page.getByRole('list', { name: 'Members' }).getByText('ada@example.com', { exact: true }).waitFor();
    await page.getByLabel('Add a person').fill('linus');
    await page.getByRole('button', { name: 'Add linus@mail.test' }).click();
    await page.getByText('linus@mail.test added.').waitFor();
    await expectAccessible(page);
    await page.getByRole('button', { name: 'Remove ada@example.com' }).click();
    await page.getByText('ada@example.com removed.').waitFor();
    await expect
      .poll(() => page.getByRole('list', { name: 'Members' }).getByRole('listitem').count(), PATIENCE)
      .toBe(1);
    await page
      .getByLabel('Add people from a CSV file')
      .setInputFiles({ name: 'empty.csv', mimeType: 'text/csv', buffer: Buffer.from('') });
    await page.getByRole('alert').waitFor();
  });

  it('K9, M131: a feature is offered early, opens with its stage, and is taken back', async (context) => {
    skipWithoutBrowser(context);
    const { page } = console_;
    await console_.goto('early-access');
    await page.getByText('No early access features yet').waitFor();
    await page.getByRole('button', { name: 'New feature …' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('Name').fill('Quick find');
    await dialog.getByLabel('Stage').selectOption('beta');
    await dialog.getByLabel('Flag (optional)').fill('labs-preview');
    await expectAccessible(page);
    await dialog.getByRole('button', { name: 'Create' }).click();
    await page.getByRole('row', { name: /Quick find.*Beta.*people can join.*labs-preview/ }).waitFor();
    expect((await api('GET', 'feature_flags/labs-preview/')).at('filters', 'feature_enrollment')).toBe(true);
    await page.getByRole('button', { name: 'Change Quick find' }).click();
    await dialog.getByLabel('Stage').selectOption('concept');
    await dialog.getByRole('button', { name: 'Save' }).click();
    await page.getByRole('row', { name: /Quick find.*Concept.*closed/ }).waitFor();
    await expectAccessible(page);
    await page.getByRole('button', { name: 'Delete Quick find' }).click();
    await dialog.getByRole('button', { name: 'Delete' }).click();
    await page.getByText('No early access features yet').waitFor();
    expect((await api('GET', 'feature_flags/labs-preview/')).at('deleted')).toBe(false);
  });

  it('K9, M135, M137: changes are planned from a flag, stand in the order of time, pause, go on and are deleted', async (context) => {
    skipWithoutBrowser(context);
    const { page } = console_;
    await console_.goto('flags/dark-mode');
    await page.getByRole('link', { name: 'Schedule a change …' }).click();
    const dialog = page.getByRole('dialog', { name: /dark-mode/ });
    await dialog.getByLabel('When').fill('2031-05-04T10:00');
    await dialog.getByLabel('How often').selectOption('cron');
    expect(await dialog.getByRole('button', { name: 'Schedule' }).isDisabled()).toBe(true);
    await dialog.getByLabel('Cron expression').fill('0 18 * *');
    await dialog.getByRole('button', { name: 'Schedule' }).click();
    await dialog.locator('.error').waitFor();
    await expectAccessible(page);
    await dialog.getByLabel('Cron expression').fill('0 18 * * 5');
    await dialog.getByRole('button', { name: 'Schedule' }).click();
    await dialog.waitFor({ state: 'hidden' });
    const lines = page.getByRole('list', { name: 'Upcoming' }).getByRole('listitem');
    await lines.filter({ hasText: 'Switch off' }).filter({ hasText: 'Repeats at 0 18 * * 5 (UTC)' }).waitFor();
    // An earlier one, of another kind, of a flag that is chosen here.
    await page.getByRole('button', { name: 'Schedule a change …' }).click();
    await page.getByRole('dialog').getByLabel('Flag').fill('beta-search');
    const second = page.getByRole('dialog', { name: /beta-search/ });
    await second.getByLabel('What happens').selectOption('add_release_condition');
    const share = second.getByLabel('Share let in by condition 1, percent');
    await share.fill('20');
    await share.press('Tab');
    await second.getByLabel('When').fill('2030-05-04T10:00');
    await second.getByRole('button', { name: 'Schedule' }).click();
    await expect
      .poll(() => lines.allInnerTexts(), PATIENCE)
      .toEqual([
        expect.stringMatching(/4 May 2030[^]*beta-search[^]*Add a condition: on for 20 % of people\./),
        expect.stringMatching(/4 May 2031[^]*dark-mode/),
      ]);
    await page.getByRole('button', { name: 'Pause the change of dark-mode' }).click();
    await page.getByText('Paused').waitFor();
    await expectAccessible(page);
    await page.getByRole('button', { name: 'Resume the change of dark-mode' }).click();
    await page.getByRole('button', { name: 'Pause the change of dark-mode' }).waitFor();
    await page.getByRole('button', { name: 'Delete the change of beta-search' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Delete' }).click();
    await expect.poll(() => lines.count(), PATIENCE).toBe(1);
    await console_.one.sql(
      `update posthog_scheduledchange set executed_at = now(), failure_reason = 'It was refused.'`,
    );
    await page.getByRole('link', { name: 'Done' }).click();
    await page.getByRole('listitem').filter({ hasText: 'Failed' }).getByText('It was refused.').waitFor();
  });

  it('K51, M187: the history of the project, by what, who and how, leads to each change', async (context) => {
    skipWithoutBrowser(context);
    const { page } = console_;
    const groups = [{ properties: [], rollout_percentage: 25 }];
    await api('PATCH', 'feature_flags/dark-mode/', {
      active: false,
      tags: ['night'],
      filters: { groups },
      change_note: 'too dark',
    });
    await console_.goto('history');
    await page
      .getByRole('row', {
        name: /Flag dark-mode Changed Switched off\. Condition 1: 50 % → 25 % of people\. Tags: none → night\. “too dark”/,
      })
      .waitFor();
    await page.getByRole('row', { name: /Cohort Testers Created/ }).waitFor();
    await expectAccessible(page);
    await page.getByLabel('Kind').selectOption('flag');
    await page.getByRole('searchbox', { name: 'Search' }).fill('dark');
    await expect.poll(() => page.getByRole('rowheader').allTextContents(), PATIENCE).toEqual(['Flagdark-mode']);
    await page.reload();
    await page.getByRole('link', { name: 'dark-mode' }).click();
    await page.getByRole('listitem').filter({ hasText: 'too dark' }).waitFor();
    await console_.goto('history?activity=restored');
    await page.getByText('No matching changes.').waitFor();
  });

  it('K73, M150, M151: keys say what they may, are shown once and revoked; the token may be shown', async (context) => {
    skipWithoutBrowser(context);
    const { page, one } = console_;
    await console_.goto('settings/keys');
    await page.getByRole('row', { name: /test.*everything/ }).waitFor();
    await page.getByRole('button', { name: 'New key …' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('Label').fill('Robot');
    await dialog.getByLabel('feature_flag:read').check();
    await expectAccessible(page);
    await dialog.getByRole('button', { name: 'Create key' }).click();
    await page.getByText('It will not be shown again.').waitFor();
    const value = (await main().locator('.copyable code').textContent()) ?? '';
    const asKey = () => one.get(`/api/projects/${console_.project}/feature_flags/?limit=1`, value);
    expect((await asKey()).status).toBe(200);
    await expectAccessible(page);
    await page.reload();
    await page
      .getByRole('row', { name: /Robot.*feature_flag:read.*minute|Robot.*feature_flag:read.*just now/ })
      .waitFor();
    expect(await main().innerText()).not.toContain(value);
    await page.getByRole('button', { name: 'Revoke Robot' }).click();
    await dialog.getByRole('button', { name: 'Revoke' }).click();
    await expect.poll(() => page.getByRole('row', { name: /Robot/ }).count(), PATIENCE).toBe(0);
    expect((await asKey()).status).toBe(401);
    await console_.goto('settings/project');
    await page.getByText('phc_halyard_demo').waitFor();
    await page.getByText('Public: for pages and apps').waitFor();
    await page.getByRole('button', { name: 'New key …' }).click();
    await dialog.getByLabel('Label').fill('Backend');
    await dialog.getByRole('button', { name: 'Create key' }).click();
    await page.getByText('It will not be shown again.').waitFor();
    expect(await main().locator('.notice .copyable code').textContent()).toMatch(/^phs_/);
    await expectAccessible(page);
  });

  it('M16, M185: a name, members, and the password once more for what matters most', async (context) => {
    skipWithoutBrowser(context);
    const { page, one, project } = console_;
    const [organization] = await one.sql(`select organization_id from posthog_team where id = ${project}`);
    await one.user('bob@example.com', { [String(organization)]: 1 });
    await page.goto(`${one.url}/console/settings`);
    await page.getByLabel('First name').fill('Augusta');
    await page.getByRole('button', { name: 'Save name' }).click();
    await page.getByText('Saved.').waitFor();
    await expectAccessible(page);
    await page.getByRole('link', { name: 'Members' }).click();
    await page.getByRole('row', { name: /Augusta.*Owner \(you\)/ }).waitFor();
    await expectAccessible(page);
    await one.sql(`update halyard_session set confirmed_at = now() - interval '2 hours'`);
    await page.getByLabel('Level of bob@example.com').selectOption('8');
    const dialog = page.getByRole('dialog', { name: 'Confirm your password' });
    await dialog.getByLabel('Password').fill('wrong password');
    await dialog.getByRole('button', { name: 'Confirm' }).click();
    await dialog.getByText(/entered incorrectly/).waitFor();
    await expectAccessible(page);
    await dialog.getByRole('button', { name: 'Cancel' }).click();
    expect(
      await one.sql(`select level::int from posthog_organizationmembership m join posthog_user u on u.id = m.user_id
      where u.email = 'bob@example.com'`),
    ).toEqual([1]);
    await one.sql(`update halyard_session set confirmed_at = now()`);
    await page.getByRole('button', { name: 'Remove bob@example.com' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Remove' }).click();
    await expect.poll(() => page.getByRole('row', { name: /bob/ }).count(), PATIENCE).toBe(0);
    // What failed on the way was refused on purpose, or nothing.
    expect(console_.troubles.filter((trouble) => trouble.startsWith('exception'))).toEqual([]);
  });

  it('K62: a cohort is made, flags are tagged and a change is planned by keyboard alone', async (context) => {
    skipWithoutBrowser(context);
    const { page } = console_;
    const { keyboard } = page;
    const tabTo = async (name: RegExp): Promise<void> => {
      for (let pressed = 0; pressed < 120; pressed++) {
        await keyboard.press('Tab');
        const label = await page.evaluate(() => {
          const element = document.activeElement as HTMLInputElement | null;
          return `${element?.getAttribute('aria-label') ?? ''} ${element?.labels?.[0]?.textContent ?? ''} ${element?.textContent ?? ''}`;
        });
        if (name.test(label)) return;
      }
      throw new Error(`No Tab leads to ${String(name)}.`);
    };
    await console_.goto('cohorts/new');
    await page.getByRole('heading', { name: 'New cohort' }).waitFor();
    await keyboard.type('By keyboard');
    await tabTo(/\+ Property/);
    await keyboard.press('Enter');
    await page.getByRole('main').getByLabel('Property').waitFor();
    await page.getByRole('heading', { name: 'New cohort' }).click();
    await tabTo(/Property/);
    await keyboard.type('plan');
    await tabTo(/Add a value/);
    await keyboard.type('pro');
    await keyboard.press('Enter');
    await tabTo(/Create cohort/);
    await keyboard.press('Enter');
    await page.getByRole('heading', { name: 'By keyboard' }).waitFor();
    await console_.goto('flags?search=beta-search');
    await page.getByRole('row', { name: /beta-search/ }).waitFor();
    await tabTo(/Select beta-search/);
    await keyboard.press('Space');
    await tabTo(/^ {2}Tag …/);
    await keyboard.press('Enter');
    await page.getByRole('dialog').waitFor();
    await tabTo(/Tags/);
    await keyboard.type('keys');
    await tabTo(/Change tags/);
    await keyboard.press('Enter');
    await page.getByRole('row', { name: /beta-search.*keys/ }).waitFor();
    expect((await api('GET', 'feature_flags/beta-search/')).at('tags')).toEqual(['keys']);
    await console_.goto('schedule');
    await page.getByRole('heading', { name: 'Schedule', exact: true }).waitFor();
    await tabTo(/Schedule a change/);
    await keyboard.press('Enter');
    await page.getByRole('dialog').getByLabel('Flag').waitFor();
    await keyboard.type('beta-search');
    await page.getByRole('dialog', { name: /beta-search/ }).waitFor();
    await tabTo(/^ {2}Schedule$/);
    await keyboard.press('Enter');
    await page.getByRole('listitem').filter({ hasText: 'beta-search' }).getByText('Switch off').waitFor();
  });
});
