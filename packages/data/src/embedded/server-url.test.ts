import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ask } from '../testing/ask.ts';
import { type EmbeddedPostgres, startEmbeddedPostgres } from './embedded-postgres.ts';
import { runningPostgresUrl } from './server-url.ts';

describe('the way to a running embedded server', () => {
  let folder: string;
  let server: EmbeddedPostgres | undefined;

  beforeEach(() => {
    folder = join(mkdtempSync(join(tmpdir(), 'halyard-running-')), 'postgres');
  });

  afterEach(async () => {
    await server?.stop();
    server = undefined;
    rmSync(join(folder, '..'), { recursive: true, force: true });
  });

  it.each(['socket', 'tcp'] as const)(
    'leads to it over %s while it runs, and nowhere before and after',
    async (listen) => {
      expect(runningPostgresUrl(folder)).toBeNull();
      server = await startEmbeddedPostgres({ folder, durable: false, listen });
      const url = runningPostgresUrl(folder);
      expect(url).toBe(server.url);
      expect(await ask(url ?? '', 'select current_database()')).toEqual(['halyard']);
      await server.stop();
      expect(runningPostgresUrl(folder)).toBeNull();
    },
  );
});
