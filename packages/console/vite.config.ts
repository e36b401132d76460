import { defaultClientConditions, defineConfig } from 'vite';

/** The page is served below `/console/`; while it is developed, the API of a service that runs beside it answers. */
export default defineConfig({
  base: '/console/',
  resolve: { conditions: ['halyard-source', ...defaultClientConditions] },
  build: { target: 'es2023', assetsInlineLimit: 0, modulePreload: { polyfill: false }, reportCompressedSize: false },
  server: { proxy: { '/api': 'http://127.0.0.1:8000', '/flags': 'http://127.0.0.1:8000' } },
});
