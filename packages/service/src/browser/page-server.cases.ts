import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

/** A site whose pages run posthog-js, on an origin of its own. */
export interface PageServer {
  readonly url: string;
  close(): Promise<void>;
}

const bundle = readFileSync(createRequire(import.meta.url).resolve('posthog-js/dist/module.js'));

/** OpenFeature and PostHog's provider for browsers, as a bundler makes them one file. */
async function openFeature(): Promise<Uint8Array | undefined> {
  const contents = ['@openfeature/web-sdk', '@posthog/openfeature-web-provider'].map(
    (name) => `export * from '${name}';`,
  );
  const { outputFiles } = await build({
    stdin: { contents: contents.join('\n'), resolveDir: fileURLToPath(new URL('.', import.meta.url)) },
    bundle: true,
    write: false,
    format: 'esm',
    platform: 'browser',
  });
  return outputFiles[0]?.contents;
}

/** The npm package as bundlers take it, under `window.posthog`, not begun. */
const PACKAGE = `<script type="module">
import posthog from '/posthog.js';
window.posthog = posthog;
</script>`;

/**
 * A page that loads the SDK by a script, as sites without a bundler do: a list named `posthog` that remembers what is to be begun, and
 * the script file of the service, which takes it over.
 */
function snippet(host: string, token: string): string {
  const begin = JSON.stringify([token, { api_host: host }, 'posthog']);
  return `<script>
const waiting = [];
waiting._i = [${begin}];
waiting.__SV = 1;
window.posthog = waiting;
</script>
<script async crossorigin="anonymous" src="${host}/static/array.js"></script>`;
}

/** Serves `/` with the npm package, `/openfeature.js` to import there, and `/snippet?host=…&token=…` with the script file of that host. */
export async function startPageServer(): Promise<PageServer> {
  const provider = await openFeature();
  const server = createServer((request, response) => {
    const url = new URL(request.url ?? '/', 'http://site.test');
    if (url.pathname === '/openfeature.js') {
      response.writeHead(200, { 'content-type': 'text/javascript' }).end(provider);
      return;
    }
    if (url.pathname === '/posthog.js') {
      response.writeHead(200, { 'content-type': 'text/javascript' }).end(bundle);
      return;
    }
    if (url.pathname === '/favicon.ico') {
      response.writeHead(204).end();
      return;
    }
    const { searchParams } = url;
    const head =
      url.pathname === '/snippet' ? snippet(searchParams.get('host') ?? '', searchParams.get('token') ?? '') : PACKAGE;
    response
      .writeHead(200, { 'content-type': 'text/html' })
      .end(`<!doctype html><title>Shop</title>${head}<body><button id="buy">Buy</button></body>`);
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const { port } = server.address() as AddressInfo;
  return {
    // Another host name than the service's, so that it is another site as well.
    url: `http://localhost:${port}`,
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}
