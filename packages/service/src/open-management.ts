import { readFileSync } from 'node:fs';
import type { PayloadSecrets } from '@halyard/manage';
import type { Database } from './operate/database.ts';
import type { Log } from './operate/log/logger.ts';
import { fernetKeys } from './keyed-ports.ts';
import type { Settings } from './operate/settings/table.ts';
import { openFernet, sealFernet } from './posthog/fernet.ts';
import { type Management, mountManagement } from './manage/mount.ts';
import type { ManagementOptions } from './manage/options.ts';

/** Connections to the database of each process, which nobody else uses. */
export const managementConnections = 4;

/** What evaluates flags here, as far as management asks it. */
type Evaluating = Pick<
  ManagementOptions,
  | 'clock'
  | 'compiled'
  | 'recompiled'
  | 'persons'
  | 'sampleAfterMs'
  | 'definitionsWritten'
  | 'recentOfAll'
  | 'onTeamChange'
>;

/** The management API of the settings; undefined: they want none. Nothing of it is loaded or connected yet. */
export function openManagement(
  settings: Settings,
  database: Database,
  { outages, logger }: Log,
  projects: Evaluating,
): Management | undefined {
  if (!settings.management || settings.mode !== 'all') return undefined;
  const secrets = payloadSecrets(settings, projects.clock);
  return mountManagement({
    databaseUrl: database.urls.write,
    connections: managementConnections,
    version: versionOf(),
    belongsToPostHog: () => database.belongsToPostHog(),
    onPostHog: settings.posthogWrites,
    posthogUrl: settings.posthogUrl,
    // A database of our own is there to be written.
    readOnly: settings.readOnly && database.folder === null,
    keyRates: settings.managementRateLimit,
    keysInQuery: settings.keysInQuery,
    publicUrl: settings.publicUrl,
    trustProxy: settings.trustProxy,
    recentRequests: settings.recentRequests,
    flagTraffic: settings.flagTraffic,
    ...(secrets && { secrets }),
    ...projects,
    onError: (error) => {
      if (isOutage(error)) outages.warn('the management API cannot use the database', error);
      else logger.error({ err: error }, 'a request to the management API failed');
    },
  });
}

/** H189: new payloads are sealed with the first of the keys that open them. */
function payloadSecrets(settings: Settings, clock: () => number): PayloadSecrets | undefined {
  const keys = fernetKeys(settings);
  const [first] = keys;
  if (first === undefined) return undefined;
  return { seal: (text) => sealFernet(text, first, clock()), open: (sealed) => openFernet(sealed, keys) };
}

function isOutage(error: unknown): boolean {
  return error instanceof Error && (error.name === 'StoreError' || error.name === 'DatabaseUnusableError');
}

function versionOf(): string {
  const text = readFileSync(new URL('../package.json', import.meta.url), 'utf8');
  return (JSON.parse(text) as { version: string }).version;
}
