import { execFile } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';
import { build } from 'esbuild';
import { chromium } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { fetchPackages } from './lib/fetched.mjs';
import { cache, root } from './lib/paths.mjs';

/*
 * The library, bundled as for a browser, answers in runtimes that are not Node as it does in Node.
 */

interface Runtime {
  name: string;
  wanted: string;
  program: string;
  args: (place: string) => string[];
}
/** Runtimes as npm has them: the package, its program, and how that runs the module `main.mjs` of a folder. */
const runtimes: readonly Runtime[] = [
  {
    name: 'workerd',
    wanted: 'workerd@1.20261117.1',
    program: 'workerd/bin/workerd',
    args: (place) => ['test', '--verbose', join(place, 'worker.capnp')],
  },
  { name: 'bun', wanted: 'bun@1.4.5', program: 'bun/bin/bun.exe', args: (place) => ['run', join(place, 'main.mjs')] },
  {
    name: 'deno',
    wanted: 'deno@2.9.6',
    program: 'deno/deno',
    args: (place) => ['run', '--no-remote', join(place, 'main.mjs')],
  },
];
/** They are 350 MB, so only those are fetched that somebody names; `.ci/run` names all. */
const named = (process.env['HALYARD_RUNTIMES'] ?? '').split(',');

/** Asks by hash, pattern, date and version, of many users; the answers become one text. */
const program = `
import { createHalyard } from 'halyard';
const condition = (key, operator, value, more) => ({ properties: [{ key, type: 'person', operator, value }], ...more });
const flag = (id, key, ...groups) => ({ id, key, active: true, filters: { groups } });
const definitions = { flags: [
  flag(1, 'third', { properties: [], rollout_percentage: 33 }),
  flag(2, 'mail', condition('email', 'regex', '^[a-m].*@example\\\\.(com|org)$')),
  flag(3, 'early', condition('joined', 'is_date_before', '2026-03-01')),
  flag(4, 'app', condition('version', 'semver_gte', '1.10.0', { rollout_percentage: 60 })),
  { id: 5, key: 'colour', active: true, filters: { groups: [{ properties: [], rollout_percentage: 100 }],
    multivariate: { variants: [{ key: 'red', rollout_percentage: 50 }, { key: 'grün', rollout_percentage: 50 }] },
    payloads: { red: '{"hex":"f00"}' } } },
] };
export async function answers() {
  const halyard = await createHalyard({ definitions });
  return JSON.stringify(Array.from({ length: 200 }, (_, n) => {
    const personProperties = { email: String.fromCharCode(97 + n % 26) + n + '@example.' + (n % 3 ? 'com' : 'org'),
      joined: '2026-0' + (1 + n % 9) + '-15', version: '1.' + n % 20 + '.0' };
    return halyard.evaluateSync({ distinctId: 'user-' + n, personProperties }).values();
  }));
}
`;

const worker = `
import { answers } from 'answers.mjs';
export default { async test() { console.log('answers: ' + (await answers())); } };
`;
const config = `
using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (services = [(name = "main", worker = .worker)]);
const worker :Workerd.Worker = (compatibilityDate = "2026-11-01", modules = [
  (name = "worker.mjs", esModule = embed "worker.mjs"),
  (name = "answers.mjs", esModule = embed "answers.mjs"),
]);
`;

let folder: string;
let inNode: string;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'halyard-runtimes-'));
  await build({
    stdin: { contents: program, resolveDir: join(root, 'packages', 'halyard') },
    outfile: join(folder, 'answers.mjs'),
    bundle: true,
    conditions: ['halyard-source'],
    platform: 'browser',
    format: 'esm',
  });
  writeFileSync(
    join(folder, 'main.mjs'),
    `import { answers } from './answers.mjs'; console.log('answers: ' + (await answers()));`,
  );
  writeFileSync(join(folder, 'worker.mjs'), worker);
  writeFileSync(join(folder, 'worker.capnp'), config);
  inNode = await answersOf(process.execPath, [join(folder, 'main.mjs')]);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function answersOf(file: string, args: readonly string[]): Promise<string> {
  const { stdout, stderr } = await promisify(execFile)(file, args, { timeout: 60_000, maxBuffer: 2 ** 24 });
  return /answers: (.*)/.exec(stdout + stderr)?.[1] ?? stdout + stderr;
}

it('asks what has many different answers', () => {
  const answers = (JSON.parse(inNode) as unknown[]).map((values) => JSON.stringify(values));
  expect(answers).toHaveLength(200);
  expect(new Set(answers).size).toBeGreaterThan(15);
});

it.for(runtimes)(
  'gets the same answers in $name as in Node',
  { timeout: 240_000 },
  async ({ name, wanted, program: file, args }, { skip }) => {
    skip(!named.includes(name), `NOT RUN: HALYARD_RUNTIMES does not name ${name}`);
    const place = join(cache, 'runtimes', name);
    await fetchPackages(place, [wanted]);
    expect(await answersOf(join(place, 'node_modules', file), args(folder))).toBe(inNode);
  },
);

/** Debian's; on a build server it must be there. */
const browser = (process.env['PATH'] ?? '')
  .split(delimiter)
  .map((place) => join(place, 'chromium'))
  .find((file) => existsSync(file));

it('gets the same answers in a browser as in Node', { timeout: 120_000 }, async ({ skip }) => {
  skip(browser === undefined && process.env['CI'] === undefined, 'NOT RUN: chromium is not installed');
  const open = await chromium.launch({
    executablePath: browser ?? 'chromium',
    args: ['--no-sandbox', '--disable-dev-shm-usage'],
  });
  try {
    const page = await open.newPage();
    const address = `data:text/javascript;base64,${readFileSync(join(folder, 'answers.mjs'), 'base64')}`;
    // A text, so that what compiles this file leaves it alone.
    const answers: unknown = await page.evaluate(`import('${address}').then(({ answers }) => answers())`);
    expect(answers).toBe(inNode);
  } finally {
    await open.close();
  }
});
