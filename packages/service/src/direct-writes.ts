import { directWriteProblems, Transactions } from '@halyard/manage';
import { type Database, DatabaseUnusableError } from './operate/database.ts';
import type { Settings } from './operate/settings/table.ts';

/**
 * Where PostHog's tables are to be written directly, makes sure that they can be (M202): nobody shall find out by a change that is lost.
 * Rejects with a `DatabaseUnusableError` that says everything that is wrong, and with whatever the driver throws.
 */
export async function checkDirectWrites(settings: Settings, database: Database): Promise<void> {
  if (settings.posthogWrites !== 'direct' || !settings.management || settings.readOnly) return;
  if (!(await database.belongsToPostHog())) return;
  const transactions = new Transactions(database.urls.write, { size: 1 });
  try {
    const problems = await transactions.read(directWriteProblems);
    if (problems.length > 0) {
      throw new DatabaseUnusableError(
        new Error(
          `HALYARD_POSTHOG_WRITES=direct is not possible here: ${problems.join(' ')} Set it to refuse or forward.`,
        ),
      );
    }
  } finally {
    await transactions.close();
  }
}
