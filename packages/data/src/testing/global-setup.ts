import { existsSync, mkdtempSync, rmSync, watch } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { folderVariable, talkFiles, writeWhole } from './shared-server.ts';
import { startThrowawayPostgres, type ThrowawayPostgres } from './throwaway-postgres.ts';

/**
 * For vitest's `globalSetup`: one real PostgreSQL server per test run, started when a test first wants it.
 *
 * @returns what to do after the run
 */
export function setup(): () => Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'halyard-run-'));
  const { wanted, url, failure } = talkFiles(folder);
  process.env[folderVariable] = folder;
  let server: Promise<ThrowawayPostgres | null> | undefined;
  const watcher = watch(folder, { persistent: false }, () => {
    if (server !== undefined || !existsSync(wanted)) return;
    server = startThrowawayPostgres().then(
      (started) => {
        writeWhole(url, started.url);
        return started;
      },
      (error: unknown) => {
        writeWhole(failure, String(error));
        return null;
      },
    );
  });
  return async () => {
    watcher.close();
    await (await server)?.stop();
    rmSync(folder, { recursive: true, force: true });
  };
}
