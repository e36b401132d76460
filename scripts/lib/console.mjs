import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { cache, root } from './paths.mjs';

/*
 * The console is built by Vite into packages/console/dist, which the service serves. Its types of the management API
 * are made from the API's own schemas; only the compiler needs them, so they are made for `npm run check` alone.
 */

const folder = join(root, 'packages', 'console');
const page = join(folder, 'dist', 'index.html');
const types = join(folder, 'generated', 'management-api.ts');

/** What the page is made from, beside installed packages. */
const sources = [
  'packages/console/src',
  'packages/console/index.html',
  'packages/console/vite.config.ts',
  'packages/engine/src',
  'packages/json/src',
  'packages/pattern/src',
  'package-lock.json',
];

/** Whether the page is there, and as new as what it is made from. */
export function isConsoleBuilt() {
  const built = statSync(page, { throwIfNoEntry: false });
  return built !== undefined && sources.every((source) => newest(join(root, source)) <= built.mtimeMs);
}

/** Builds the page where its sources changed since. */
export async function buildConsole() {
  if (isConsoleBuilt()) return;
  // oxlint-disable-next-line no-restricted-imports -- these scripts run before anything is installed, this line afterwards
  const { build } = await import('vite');
  await build({ root: folder, configFile: join(folder, 'vite.config.ts'), logLevel: 'error' });
}

/** Writes the types of the management API where the API changed since. */
export async function writeConsoleTypes() {
  // oxlint-disable-next-line no-restricted-imports -- as above
  const { build } = await import('esbuild');
  const program = join(cache, 'management-document.mjs');
  mkdirSync(cache, { recursive: true });
  await build({
    absWorkingDir: root,
    stdin: {
      contents: `export { managementEndpoints } from './packages/service/src/manage/endpoints.ts';
        export { openApiDocument } from './packages/service/src/manage/frame/open-api.ts';`,
      resolveDir: root,
    },
    outfile: program,
    bundle: true,
    format: 'esm',
    platform: 'node',
    target: 'node20.20',
    conditions: ['halyard-source'],
    banner: { js: 'import { createRequire } from "node:module"; const require = createRequire(import.meta.url);' },
  });
  const { managementEndpoints, openApiDocument } =
    /** @type {{ managementEndpoints: unknown, openApiDocument: (endpoints: unknown, version: string) => object }} */ (
      await import(pathToFileURL(program).href)
    );
  const document = openApiDocument(managementEndpoints, '0');
  const stamp = `// ${createHash('sha256').update(JSON.stringify(document)).digest('hex')}\n`;
  if (existsSync(types) && readFileSync(types, 'utf8').startsWith(stamp)) return;
  // Beside a compiler of its own, and so not where this file would find it; what is found is a module of the older kind.
  const { default: openApiTypes } =
    /** @type {{ default: { default: (document: object) => Promise<unknown>, astToString: (ast: unknown) => string } }} */ (
      await import(pathToFileURL(createRequire(join(folder, 'package.json')).resolve('openapi-typescript')).href)
    );
  mkdirSync(join(folder, 'generated'), { recursive: true });
  writeFileSync(types, stamp + openApiTypes.astToString(await openApiTypes.default(document)));
}

/**
 * The latest change of a file, or of any below a folder.
 *
 * @param {string} place
 */
function newest(place) {
  const own = statSync(place);
  if (!own.isDirectory()) return own.mtimeMs;
  return Math.max(
    ...readdirSync(place, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map(({ parentPath, name }) => statSync(join(parentPath, name)).mtimeMs),
  );
}
