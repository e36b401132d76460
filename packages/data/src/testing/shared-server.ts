import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pause } from '../embedded/postmaster.ts';

/** Names the folder through which test processes and the global set-up talk. */
export const folderVariable = 'HALYARD_TEST_POSTGRES';

const startTimeoutMs = 60_000;

/** Where the files of that talk are: a wish, and its fulfilment or failure. */
export function talkFiles(folder: string): { wanted: string; url: string; failure: string } {
  return { wanted: join(folder, 'wanted'), url: join(folder, 'url'), failure: join(folder, 'failure') };
}

/** Writes in one step: whoever sees the file sees all of it. */
export function writeWhole(file: string, text: string): void {
  writeFileSync(`${file}.part`, text);
  renameSync(`${file}.part`, file);
}

/**
 * The URL of the server that all test files of a run share. The first one to ask has it started, so a run without
 * database tests never starts it.
 */
export async function sharedServer(): Promise<string> {
  const folder = process.env[folderVariable];
  if (folder === undefined)
    throw new Error(`${folderVariable} is not set: name testing/global-setup.ts in vitest's config`);
  const { wanted, url, failure } = talkFiles(folder);
  if (!existsSync(wanted)) writeFileSync(wanted, '');
  for (const until = performance.now() + startTimeoutMs; performance.now() < until; await pause(10)) {
    if (existsSync(url)) return readFileSync(url, 'utf8');
    if (existsSync(failure)) throw new Error(`The test server did not start: ${readFileSync(failure, 'utf8')}`);
  }
  throw new Error('The test server did not start in time');
}
