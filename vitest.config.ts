import { availableParallelism } from 'node:os';
import { defaultServerConditions } from 'vite';
import { defineConfig } from 'vitest/config';

// Workspace packages resolve to their TypeScript sources, so a test never runs against a stale build.
// What others wrote is loaded as Node loads it: `module` names files for bundlers.
const conditions = ['halyard-source', ...defaultServerConditions.filter((name) => name !== 'module')];

export default defineConfig({
  resolve: { conditions },
  ssr: { resolve: { conditions } },
  test: {
    include: ['{packages/*,conformance,bench,clients}/src/**/*.test.ts', '{scripts,examples}/**/*.test.ts'],
    globalSetup: ['packages/data/src/testing/global-setup.ts'],
    setupFiles: ['scripts/lib/seed-chance.ts'],
    pool: 'forks',
    // By itself vitest leaves a core free; most tests wait for servers.
    maxWorkers: availableParallelism(),
    // To end what hangs, on however busy a machine; no test measures itself by them.
    testTimeout: 60_000,
    hookTimeout: 120_000,
  },
});
