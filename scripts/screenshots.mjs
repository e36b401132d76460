/// <reference lib="dom" />
import { existsSync, mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './lib/paths.mjs';
import { fillProject } from './lib/screenshot-project.mjs';
import { setUp } from './lib/set-up.mjs';

/*
 * npm run screenshots [-- PATTERN]    every page of the console (or those whose name has PATTERN in it) over a demo project,
 *                                     light and dark, 1280 and 390 pixels wide, into screenshots/. Needs Chromium.
 * npm run screenshots -- --docs       the few that docs/console.md shows, into docs/pictures/
 */
const forDocs = process.argv[2] === '--docs';
const pattern = forDocs ? '' : (process.argv[2] ?? '');
if (pattern === '--help') {
  console.log(
    'npm run screenshots [-- PATTERN]\n\nPictures of the console into screenshots/, of pages with PATTERN in their name.',
  );
  process.exit(0);
}
await setUp();
// oxlint-disable no-restricted-imports -- these scripts run before anything is installed, these lines afterwards
const { ask, createTestDatabase, findProgram, startThrowawayPostgres } = await import('@halyard/data/testing');
const { createLog, readSettings, seedDemo, startService } = await import('@halyard/service');
const { chromium } = await import('playwright-core');
// oxlint-enable no-restricted-imports

const program = findProgram('chromium');
if (program === null) {
  console.error('Chromium is missing: on Debian, apt-get install chromium.');
  process.exit(1);
}
const folder = forDocs ? join(root, 'docs', 'pictures') : join(root, 'screenshots');
if (pattern === '' && !forDocs && existsSync(folder)) rmSync(folder, { recursive: true });
mkdirSync(folder, { recursive: true });

const postgres = await startThrowawayPostgres();
const database = await createTestDatabase({}, postgres.url);
await seedDemo(database.url);
const settings = readSettings({ DATABASE_URL: database.url, PORT: '0' });
const service = await startService(settings, { log: createLog('silent', 2), onProgress: () => undefined });
const browser = await chromium.launch({ executablePath: program, args: ['--no-sandbox', '--disable-dev-shm-usage'] });
try {
  await photograph();
} finally {
  await browser.close();
  await service.close();
  await postgres.stop();
}

async function photograph() {
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, reducedMotion: 'reduce' });
  const page = await context.newPage();
  const secret = await service.newSetup();
  /** @type {Record<string, string>} */
  const door = { 'door-login': '/login', 'door-setup': `/setup#${secret}` };
  if (!forDocs) for (const [name, path] of Object.entries(door)) await shoot(page, name, path);
  await page.goto(`${service.url}/console/setup#${secret}`);
  await page.getByLabel('E-mail').fill('ada@example.com');
  await page.getByLabel('Password').fill('correct horse battery staple');
  await page.getByRole('button', { name: 'Begin' }).click();
  await page.waitForURL(/\/p\/\d+\/flags/);
  const project = Number(/\/p\/(\d+)\//.exec(page.url())?.[1]);
  const session = await context.request.get(`${service.url}/api/halyard/session/`);
  const { csrf_token: token } = /** @type {{ csrf_token: string }} */ (await session.json());
  for (let user = 0; user < 300; user++) {
    const body = JSON.stringify({ token: 'phc_halyard_demo', distinct_id: `visitor-${user}` });
    await fetch(`${service.url}/flags?v=2`, { method: 'POST', body });
  }
  // Whoever reads the counts has them written first.
  await context.request.get(`${service.url}/api/halyard/projects/${project}/traffic/`);
  await fillProject(
    async (method, path, body) => {
      const answer = await context.request.fetch(`${service.url}${path}`, {
        method,
        headers: { 'x-csrftoken': token },
        ...(body === undefined ? {} : { data: body }),
      });
      if (!answer.ok()) throw new Error(`${method} ${path}: ${answer.status()} ${await answer.text()}`);
      return answer.status() === 204 ? null : /** @type {Promise<unknown>} */ (answer.json());
    },
    (...statements) => ask(database.url, ...statements),
    project,
  );
  const p = `/p/${project}`;
  const [europe] = await ask(database.url, `select id from posthog_cohort where name like 'Paying%'`);
  const [vips] = await ask(database.url, `select id from posthog_cohort where name = 'VIPs'`);
  /** @type {[name: string, path: string, act?: () => Promise<void>][]} */
  const pages = [
    ['flags', `${p}/flags`],
    ['flags-filtered', `${p}/flags?state=on&tag=checkout&type=boolean&order=-rollout`],
    ['flags-stale', `${p}/flags?state=stale`],
    [
      'flags-chosen',
      `${p}/flags`,
      async () => {
        await page.getByLabel('Select dark-mode').check();
        await page.getByLabel('Select new-checkout').check();
      },
    ],
    [
      'flags-switch',
      `${p}/flags`,
      async () => {
        await page.getByRole('button', { name: /switch dark-mode off/ }).click();
        await page.getByText(/^Of \d+ users seen recently/).waitFor();
      },
    ],
    [
      'flags-refusals',
      `${p}/flags`,
      async () => {
        await page.getByLabel('Select new-checkout').check();
        await page.getByRole('button', { name: 'Archive …' }).click();
        await page.getByRole('dialog').getByRole('button', { name: 'Archive' }).click();
        await page.getByRole('list', { name: 'Refusals' }).waitFor();
      },
    ],
    ['flag-targeting', `${p}/flags/button-color`],
    ['flag-traffic', `${p}/flags/button-color/traffic?range=week`],
    ['flag-explain', `${p}/flags/button-color/explain?user=grace`],
    ['flag-history', `${p}/flags/dark-mode/history`],
    ['flag-code', `${p}/flags/button-color/code`],
    ['flag-new', `${p}/flags/new`],
    ['users', `${p}/users?user=ada`],
    ['cohorts', `${p}/cohorts`],
    ['cohort-tree', `${p}/cohorts/${String(europe)}`],
    ['cohort-list', `${p}/cohorts/${String(vips)}`],
    ['cohort-new', `${p}/cohorts/new`],
    ['early-access', `${p}/early-access`],
    ['schedule', `${p}/schedule`],
    ['schedule-plan', `${p}/schedule?plan=dark-mode`],
    ['history', `${p}/history`],
    ['settings-profile', `${p}/settings`],
    ['settings-keys', `${p}/settings/keys`],
    ['settings-members', `${p}/settings/members`],
    ['settings-project', `${p}/settings/project`],
    ['nothing', `${p}/nothing`],
  ];
  if (forDocs) await illustrate(page, p);
  else for (const [name, path, act] of pages) await shoot(page, name, path, act);
}

/**
 * Parts of pages that are small enough to stand in a document.
 *
 * @param {import('playwright-core').Page} page
 * @param {string} project its place in addresses
 */
async function illustrate(page, project) {
  await page.setViewportSize({ width: 1280, height: 760 });
  await page.emulateMedia({ colorScheme: 'light', reducedMotion: 'reduce' });
  await page.goto(`${service.url}/console${project}/flags?tag=mobile`);
  await page.getByRole('row').nth(2).waitFor();
  await settled(page);
  await page.locator('.table-frame').screenshot({ path: join(folder, 'console-list.png') });
  await page.goto(`${service.url}/console${project}/flags?search=dark-mode`);
  await page.getByRole('button', { name: /switch dark-mode off/ }).click();
  await page.getByText(/^Of \d+ users seen recently/).waitFor();
  await settled(page);
  await page.locator('.modal').screenshot({ path: join(folder, 'console-review.png') });
}

/**
 * @param {import('playwright-core').Page} page
 * @param {string} name
 * @param {string} path
 * @param {() => Promise<void>} [act] what is done on the page before
 */
async function shoot(page, name, path, act) {
  if (!name.includes(pattern)) return;
  for (const width of [1280, 390]) {
    await page.setViewportSize({ width, height: width === 390 ? 844 : 800 });
    for (const colorScheme of /** @type {const} */ (['light', 'dark'])) {
      await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
      await page.goto('about:blank');
      await page.goto(`${service.url}/console${path}`);
      await page.getByRole('heading').first().waitFor();
      await settled(page);
      if (act !== undefined) {
        await act();
        await settled(page);
      }
      const isOver = await page.evaluate(
        () => document.documentElement.scrollWidth > document.documentElement.clientWidth,
      );
      await page.screenshot({ path: join(folder, `${name}-${width}-${colorScheme}.png`), fullPage: act === undefined });
      if (isOver) console.log(`${name} is wider than ${width} pixels`);
    }
  }
  console.log(name);
}

/** @param {import('playwright-core').Page} page the stream of changes never ends: quiet is when nothing is being read */
async function settled(page) {
  await page.waitForFunction(() => !/Reading …|Counting who flips …/.test(document.body.textContent ?? ''));
  await page.waitForTimeout(250);
}
