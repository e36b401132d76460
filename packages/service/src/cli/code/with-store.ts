import { CodeStore } from '@halyard/manage/code';
import { type Database, openDatabase } from '../../operate/database.ts';
import { createLog } from '../../operate/log/logger.ts';
import type { Settings } from '../../operate/settings/table.ts';
import { UserError } from '../problem-line.ts';

/**
 * Works with the projects of the settings' database, and closes it afterwards.
 *
 * @param purpose what is written, such as `flags`; null: nothing is
 * @throws {UserError} where nothing may be written
 */
export async function withStore<Result>(
  settings: Settings,
  purpose: string | null,
  work: (store: CodeStore, database: Database) => Promise<Result>,
): Promise<Result> {
  if (purpose !== null && settings.readOnly) {
    throw new UserError(`HALYARD_READ_ONLY is set, so Halyard cannot write ${purpose}.`);
  }
  const log = createLog('error', 2);
  const database = await openDatabase(settings, { join: true, logger: log.logger, onProgress: () => undefined });
  try {
    if (purpose !== null && (await database.belongsToPostHog())) {
      throw new UserError(
        `This database belongs to PostHog, and no command writes ${purpose} to it. Edit flags in PostHog, or over the management API where HALYARD_POSTHOG_WRITES lets you.`,
      );
    }
    await database.migrate();
    const store = new CodeStore(database.urls.write, () => database.belongsToPostHog());
    try {
      return await work(store, database);
    } finally {
      await store.close();
    }
  } finally {
    await database.close();
    log.flush();
  }
}
