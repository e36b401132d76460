import { optionOf, type Setting, type SettingName, type Settings, settingTable } from './table.ts';

/** Settings that cannot be used: one line per mistake, each saying what to write instead. */
export class SettingsError extends Error {
  override readonly name = 'SettingsError';
  readonly mistakes: readonly string[];

  constructor(mistakes: readonly string[]) {
    super(mistakes.join('\n'));
    this.mistakes = mistakes;
  }
}

type Texts = Readonly<Record<string, string | undefined>>;

/**
 * Reads every setting: the command line first, then the environment, then the default; empty text counts as absent.
 *
 * @param options texts of command line options, by setting name
 * @throws {SettingsError} naming every mistake at once
 */
export function readSettings(env: Texts, options: Texts = {}): Settings {
  const mistakes: string[] = [];
  const read = (name: SettingName): unknown => {
    const setting: Setting<unknown> = settingTable[name];
    const option = given(options[name]);
    const text = option ?? given(env[setting.env]) ?? setting.default;
    if (text === undefined) return undefined;
    const value = setting.parser.parse(text);
    if (value === undefined) {
      mistakes.push(mistake(option === undefined ? setting.env : optionOf(setting), setting, text));
    }
    return value;
  };
  const names = Object.keys(settingTable) as SettingName[];
  const settings = Object.fromEntries(names.map((name) => [name, read(name)])) as Settings;
  if (mistakes.length === 0) mistakes.push(...contradictions(settings));
  if (mistakes.length > 0) throw new SettingsError(mistakes);
  return settings;
}

function given(text: string | undefined): string | undefined {
  return text === undefined || text.trim() === '' ? undefined : text.trim();
}

function mistake(name: string, { parser }: Setting<unknown>, text: string): string {
  return `${name} must be ${parser.expected}${parser.secret === true ? '' : `, not "${text}"`}.`;
}

function contradictions(settings: Settings): readonly string[] {
  const mistakes: string[] = [];
  const { databaseUrl, writeDatabaseUrl, readDatabaseUrl, personsReadDatabaseUrl, personsWriteDatabaseUrl } = settings;
  const hasMain = databaseUrl !== undefined || writeDatabaseUrl !== undefined;
  const others = [readDatabaseUrl, personsReadDatabaseUrl, personsWriteDatabaseUrl];
  if (!hasMain && others.some((url) => url !== undefined)) {
    mistakes.push('READ_DATABASE_URL and the PERSONS_ URLs need a main database beside them: set DATABASE_URL too.');
  }
  const { drainMs, shutdownMs } = settings;
  if (drainMs > 0 && drainMs >= shutdownMs) {
    mistakes.push(`HALYARD_DRAIN_MS is part of HALYARD_SHUTDOWN_MS and must be less than its ${shutdownMs}.`);
  }
  if (settings.rateLimitStore === 'redis' && settings.redisUrl === undefined) {
    mistakes.push('HALYARD_RATE_LIMIT_STORE=redis needs a Redis: set REDIS_URL too.');
  }
  if (settings.posthogWrites === 'forward' && settings.posthogUrl === undefined) {
    mistakes.push('HALYARD_POSTHOG_WRITES=forward needs to know where PostHog is: set HALYARD_POSTHOG_URL too.');
  }
  if (settings.ingest === 'on' && settings.readOnly && hasMain) {
    mistakes.push('HALYARD_INGEST=on writes persons, which HALYARD_READ_ONLY forbids: set one of them otherwise.');
  }
  return mistakes;
}
