import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type DataFolder, openDataFolder, superuser } from './data-folder.ts';
import { findPostmaster } from './postmaster.ts';

/** The URL of a database of an embedded server: over its socket, or over TCP when `port` is given. */
export function urlFor(files: DataFolder, port: number | null, database: string): string {
  const name = encodeURIComponent(database);
  if (port === null) return `postgresql:///${name}?user=${superuser}&host=${encodeURIComponent(files.run)}`;
  const password = encodeURIComponent(readFileSync(files.passwordFile, 'utf8').trim());
  return `postgresql://${superuser}:${password}@127.0.0.1:${port}/${name}`;
}

/**
 * The URL of the embedded server that another process runs on this folder: the way in for a command beside a running
 * service. `null` when no process does.
 */
export function runningPostgresUrl(folder: string, database = 'halyard'): string | null {
  if (!existsSync(folder)) return null;
  const files = openDataFolder(folder);
  if ((findPostmaster(files.data)?.owner ?? null) === null) return null;
  const socket = existsSync(join(files.run, '.s.PGSQL.5432'));
  return urlFor(files, socket ? null : Number(readFileSync(files.portFile, 'utf8')), database);
}
