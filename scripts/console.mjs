import { join } from 'node:path';
import { root } from './lib/paths.mjs';
import { setUp } from './lib/set-up.mjs';

/*
 * npm run console    the web console while it is changed, over a service that runs on port 8000
 */
await setUp({ build: 'no' });
// oxlint-disable-next-line no-restricted-imports -- these scripts run before anything is installed, this line afterwards
const { createServer } = await import('vite');
const server = await createServer({ root: join(root, 'packages', 'console') });
await server.listen();
server.printUrls();
