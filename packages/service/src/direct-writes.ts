import { directWriteProblems, Transactions } from '@halyard/manage';
import { type Database, DatabaseUnusableError } from './operate/database.ts';
import type { Log } from './operate/log/logger.ts';
import type { Settings } from './operate/settings/table.ts';

/**
 * Where PostHog's tables are to be written directly, makes sure that flags and their history can be (M202): nobody shall find out by a change
 * that is lost. What else cannot be is named in the log, and refused to whoever asks for it (M203). Rejects with a `DatabaseUnusableError` that says everything that is wrong, and with whatever the driver throws.
 */
export async function checkDirectWrites(settings: Settings, database: Database, { logger }: Log): Promise<void> {
  if (settings.posthogWrites !== 'direct' || !settings.management || settings.readOnly) return;
  if (!(await database.belongsToPostHog())) return;
  const transactions = new Transactions(database.urls.write, { size: 1 });
  try {
    const { fatal, other, approvals } = await transactions.read(directWriteProblems);
    if (fatal.length > 0) {
      throw new DatabaseUnusableError(
        new Error(
          `HALYARD_POSTHOG_WRITES=direct is not possible here: ${fatal.join(' ')} Set it to refuse or forward.`,
        ),
      );
    }
    for (const sentence of other) logger.warn(sentence);
    if (approvals !== null) logger.warn(approvals);
  } finally {
    await transactions.close();
  }
}
