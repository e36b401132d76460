import { closeLogged, type ComposeOptions, openProbePort, type Service } from '../compose.ts';
import { drainAndClose, type Opened } from '../operate/closing.ts';
import { mostConnections, warnOfFewFiles } from '../operate/open-files.ts';
import type { Settings } from '../operate/settings/table.ts';
import { newSetup } from '../setup-secret.ts';
import { openStores, type Stores } from '../stores.ts';
import { Dispatcher } from './dispatcher.ts';
import { Supervisor } from './supervisor.ts';
import type { WorkerProgram } from './worker-process.ts';

/** A service of several processes. */
export interface SharedService extends Service {
  /**
   * Exchanges the workers for ones with these settings, without losing a request (see `Supervisor.exchange`). What the primary holds itself,
   * the address and the database it runs, stays as it is: the log says so where the settings want another.
   */
  reload(settings: Settings): Promise<void>;
}

/** What the workers' end may take of the time for it: the rest is for closing the port, and for those that have to be killed. */
const SHARE_FOR_WORKERS = 0.9;
const SHARE_FOR_PORT = 0.3;

/**
 * Starts the service of the settings as several processes: this one prepares the database, takes connections, and dispatches them to workers,
 * which it keeps alive.
 */
export async function startWorkers(
  settings: Settings,
  program: WorkerProgram,
  { log, onProgress }: ComposeOptions,
): Promise<SharedService> {
  const { logger, outages } = log;
  const opened: Opened[] = [];
  try {
    const stores = await openStores(settings, opened, { log, onProgress, prepared: false });
    const { database, health, opening } = stores;
    const embedded = database.folder !== null;
    const { dispatcher, address } = await Dispatcher.listen({
      host: settings.host,
      port: settings.port,
      maxConnections: mostConnections(0),
      onRefused: warnOfFewFiles(outages),
    });
    const urls = embedded ? { databaseUrl: database.urls.write } : {};
    const supervisor = new Supervisor({ ...settings, ...urls }, { program, dispatcher, address, logger });
    opened.push({
      name: 'the workers',
      close: async (leftMs) => {
        const endsAt = performance.now() + leftMs * SHARE_FOR_WORKERS;
        await dispatcher.close(performance.now() + leftMs * SHARE_FOR_PORT);
        await supervisor.close(endsAt - performance.now());
      },
    });
    await supervisor.start();
    await leaveStores(stores, opened);
    const ofAll = {
      draining: false,
      get waiting() {
        return supervisor.serving === 0 || health.waiting;
      },
      // Each worker opens its connections when it is asked.
      warmUp: () => Promise.resolve(),
    };
    const probesUrl = await openProbePort(settings, ofAll, opened);
    return {
      url: address.url,
      probesUrl,
      embedded,
      tokens: health.tokens,
      newSetup: () => newSetup(settings, database),
      failed: opening.failed,
      reload: (wanted) => {
        const { kept, changed } = keep(settings, wanted);
        if (changed.length > 0) logger.warn({ settings: changed }, 'these settings change with a restart only');
        return supervisor.exchange({ ...kept, ...urls });
      },
      close: () =>
        drainAndClose(
          settings,
          () => {
            ofAll.draining = true;
            supervisor.drain();
          },
          (endsAt) => closeLogged(opened, endsAt, log),
        ),
    };
  } catch (error) {
    await closeLogged(opened, performance.now() + settings.shutdownMs, log);
    throw error;
  }
}

/** Once everything is prepared, this process needs no connection any more. */
async function leaveStores({ opening, projects }: Stores, opened: Opened[]): Promise<void> {
  if (!opening.done) return;
  const at = opened.findIndex(({ name }) => name === 'the connections to the stores');
  opened.splice(at, 1);
  await projects.close();
}

/** Settings of what the primary holds. */
const OF_THE_PRIMARY = ['host', 'port', 'probePort', 'dataDir', 'shutdownMs', 'drainMs'] as const;

/** The settings that are wanted, with the primary's own as they are. */
function keep(settings: Settings, wanted: Settings): { kept: Settings; changed: readonly string[] } {
  const names: (keyof Settings)[] = [...OF_THE_PRIMARY];
  const isEmbedded = (some: Settings): boolean => (some.writeDatabaseUrl ?? some.databaseUrl) === undefined;
  // From an embedded database to another one or back: every URL stays.
  if (isEmbedded(settings) !== isEmbedded(wanted))
    names.push(
      'databaseUrl',
      'readDatabaseUrl',
      'writeDatabaseUrl',
      'personsReadDatabaseUrl',
      'personsWriteDatabaseUrl',
    );
  return {
    kept: { ...wanted, ...Object.fromEntries(names.map((name) => [name, settings[name]])) },
    changed: names.filter((name) => settings[name] !== wanted[name]),
  };
}
