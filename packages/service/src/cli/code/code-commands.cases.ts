import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ask, createTestDatabase, type TestDatabase } from '@halyard/data/testing';
import type { JsonObject } from '@halyard/json';
import { afterAll, beforeAll, beforeEach } from 'vitest';
import { readSettings } from '../../operate/settings/read-settings.ts';
import { importFile } from '../import.ts';
import type { Io } from '../io.ts';
import { apply, type ApplyOptions } from './apply.ts';
import { exportCode, type ExportOptions } from './export.ts';
import { lint } from './lint.ts';

export interface Ran {
  readonly code: number;
  readonly text: string;
}

/** Runs a command as a script does, without a terminal; one that says no exit code ends with 0. */
export async function ran(command: (io: Io) => Promise<number | void>): Promise<Ran> {
  let text = '';
  const io: Io = {
    print: (part) => (text += part),
    interactive: false,
    command: 'halyard',
    script: '',
    stopRequest: () => Promise.resolve('SIGTERM'),
    onHangup: () => undefined,
  };
  return { code: (await command(io)) ?? 0, text };
}

/** The commands about flags as files, on two databases and with a new folder for every test. */
export class CodeCommands {
  /** Holds all folders. */
  top = '';
  /** Of this test; made when a file is put into it. */
  folder = '';
  #databases: readonly TestDatabase[] = [];
  #folders = 0;

  constructor() {
    beforeAll(async () => {
      this.top = mkdtempSync(join(tmpdir(), 'halyard-code-'));
      this.#databases = await Promise.all([createTestDatabase(), createTestDatabase()]);
    });
    beforeEach(() => {
      this.folder = join(this.top, String((this.#folders += 1)));
    });
    afterAll(async () => {
      await Promise.all(this.#databases.map((database) => database.drop()));
      rmSync(this.top, { recursive: true, force: true });
    });
  }

  get first(): TestDatabase {
    return this.#databases[0] as TestDatabase;
  }

  get second(): TestDatabase {
    return this.#databases[1] as TestDatabase;
  }

  readonly run = ran;

  readonly importing = async (
    definitions: JsonObject | string,
    token: string,
    database = this.first,
  ): Promise<void> => {
    const file = join(this.top, 'import.json');
    writeFileSync(file, typeof definitions === 'string' ? definitions : JSON.stringify(definitions));
    await this.run((io) => importFile(settingsOf(database), file, { token }, io));
  };

  readonly exporting = (options: ExportOptions, database = this.first): Promise<Ran> =>
    this.run((io) => exportCode(settingsOf(database), options, io));

  readonly applying = (options: ApplyOptions, database = this.first, path = this.folder): Promise<Ran> =>
    this.run((io) => apply(settingsOf(database), path, options, io));

  readonly linting = (options: Parameters<typeof lint>[2], path?: string): Promise<Ran> =>
    this.run((io) => lint(settingsOf(this.first), path, options, io));

  /** Every file of the folder, by its path below it. */
  readonly files = (): Record<string, string> => {
    const names = readdirSync(this.folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
    return Object.fromEntries(
      names
        .map(({ parentPath, name }) => join(parentPath, name))
        .sort()
        .map((path) => [path.slice(this.folder.length + 1), readFileSync(path, 'utf8')]),
    );
  };

  readonly put = (name: string, text: string): void => {
    mkdirSync(this.folder, { recursive: true });
    writeFileSync(join(this.folder, name), text);
  };

  /** Keys with versions. */
  readonly versions = (token: string, database = this.first): Promise<unknown[]> =>
    ask(
      database.url,
      `select key || ' ' || version || case when deleted then ' deleted' else '' end from posthog_featureflag f
         join posthog_team t on t.id = f.team_id where api_token = '${token}' order by key`,
    );
}

export const settingsOf = ({ url }: TestDatabase) => readSettings({ DATABASE_URL: url });

/** The text of a flag that is on for everybody, with what is said besides. */
export const flag = (key: string, more = ''): string =>
  `key: ${key}\nactive: true\n${more}filters:\n  groups:\n    - properties: []\n      rollout_percentage: 100\n`;
