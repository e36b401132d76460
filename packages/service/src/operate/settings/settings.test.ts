import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { managementSettings } from './management-settings.ts';
import { readSettings, SettingsError } from './read-settings.ts';
import { optionOf, type Setting, settingTable } from './table.ts';

const DOCS = new URL('../../../../../docs/settings.md', import.meta.url);
const all: readonly Setting<unknown>[] = Object.values(settingTable);

function mistakesOf(env: Record<string, string>, options: Record<string, string> = {}): readonly string[] {
  try {
    readSettings(env, options);
  } catch (error) {
    if (error instanceof SettingsError) return error.mistakes;
    throw error;
  }
  return [];
}

describe('reading', () => {
  it('has a default for everything that is needed', () => {
    expect(readSettings({})).toMatchObject({
      host: '127.0.0.1',
      port: 8000,
      databaseUrl: undefined,
      dataDir: './.halyard',
      logLevel: 'info',
      requestTimeoutMs: 4500,
      concurrency: 1000,
      trustProxy: false,
    });
  });

  it('takes the environment, and the command line before it', () => {
    expect(readSettings({ PORT: '9000' }).port).toBe(9000);
    expect(readSettings({ PORT: '9000' }, { port: '9001' }).port).toBe(9001);
  });

  it('empty text counts as absent', () => {
    expect(readSettings({ PORT: ' ', DATABASE_URL: '' })).toMatchObject({ port: 8000, databaseUrl: undefined });
  });

  it.each(['true', '1', 'TRUE'])('%s is true', (value) => {
    expect(readSettings({ HALYARD_TRUST_PROXY: value }).trustProxy).toBe(true);
  });
});

describe('mistakes', () => {
  it('each has one line that names the setting and what it must be', () => {
    expect(mistakesOf({ PORT: 'http', LOG_LEVEL: 'loud', HALYARD_TRUST_PROXY: 'perhaps' })).toEqual([
      'PORT must be a whole number from 0 to 65535, not "http".',
      'LOG_LEVEL must be one of fatal, error, warn, info, debug, trace, silent, not "loud".',
      'HALYARD_TRUST_PROXY must be true or false, not "perhaps".',
    ]);
  });

  it.each(['-1', '65536', '1e3', '80.5', '0x50', 'Infinity'])('PORT=%s is refused', (port) => {
    expect(mistakesOf({ PORT: port })).toHaveLength(1);
  });

  it('names the option when the mistake came from the command line', () => {
    expect(mistakesOf({}, { dataDir: '', requestTimeoutMs: '0' })).toEqual([
      '--request-timeout-ms must be a whole number from 1 to 86400000, not "0".',
    ]);
  });

  it('H89: does not show a database URL, which may hold a password', () => {
    const [line] = mistakesOf({ DATABASE_URL: 'mysql://user:secret@db/x' });
    expect(line).toMatch(/^DATABASE_URL must be a URL such as postgres:/);
    expect(line).not.toContain('secret');
  });

  it('M17: reads several rates, the shortest stretch first, and refuses what is none', () => {
    const { parser } = managementSettings.managementRateLimit;
    expect(parser.parse('4800/hour, 480/minute')).toEqual([
      { most: 480, seconds: 60 },
      { most: 4800, seconds: 3600 },
    ]);
    expect(parser.parse('off')).toEqual([]);
    for (const text of ['', '480', '0/minute', '480/minute,', '480/minute;4800/hour', 'off,1/day']) {
      expect(parser.parse(text)).toBeUndefined();
    }
  });

  it('a reader without a main database is a mistake', () => {
    expect(mistakesOf({ READ_DATABASE_URL: 'postgres://db/x' })).toHaveLength(1);
    expect(mistakesOf({ READ_DATABASE_URL: 'postgres://db/x', WRITE_DATABASE_URL: 'postgres://db/x' })).toEqual([]);
  });
});

describe('the table', () => {
  it('every default is a value of its setting', () => {
    const broken = all.filter(({ parser, default: text }) => text !== undefined && parser.parse(text) === undefined);
    expect(broken).toEqual([]);
  });

  it('docs/settings.md shows it', () => {
    const rows = readFileSync(DOCS, 'utf8')
      .split('\n')
      .filter((line) => line.startsWith('| `'))
      .map((line) => line.split(' | ').map((cell) => cell.replaceAll(/^\| |\| *$|`/g, '').trim()));
    expect(rows).toEqual(
      all.map((setting) => [setting.env, optionOf(setting), setting.default ?? '', setting.description]),
    );
  });
});
