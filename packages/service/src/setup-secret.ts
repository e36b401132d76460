import { newSetupSecret, Transactions } from '@halyard/manage';
import type { Settings } from './operate/settings/table.ts';
import type { Database } from './operate/database.ts';

/**
 * The secret with which the first user is made (M185), good for a day and once. Null: somebody can sign in already, or nobody can here
 * at all.
 */
export async function newSetup(settings: Settings, database: Database): Promise<string | null> {
  if (!settings.management || settings.mode !== 'all') return null;
  if (settings.readOnly && database.folder === null) return null;
  if (await database.belongsToPostHog()) return null;
  const transactions = new Transactions(database.urls.write, { size: 1 });
  try {
    return await transactions.write(newSetupSecret);
  } finally {
    await transactions.close();
  }
}
