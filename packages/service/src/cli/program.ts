import { readFileSync } from 'node:fs';
import { parseEnv } from 'node:util';
import { Command, InvalidArgumentError, Option } from 'commander';
import { type JsonObject, type JsonValue, parseJson } from '@halyard/json';
import { type CodeCommands, codeCommands } from './code-commands.ts';
import { type KeyCommands, keyCommands } from './key-commands.ts';
import { nearest } from '../nearest.ts';
import { readSettings, SettingsError } from '../operate/settings/read-settings.ts';
import {
  optionOf,
  type Setting,
  type SettingGroup,
  type SettingName,
  type Settings,
  settingTable,
} from '../operate/settings/table.ts';

/** What the commands do; the program only reads the command line. */
export interface Commands extends KeyCommands, CodeCommands {
  /** @param reread the settings as they are written now; throws `SettingsError` */
  serve(settings: Settings, reread: () => Settings): Promise<void>;
  import(settings: Settings, file: string, options: ImportOptions): Promise<void>;
  explain(settings: Settings, options: ExplainOptions): Promise<void>;
}

export interface ImportOptions {
  /** Public token of the project to import into; made when there is none yet. */
  readonly token?: string;
  /** Name of a project that is made. */
  readonly name?: string;
  /** Of an export of Unleash; the only one unless said. */
  readonly environment?: string;
  /** Write what can be taken over of an export of Unleash. */
  readonly write?: boolean;
}

export interface ExplainOptions {
  readonly flag: string;
  readonly distinctId: string;
  readonly token?: string;
  readonly groups?: JsonObject;
  readonly personProperties?: JsonObject;
  readonly groupProperties?: JsonObject;
  readonly deviceId?: string;
  readonly anonDistinctId?: string;
  readonly runtime: 'client' | 'server' | 'all';
  /** Milliseconds since the epoch. */
  readonly at?: number;
  readonly json?: boolean;
}

type Environment = Readonly<Record<string, string | undefined>>;

/** The command line of `halyard`. Parsing throws `CommanderError` and `SettingsError`. */
export function createProgram(version: string, env: Environment, commands: Commands): Command {
  const program = new Command('halyard')
    .description('Feature flags that PostHog SDKs understand, on PostgreSQL')
    .version(version)
    .exitOverride()
    .showHelpAfterError('Run with --help to see what there is.')
    .addHelpText('after', PROGRAM_EXAMPLES);
  program.addCommand(serveCommand(env, commands), { isDefault: true });
  program.addCommand(importCommand(env, commands));
  program.addCommand(explainCommand(env, commands));
  const settings = {
    add: addDatabaseSettings,
    read: (options: Record<string, unknown>) => settingsFrom(env, options),
  };
  for (const command of codeCommands(commands, settings, env)) program.addCommand(command);
  for (const command of keyCommands(commands, settings)) program.addCommand(command);
  // The default command would take a mistyped name for an argument of its own.
  program.hook('preSubcommand', () => refuseUnknown(program));
  return program;
}

function refuseUnknown(program: Command): void {
  const [first] = program.args;
  const names = program.commands.map((command) => command.name());
  if (first === undefined || first.startsWith('-') || names.includes(first)) return;
  const [meant] = nearest(first, names);
  const hint = meant === undefined ? '' : `\n(Did you mean ${meant}?)`;
  program.error(`error: unknown command '${first}'${hint}`, { code: 'commander.unknownCommand' });
}

const PROGRAM_EXAMPLES = `
Examples:
  halyard                                    start on an embedded database in ./.halyard
  halyard import flags.json                  load definitions into it
  halyard explain --flag dark-mode --distinct-id ada
  halyard key create --label backend         make a key for SDKs that evaluate locally
`;

function serveCommand(env: Environment, commands: Commands): Command {
  const command = new Command('serve')
    .description('answer flag requests over HTTP (the default command)')
    .exitOverride()
    .addHelpText('after', SERVE_EXAMPLES);
  addSettings(command, ['server', 'database', 'log']);
  return command.action(async (options: Record<string, string>) => {
    const read = (): Settings => settingsFrom(env, options);
    await commands.serve(read(), read);
  });
}

const SERVE_EXAMPLES = `
Each option is also an environment variable; the option wins. See docs/settings.md.

Examples:
  halyard serve --port 9000
  DATABASE_URL=postgres://user:password@db/flags halyard serve --host 0.0.0.0
`;

function importCommand(env: Environment, commands: Commands): Command {
  const command = new Command('import')
    .description('load flag definitions into the database')
    .argument(
      '<file>',
      'JSON as PostHog serves it under /flags/definitions (local evaluation), or an export of Unleash',
    )
    .option('--token <token>', 'public token of the project; it is made if there is none')
    .option('--name <name>', 'name of the project, when it is made')
    .option('--environment <name>', 'of an export of Unleash; not needed when there is only one')
    .option('--write', 'write what can be taken over of an export of Unleash, instead of only saying so')
    .exitOverride()
    .addHelpText('after', IMPORT_EXAMPLES);
  addDatabaseSettings(command);
  return command.action(async (file: string, options: Record<string, string>) => {
    await commands.import(settingsFrom(env, options), file, options);
  });
}

const IMPORT_EXAMPLES = `
Examples:
  curl -H "Authorization: Bearer $KEY" "https://us.posthog.com/flags/definitions?token=$TOKEN&send_cohorts" > flags.json
  halyard import flags.json
  halyard import flags.json --token phc_mine --name "My shop"
  halyard import unleash-export.json --environment production
`;

function explainCommand(env: Environment, commands: Commands): Command {
  const command = new Command('explain')
    .description('say how a flag comes to its value for a user')
    .requiredOption('--flag <key>', 'key of the flag')
    .requiredOption('--distinct-id <id>', 'id of the user')
    .option('--token <token>', 'public token of the project; not needed when there is only one')
    .option('--groups <json>', 'groups of the user, as {"type":"key"}', jsonObject)
    .option('--person-properties <json>', 'properties that win over the stored ones', jsonObject)
    .option('--group-properties <json>', 'the same for groups, as {"type":{…}}', jsonObject)
    .option('--device-id <id>', 'device of the user')
    .option('--anon-distinct-id <id>', 'id of the user before signing in')
    .addOption(new Option('--runtime <runtime>', 'who asks').choices(['client', 'server', 'all']).default('all'))
    .option('--at <time>', 'time of the evaluation, such as 2026-01-31T12:00:00Z; default: now', time)
    .option('--json', 'print JSON instead of text')
    .exitOverride()
    .addHelpText('after', EXPLAIN_EXAMPLES);
  addDatabaseSettings(command);
  return command.action(async (options: ExplainOptions & Record<string, string>) => {
    await commands.explain(settingsFrom(env, options), options);
  });
}

const EXPLAIN_EXAMPLES = `
Nothing is written: keys of experience continuity are read, never stored.

Examples:
  halyard explain --flag smart-cart --distinct-id ada
  halyard explain --flag team-dashboard --distinct-id ada --groups '{"organization":"acme"}' --json
`;

/** What somebody who calls a command beside the service may have to say; its help shows no more. */
const SHOWN: readonly Setting<unknown>[] = [settingTable.envFile, settingTable.databaseUrl, settingTable.dataDir];

const FURTHER_SETTINGS = `
The other settings of the database are options as well: halyard serve --help, docs/settings.md.
`;

function addDatabaseSettings(command: Command): void {
  command.addHelpText('after', FURTHER_SETTINGS);
  addSettings(command, ['database'], SHOWN);
}

/** @param shown those that the help shows; default: all of them */
function addSettings(command: Command, groups: readonly SettingGroup[], shown?: readonly Setting<unknown>[]): void {
  for (const setting of Object.values<Setting<unknown>>(settingTable)) {
    if (!groups.includes(setting.group)) continue;
    const fallback = setting.default === undefined ? '' : `, default ${setting.default}`;
    const help = `${setting.description} [${setting.env}${fallback}]`;
    const option = new Option(`${optionOf(setting)} <${setting.parser.placeholder}>`, help);
    command.addOption(shown?.includes(setting) === false ? option.hideHelp() : option);
  }
}

/** Commander keeps an option under its name in camel case. */
function settingsFrom(env: Environment, options: Record<string, unknown>): Settings {
  const texts: Partial<Record<SettingName, string>> = {};
  for (const [name, setting] of Object.entries<Setting<unknown>>(settingTable)) {
    const value = options[new Option(optionOf(setting)).attributeName()];
    if (typeof value === 'string') texts[name as SettingName] = value;
  }
  return readSettings(withFile(env, texts.envFile ?? env[settingTable.envFile.env]), texts);
}

/** The environment, and below it what the file says. */
function withFile(env: Environment, file: string | undefined): Environment {
  if (file === undefined || file.trim() === '') return env;
  try {
    const given = Object.entries(env).filter(([, text]) => text !== undefined && text.trim() !== '');
    return { ...parseEnv(readFileSync(file.trim(), 'utf8')), ...Object.fromEntries(given) };
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new SettingsError([`${settingTable.envFile.env} must name a file that can be read: ${reason}.`]);
  }
}

function jsonObject(text: string): JsonObject {
  let value: JsonValue;
  try {
    value = parseJson(text);
  } catch {
    throw new InvalidArgumentError('It must be JSON.');
  }
  if (!text.trimStart().startsWith('{')) throw new InvalidArgumentError('It must be a JSON object.');
  return value as JsonObject;
}

function time(text: string): number {
  const value = Date.parse(text);
  if (Number.isNaN(value)) throw new InvalidArgumentError('It must be a time such as 2026-01-31T12:00:00Z.');
  return value;
}
