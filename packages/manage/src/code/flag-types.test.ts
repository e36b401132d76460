import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { JsonObject } from '@halyard/json';
import { parseDefinitions } from '@halyard/json';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { flagTypes, type TypeLanguage } from './flag-types.ts';

const all = { properties: [], rollout_percentage: 100 };
const variants = (...weights: [string, number][]) => ({
  variants: weights.map(([key, weight]) => ({ key, rollout_percentage: weight })),
});
const rules = (type: string, fallback: unknown, ...values: unknown[]) => ({
  version: 2,
  return_type: type,
  default_value: fallback,
  rules: values.map((value, at) => ({
    id: `00000000-0000-4000-8000-00000000000${at}`,
    rule_type: 'targeted_release',
    targeting: { properties: [] },
    value,
  })),
});

const flags: readonly [key: string, filters: object, name?: string][] = [
  [
    'new-cart',
    { groups: [all], payloads: { true: '{"columns":2,"labels":["a"],"nested":{"x":1.5}}' } },
    'Cart */ with\ntwo columns',
  ],
  [
    'button',
    { groups: [all], multivariate: variants(['red', 50], ['blue', 50]), payloads: { red: '1', blue: '"text"' } },
  ],
  ['partly', { groups: [all], multivariate: variants(['a', 40]), holdout: { id: 7, exclusion_percentage: 5 } }],
  ['plan "x" ü 🎉', { groups: [] }],
  ['price', rules('number', null, 12.5, 3)],
  ['theme', rules('string', 'light', 'dark', 'light')],
  ['__proto__', { groups: [], payloads: { true: 'not JSON' } }],
  ['broken', { groups: 7 }],
];

function typesOf(language: TypeLanguage, given = flags): string {
  const rows = given.map(([key, filters, name = ''], at) => ({ id: at + 1, key, name, active: true, filters }));
  const read = (parseDefinitions(JSON.stringify(rows)) as JsonObject[]) ?? [];
  return flagTypes({ teamId: 1, flags: read, cohorts: [], groupTypeMapping: {} }, language);
}

const here = dirname(fileURLToPath(import.meta.url));
const sample = join(here, '../../../../python/tests/typed_flags_sample.py');

describe('the types of flags', () => {
  it('are the same for the same definitions, in whatever order', () => {
    for (const language of ['ts', 'python'] as const) {
      expect(typesOf(language, [...flags].reverse())).toBe(typesOf(language));
    }
  });

  it('in Python are what the Python tests hold type checkers to', () => {
    if (process.env['HALYARD_WRITE_SAMPLES'] === '1') writeFileSync(sample, typesOf('python'));
    expect(typesOf('python')).toBe(readFileSync(sample, 'utf8'));
  });

  it('of no flag are still a module', () => {
    expect(typesOf('python', [])).toContain('FlagKey = NoReturn');
    expect(typesOf('ts', [])).toContain('export interface FlagValues {\n}');
  });
});

describe('the TypeScript compiler', () => {
  let folder: string;

  beforeAll(() => {
    const parent = join(here, '../../dist');
    mkdirSync(parent, { recursive: true });
    folder = mkdtempSync(join(parent, 'types-'));
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  const USE = `import type { PostHog as Browser } from 'posthog-js';
import { PostHog } from 'posthog-node';
import type { Flags } from 'halyard';
import { type FlagKey, type FlagPayload, type FlagValue, withFlags } from './flags.ts';

declare const browser: Browser;
declare const flags: Flags;
const node = withFlags(new PostHog('phc_x'));
const page = withFlags(browser);
const own = withFlags(flags);
`;
  const RIGHT = `${USE}
type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
const same = <A, B>(yes: Same<A, B>): void => void yes;

same<FlagValue<'button'>, false | 'red' | 'blue'>(true);
same<FlagValue<'partly'>, false | true | 'a' | 'holdout-7'>(true);
same<FlagValue<'theme'>, 'light' | 'dark'>(true);
same<FlagPayload<'price'>, number>(true);
same<FlagPayload<'button'>, number | string>(true);
export const key: FlagKey = 'plan "x" ü 🎉';
export const a: false | 'red' | 'blue' | undefined = await node.getFeatureFlag('button', 'ada', { groups: { company: 'acme' } });
export const b: boolean | undefined = page.getFeatureFlag('new-cart');
export const c: false | 'red' | 'blue' | undefined = own.value('button');
export const d: boolean = own.isEnabled('new-cart');
export const e: boolean | undefined = await node.isFeatureEnabled('new-cart', 'ada');
export const f: number | undefined = (await node.getFeatureFlagPayload('new-cart', 'ada'))?.nested.x;
export const g: string | undefined = page.getFeatureFlagPayload('new-cart')?.labels[0];
export const h: string | undefined = own.payload('__proto__');
node.capture({ distinctId: 'ada', event: 'still there' });
`;
  const WRONG = `${USE}
export const right = page.getFeatureFlag('button') === 'red';
export const a = page.getFeatureFlag('buton');
export const b = page.getFeatureFlag('button') === 'green';
export const c = node.isFeatureEnabled('new-crat', 'ada');
export const d = node.getFeatureFlag('button', 7);
export const e = own.value('broken');
export const f = page.getFeatureFlagPayload('new-cart')?.colums;
export const g: FlagKey = 'nothing';
export const h: FlagValue<'button'> = 'green';
`;

  it('takes what is right in posthog-node, posthog-js and halyard, and refuses a misspelt key, variant or member', async () => {
    writeFileSync(join(folder, 'flags.ts'), typesOf('ts'));
    writeFileSync(join(folder, 'right.ts'), RIGHT);
    writeFileSync(join(folder, 'wrong.ts'), WRONG);
    const options = {
      target: 'es2023',
      lib: ['es2023', 'dom'],
      module: 'nodenext',
      customConditions: ['halyard-source'],
      allowImportingTsExtensions: true,
      noEmit: true,
      strict: true,
      skipLibCheck: true,
      types: ['node'],
    };
    const config = join(folder, 'tsconfig.json');
    writeFileSync(config, JSON.stringify({ compilerOptions: options, files: ['right.ts', 'wrong.ts'] }));
    writeFileSync(join(folder, 'package.json'), '{"type":"module"}');
    const compiler = join(dirname(createRequire(import.meta.url).resolve('typescript/package.json')), 'bin/tsc');
    const said = await promisify(execFile)(process.execPath, [compiler, '-p', config, '--pretty', 'false']).then(
      ({ stdout }) => stdout,
      ({ stdout }: { stdout: string }) => stdout,
    );
    const places = [...said.matchAll(/^(?:.*\/)?([\w-]+\.ts)\((\d+),/gm)].map(([, file, line]) => `${file}:${line}`);
    const first = USE.split('\n').length + 1;
    expect(places).toEqual(Array.from({ length: 8 }, (_, at) => `wrong.ts:${first + 1 + at}`));
  });
});
