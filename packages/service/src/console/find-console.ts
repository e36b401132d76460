import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import type { Settings } from '../operate/settings/table.ts';

type Wish = Pick<Settings, 'console' | 'management' | 'mode'>;

/** Path of the page on which the first user is made: no log and no proxy sees the secret in it (M185, K71). */
export function setupPath(secret: string): string {
  return `/console/setup#${secret}`;
}

/** The folder of the built console; undefined: it is not there, or the settings want none. */
export function findConsole({ console: wanted, management, mode }: Wish): string | undefined {
  if (!wanted || !management || mode !== 'all') return undefined;
  try {
    const place = createRequire(import.meta.url).resolve('@halyard/console/package.json');
    const folder = join(dirname(place), 'dist');
    return existsSync(join(folder, 'index.html')) ? folder : undefined;
  } catch {
    return undefined;
  }
}
