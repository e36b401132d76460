/*
 * What only Node has, loaded when it is asked for (`#of-node`). Elsewhere `of-no-node.ts` stands in its place.
 */
export { readFile } from 'node:fs/promises';
export { explainedError } from './postgres-error.ts';
export { connectPostgres } from './postgres-project.ts';
