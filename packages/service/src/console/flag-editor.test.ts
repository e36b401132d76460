/// <reference lib="dom" />
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { expectAccessible, openConsole, type OpenConsole, skipWithoutBrowser } from './open-console.cases.ts';

/** For a busy machine: nothing is measured by it. */
const PATIENCE = { timeout: 30_000 };

interface Described {
  readonly groups: readonly { readonly description: string }[];
}

describe('the editor of a flag', { timeout: 240_000 }, () => {
  let ada: OpenConsole;

  beforeAll(async () => {
    ada = (await openConsole()) as OpenConsole;
  });

  afterAll(() => ada?.close());

  const flagsPath = (): string => `/api/projects/${ada.project}/feature_flags/`;
  const make = async (body: string): Promise<number> => {
    const headers = { 'content-type': 'application/json' };
    const answer = await ada.one.send('POST', flagsPath(), { key: ada.key, raw: body, headers });
    expect([answer.status, answer.body]).toMatchObject([201, {}]);
    return Number(answer.at('id'));
  };
  /** @param key typed where so much changes that it has to be */
  const save = async (key?: string): Promise<void> => {
    const { page } = ada;
    await page.getByRole('button', { name: 'Review …' }).click();
    if (key !== undefined) await page.getByLabel(`Type ${key} to`).fill(key);
    await page.getByRole('dialog').getByRole('button', { name: 'Save' }).click();
    await page.getByText('Saved.').waitFor();
  };

  it('K13, K40, E95: numbers that a browser cannot hold outlive an edit of something else, byte for byte', async (context) => {
    skipWithoutBrowser(context);
    const { page } = ada;
    await make(`{"key": "exact", "filters": {"groups": [
      {"properties": [{"key": "id", "type": "person", "operator": "exact", "value": [12345678901234567890, 1.0]},
        {"key": "n", "type": "person", "operator": "gt", "value": 9007199254740993}], "rollout_percentage": 30},
      {"properties": [], "rollout_percentage": 50}], "payloads": {"true": "{\\"n\\": 12345678901234567890}"}}}`);
    const before = await ada.filtersText('exact');
    expect(before).toMatch(/12345678901234567890,\s?1\.0.*9007199254740993/s);
    await ada.goto('flags/exact');
    await page.getByText('12345678901234567890').first().waitFor();
    const share = page.getByLabel('Share let in by condition 2, percent');
    await share.fill('60');
    await share.press('Tab');
    // A draft that is kept keeps them, too.
    await page.getByText('Draft:').waitFor();
    await page.reload();
    await page.getByText('Draft:').waitFor();
    // K13: nobody has asked yet, which is not the same as nobody who changes.
    await page.getByRole('button', { name: 'Review …' }).click();
    await page.getByText('Who flips is not known: nobody has asked for flags since').waitFor();
    await page.keyboard.press('Escape');
    await save();
    expect(await ada.filtersText('exact')).toBe(
      before.replace(/"rollout_percentage":\s?50/, (text) => text.replace('50', '60')),
    );
  });

  it('K33, K34: conditions are moved by mouse and buttons, duplicated and folded; a new one has no share', async (context) => {
    skipWithoutBrowser(context);
    const { page } = ada;
    await make(`{"key": "order", "filters": {"groups": [
      {"description": "first", "properties": [], "rollout_percentage": 10},
      {"description": "second", "properties": [], "rollout_percentage": 20},
      {"description": "third", "properties": [], "rollout_percentage": 30}]}}`);
    await ada.goto('flags/order');
    const described = page.getByLabel(/^Description of condition/);
    const order = async (): Promise<readonly string[]> =>
      Promise.all((await described.all()).map((field) => field.inputValue()));
    await described.first().waitFor();
    await page.getByRole('button', { name: 'Move condition 1 down' }).click();
    expect(await order()).toEqual(['second', 'first', 'third']);
    const card = (number: number) => page.getByRole('region', { name: `Condition ${number}`, exact: true });
    await card(3).getByRole('heading').hover();
    await page.mouse.down();
    await card(2).hover();
    await card(1).hover();
    await card(1).getByRole('heading').hover();
    await page.mouse.up();
    await expect.poll(order, PATIENCE).toEqual(['third', 'second', 'first']);
    await page.getByRole('button', { name: 'Duplicate condition 1' }).click();
    expect(await order()).toEqual(['third', 'third', 'second', 'first']);
    await page.getByRole('button', { name: 'Fold condition 1', exact: true }).click();
    await card(1).getByText('third · everybody · 30 %').waitFor();
    // What is folded goes with its condition.
    await page.getByRole('button', { name: 'Move condition 1 down' }).click();
    await card(2).getByText('third · everybody · 30 %').waitFor();
    await page.getByRole('button', { name: 'Add a condition' }).click();
    expect(await page.getByLabel('Share let in by condition 5, percent').inputValue()).toBe('');
    const problems = page.getByRole('status', { name: 'What keeps it from being saved' });
    await problems.getByText('Choose a share.').waitFor();
    expect(await page.getByRole('button', { name: 'Review …' }).isDisabled()).toBe(true);
    await expectAccessible(page);
    await problems.getByRole('button', { name: 'Condition 5' }).click();
    await page.keyboard.press('Shift+ArrowRight');
    await expect
      .poll(() => page.evaluate(() => document.activeElement?.closest('section')?.ariaLabel))
      .toBe('Condition 5');
    await page.getByRole('button', { name: 'Remove condition 5' }).click();
    await save();
    expect(
      (JSON.parse(await ada.filtersText('order')) as Described).groups.map(({ description }) => description),
    ).toEqual(['third', 'third', 'second', 'first']);
  });

  it('K33, K34: values are checked as they are typed, offered, pasted, and counted among recent users', async (context) => {
    skipWithoutBrowser(context);
    const { page } = ada;
    for (let user = 0; user < 12; user++)
      await ada.valueOf('pro-reports', `u${user}`, { plan: user < 4 ? 'pro' : 'free' });
    await ada.goto('flags/new');
    await page.getByLabel('Key').fill('checked');
    const one = page.getByRole('region', { name: 'Condition 1', exact: true });
    await one.getByRole('button', { name: '+ Property' }).click();
    await one.getByLabel('Property').fill('pla');
    await page.getByRole('option', { name: /^plan/ }).click();
    const value = one.getByLabel('Add a value');
    await value.fill('pr');
    await page.getByRole('option', { name: 'pro', exact: true }).click();
    await one.getByRole('button', { name: 'Remove pro' }).waitFor();
    const share = page.getByLabel('Share let in by condition 1, percent');
    await share.fill('50');
    await share.press('Tab');
    await one.getByText('≈ 2 of 12 recent users (4 match)').waitFor();
    await page.evaluate(() => navigator.clipboard?.writeText('').catch(() => undefined));
    await value.focus();
    await page.evaluate(() => {
      const data = new DataTransfer();
      data.setData('text', Array.from({ length: 60 }, (_, at) => `team-${at}`).join('\n'));
      document.activeElement?.dispatchEvent(new ClipboardEvent('paste', { clipboardData: data, bubbles: true }));
    });
    await one.getByText('61 values').waitFor();
    await one.getByLabel('Values, one on each line').fill('pro\nteam');
    await one.getByRole('button', { name: 'Done' }).click();
    await one.getByRole('button', { name: 'Remove team' }).waitFor();
    const operator = one.getByLabel('Operator');
    await operator.selectOption('is_date_after');
    await one.getByLabel('Date', { exact: true }).fill('2026-03-01 12:00');
    await one.getByText('1 Mar 2026, 12:00 UTC').waitFor();
    await one.getByLabel('Date', { exact: true }).fill('gestern');
    await one.getByText('No date, such as').waitFor();
    await operator.selectOption('semver_gte');
    await one.getByLabel('Version').fill('one.two');
    await one.getByText('No version, such as 1.2.3').waitFor();
    await operator.selectOption('regex');
    await one.getByLabel('Pattern').fill('(unclosed');
    await one.getByText(/^Character \d+: /).waitFor();
    await one.getByLabel('Pattern').fill('^team-\\d+$');
    await one.getByLabel('Try a value').fill('team-7');
    await one.getByText('✓ matches').waitFor();
    await one.getByLabel('Try a value').fill('team');
    await one.getByText('✗ does not match').waitFor();
    await expectAccessible(page);
  });

  it('K35, K36: shares are moved at their borders, a sum that is not 100 is named, and no payload is dropped in silence', async (context) => {
    skipWithoutBrowser(context);
    const { page } = ada;
    // Somebody who was seen recently, and flips: such a change is confirmed (K12).
    await ada.valueOf('pro-reports', 'u0');
    await make(`{"key": "shared", "filters": {"groups": [{"properties": [], "rollout_percentage": 100}],
      "payloads": {"true": "{\\"text\\": \\"stays\\"}"}}}`);
    await ada.goto('flags/shared');
    await page.getByRole('button', { name: 'Use variants' }).click();
    const variants = page.getByRole('region', { name: 'Variants' });
    await variants.getByText('{"text": "stays"}').waitFor();
    await variants.getByRole('slider', { name: 'Border between control and test' }).focus();
    await page.keyboard.press('ArrowRight');
    await page.keyboard.press('Shift+ArrowRight');
    await variants.getByRole('img', { name: 'control 61 %, test 39 %' }).waitFor();
    const thumb = await variants.locator('.border-thumb').boundingBox();
    const bar = await variants.locator('.bar').boundingBox();
    if (thumb === null || bar === null) throw new Error('The bar is not there.');
    await page.mouse.move(thumb.x + thumb.width / 2, thumb.y + thumb.height / 2);
    await page.mouse.down();
    await page.mouse.move(bar.x + bar.width * 0.25, bar.y + 4, { steps: 4 });
    await page.mouse.up();
    await variants.getByRole('img', { name: 'control 25 %, test 75 %' }).waitFor();
    await variants.getByRole('button', { name: '+ Variant' }).click();
    const third = variants.getByLabel('Share of variant-1, percent');
    await third.fill('10.5');
    await third.press('Tab');
    await variants.getByText('Together 110.5 %: 10.5 % too many').waitFor();
    await page.getByRole('button', { name: 'Variants', exact: true }).waitFor();
    await variants.getByRole('button', { name: 'Share equally' }).click();
    await variants.getByText('Together 100 %').waitFor();
    // The JSON editor is loaded when it is opened.
    await variants.getByRole('button', { name: 'Edit: Payload of test' }).click();
    const editor = variants.getByRole('textbox', { name: 'Payload of test' });
    await editor.fill('{"a": 1,\n}');
    await variants.getByText('Line 2, column 1: “}” does not fit here', { exact: true }).waitFor();
    expect(await page.getByRole('button', { name: 'Review …' }).isDisabled()).toBe(true);
    await editor.fill('{"a":"12"}');
    await variants.getByText('10 bytes.').waitFor();
    await expectAccessible(page);
    await variants.getByRole('button', { name: 'Format' }).click();
    await expect.poll(() => editor.innerText(), PATIENCE).toContain('"a": "12"');
    await variants.getByRole('button', { name: 'Remove variant test' }).click();
    const asks = page.getByRole('dialog', { name: 'Remove test and its payload?' });
    await asks.getByText('"a": "12"').waitFor();
    await asks.getByRole('button', { name: 'Keep it' }).click();
    await page.getByLabel('Variant', { exact: true }).selectOption('test');
    await page.getByText('Every condition names its variant: these shares decide for nobody.').waitFor();
    expect(await page.locator('.segments.overruled').count()).toBe(1);
    await save('shared');
    expect(JSON.parse(await ada.filtersText('shared'))).toMatchObject({
      groups: [{ variant: 'test' }],
      payloads: { test: '{\n  "a": "12"\n}' },
    });
    expect(ada.troubles.filter((trouble) => /exception/i.test(trouble))).toEqual([]);
  });

  it('K37: cohorts and flags are found by name, stored by id, and a circle is refused when it is picked', async (context) => {
    skipWithoutBrowser(context);
    const { page } = ada;
    const needed = await make('{"key": "needed", "filters": {"groups": [{"rollout_percentage": 100}]}}');
    const asking = await make(`{"key": "asking", "filters": {"groups": [{"properties": [
      {"key": "${needed}", "type": "flag", "operator": "flag_evaluates_to", "value": true}]}]}}`);
    // Somebody has it, and loses it: so much that the key has to be typed.
    expect(await ada.valueOf('needed', 'somebody')).toBe(true);
    await ada.goto('flags/needed');
    await page
      .getByRole('region', { name: 'Flags that depend on each other' })
      .getByRole('link', { name: 'asking' })
      .waitFor();
    const one = page.getByRole('region', { name: 'Condition 1', exact: true });
    await one.getByRole('button', { name: '+ Other flag' }).click();
    await one.getByLabel('Flag', { exact: true }).fill('asking');
    await page.getByRole('option', { name: /^asking/ }).click();
    await one.getByText('Would be a circle: needed → asking → needed.').waitFor();
    await one.getByLabel('Flag', { exact: true }).fill('button');
    await page.getByRole('option', { name: /^button-color/ }).click();
    await one.getByLabel('Value of the flag').selectOption({ label: 'variant blue' });
    await one.getByRole('button', { name: '+ Cohort' }).click();
    const [cohort] = await ada.one.sql(`select name from posthog_cohort where is_static order by id limit 1`);
    await one.getByLabel('Cohort', { exact: true }).fill(String(cohort).slice(0, 3));
    await page.getByRole('option', { name: new RegExp(String(cohort)) }).click();
    await one.getByText(/^a list of/).click();
    await one.getByText('People are put into it one by one.').waitFor();
    await expectAccessible(page);
    await save('needed');
    const [stored] = await ada.one.sql(
      `select filters -> 'groups' -> 0 -> 'properties' from posthog_featureflag where key = 'needed'`,
    );
    const [color] = await ada.one.sql(`select id from posthog_featureflag where key = 'button-color'`);
    expect(stored).toMatchObject([
      { type: 'flag', key: String(color), value: 'blue' },
      { type: 'cohort', operator: 'in' },
    ]);
    expect(asking).toBeGreaterThan(needed);
    // A condition about groups asks for groups by their keys.
    await ada.goto('flags/team-dashboard');
    await page.getByRole('button', { name: '+ Groups by name' }).click();
    await page.getByLabel('Add a value').last().focus();
    await page.getByRole('option').first().waitFor();
  });

  it('K38, K39: what the service refuses stands at its field and on top, with a way there', async (context) => {
    skipWithoutBrowser(context);
    const { page } = ada;
    await ada.goto('flags/new');
    await page.getByLabel('Key').fill('dark-mode');
    const share = page.getByLabel('Share let in by condition 1, percent');
    await share.fill('5');
    await share.press('Tab');
    const problems = page.getByRole('status', { name: 'What keeps it from being saved' });
    await problems.getByText('There is already a feature flag with this key.').waitFor();
    await page.getByRole('main').getByText('Settings').click();
    await problems.getByRole('button', { name: 'Key' }).click();
    await expect.poll(() => page.evaluate(() => (document.activeElement as HTMLInputElement).value)).toBe('dark-mode');
    expect(await page.getByLabel('Key').getAttribute('aria-invalid')).toBe('true');
    await page.getByLabel('Shares are drawn by').selectOption('device_id');
    await page.getByText('Not together with experience continuity', { exact: false }).waitFor();
    expect(await page.getByLabel('Signing in changes nobody’s value').isDisabled()).toBe(true);
    await expectAccessible(page);
    await page.getByLabel('Key').fill('brightness');
    await expect.poll(() => page.getByRole('button', { name: 'Review …' }).isEnabled(), PATIENCE).toBe(true);
  });

  it('K40: the JSON of a flag is the same draft, both ways', async (context) => {
    skipWithoutBrowser(context);
    const { page } = ada;
    await ada.goto('flags/order');
    await page.getByRole('button', { name: 'Edit as JSON' }).click();
    const editor = page.getByRole('textbox', { name: 'The flag as JSON' });
    await expect.poll(() => editor.innerText(), PATIENCE).toContain('"key": "order"');
    const stored = await ada.one.get(`${flagsPath()}order/`, ada.key);
    const text = Object.fromEntries(
      ['key', 'name', 'filters', 'active', 'archived', 'deleted', 'tags', 'evaluation_contexts']
        .concat('ensure_experience_continuity', 'is_remote_configuration', 'has_encrypted_payloads')
        .concat('evaluation_runtime', 'bucketing_identifier')
        .map((name) => [name, stored.at(name)]),
    );
    text['filters'] = { ...(text['filters'] as object), groups: [{ properties: [], rollout_percentage: 44 }] };
    await editor.fill(JSON.stringify(text).replace('"key"', '"kee"'));
    await page.getByText('The member “key” is missing.').waitFor();
    await editor.fill(JSON.stringify(text));
    await page.getByText('Draft: On for 44 % of people. Everybody else: off.').waitFor();
    await expectAccessible(page);
    await page.getByRole('button', { name: 'Edit as a form' }).click();
    expect(await page.getByLabel('Share let in by condition 1, percent').inputValue()).toBe('44');
    await page.getByRole('button', { name: 'Edit as JSON' }).click();
    await expect.poll(() => editor.innerText(), PATIENCE).toContain('"rollout_percentage": 44');
    await page.getByRole('button', { name: 'Discard' }).click();
    await expect.poll(() => editor.innerText(), PATIENCE).toContain('"third"');
  });
});
