import { setUp } from './lib/set-up.mjs';

/*
 * npm run build    compile every package into its dist/ folder
 */
await setUp();
