import { Command, Option } from 'commander';
import { type KeyScope, keyScopes } from 'halyard/host';
import type { Settings } from '../operate/settings/table.ts';
import type { CreateKeyOptions, ListKeysOptions } from './keys.ts';
import type { OutputOptions, RotateOptions } from './projects.ts';
import type { CreateUserOptions, PasswordOptions } from './users.ts';

/** What the commands about projects, keys and users do. */
export interface KeyCommands {
  createProject(settings: Settings, name: string, options: OutputOptions): Promise<void>;
  listProjects(settings: Settings, options: OutputOptions): Promise<void>;
  rotateToken(settings: Settings, project: string | undefined, options: RotateOptions): Promise<void>;
  createKey(settings: Settings, options: CreateKeyOptions): Promise<void>;
  listKeys(settings: Settings, options: ListKeysOptions): Promise<void>;
  revokeKey(settings: Settings, id: string, options: OutputOptions): Promise<void>;
  createUser(settings: Settings, email: string, options: CreateUserOptions): Promise<void>;
  resetPassword(settings: Settings, email: string, options: PasswordOptions): Promise<void>;
}

/** What a command needs to know of settings: how to offer them and how to read them. */
export interface SettingOptions {
  add(command: Command): void;
  read(options: Record<string, unknown>): Settings;
}

/** `halyard project …`, `halyard key …` and `halyard user …`. */
export function keyCommands(commands: KeyCommands, settings: SettingOptions): Command[] {
  return [projectCommand(commands, settings), keyCommand(commands, settings), userCommand(commands, settings)];
}

function projectCommand(commands: KeyCommands, settings: SettingOptions): Command {
  const create = leaf('create', 'make a project; its secret token is shown this once', settings, (command) =>
    command
      .argument('<name>', 'what people call it')
      .action((name: string, options: OutputOptions & Record<string, unknown>) =>
        commands.createProject(settings.read(options), name, options),
      ),
  );
  const list = leaf('list', 'show the projects and their public tokens', settings, (command) =>
    command.action((options: OutputOptions & Record<string, unknown>) =>
      commands.listProjects(settings.read(options), options),
    ),
  );
  const rotate = leaf(
    'rotate-token',
    'give a project a new secret token, which is shown this once',
    settings,
    (command) =>
      command
        .argument('[project]', 'its id or public token; not needed when there is only one')
        .option('--public', 'renew the public token instead; the former one is refused at once')
        .option('--drop-backup', 'end the former secret token, which is good until the next rotation')
        .action((project: string | undefined, options: RotateOptions & Record<string, unknown>) =>
          commands.rotateToken(settings.read(options), project, options),
        ),
  );
  return group('project', 'make and list projects, and renew their tokens', [create, list, rotate]).addHelpText(
    'after',
    PROJECT_EXAMPLES,
  );
}

function keyCommand(commands: KeyCommands, settings: SettingOptions): Command {
  const create = leaf(
    'create',
    'make a key for local evaluation and remote configuration; it is shown this once',
    settings,
    (command) =>
      createOptions(command).action((options: CreateKeyOptions & Record<string, unknown>) =>
        commands.createKey(settings.read(options), options),
      ),
  );
  const list = leaf('list', 'show what is known of the keys; the keys themselves are not stored', settings, (command) =>
    command
      .option('--project <project>', 'id or public token: keys that open this project')
      .action((options: ListKeysOptions & Record<string, unknown>) =>
        commands.listKeys(settings.read(options), options),
      ),
  );
  const revoke = leaf('revoke', 'make a key open nothing any more', settings, (command) =>
    command
      .argument('<id>', 'as list shows it')
      .action((id: string, options: OutputOptions & Record<string, unknown>) =>
        commands.revokeKey(settings.read(options), id, options),
      ),
  );
  return group('key', 'make, list and revoke keys', [create, list, revoke]).addHelpText('after', KEY_EXAMPLES);
}

function createOptions(command: Command): Command {
  return command
    .option('--project <project>', 'id or public token of the project; not needed when there is only one')
    .option('--label <label>', 'what the key is for')
    .addOption(
      new Option('--scope <scope...>', 'what the key may do')
        .choices(keyScopes)
        .default(['feature_flag:read'] as KeyScope[]),
    )
    .option('--user <address>', 'make a personal key, owned by the person with this mail address')
    .option('--create-user', 'make a person of the address where nobody has it')
    .option('--all-projects', "let a personal key open all projects of its owner's organizations");
}

function userCommand(commands: KeyCommands, settings: SettingOptions): Command {
  const fromStdin = ['--password-stdin', 'read the password from standard input instead of making one'] as const;
  const create = leaf(
    'create',
    'make somebody who can sign in; a password is made and shown this once',
    settings,
    (command) =>
      command
        .argument('<email>', 'mail address')
        .option('--name <name>', 'first name')
        .addOption(
          new Option('--level <level>', 'what they may do in every organization')
            .choices(['member', 'admin', 'owner'])
            .default('owner'),
        )
        .option(...fromStdin),
  ).action((email: string, options: CreateUserOptions & Record<string, unknown>) =>
    commands.createUser(settings.read(options), email, options),
  );
  const reset = leaf(
    'reset-password',
    'give somebody a new password; they are signed out everywhere',
    settings,
    (command) => command.argument('<email>', 'mail address').option(...fromStdin),
  ).action((email: string, options: PasswordOptions & Record<string, unknown>) =>
    commands.resetPassword(settings.read(options), email, options),
  );
  return group('user', 'make people who sign in, and renew their passwords', [create, reset]).addHelpText(
    'after',
    USER_EXAMPLES,
  );
}

/** @param configure gives the command what is its own: help shows it before what all commands have */
function leaf(
  name: string,
  description: string,
  settings: SettingOptions,
  configure: (command: Command) => Command,
): Command {
  const command = configure(new Command(name).description(description))
    .option('--json', 'print JSON instead of text')
    .exitOverride();
  settings.add(command);
  return command;
}

function group(name: string, description: string, leaves: readonly Command[]): Command {
  const command = new Command(name).description(description).exitOverride();
  for (const each of leaves) command.addCommand(each);
  return command;
}

const PROJECT_EXAMPLES = `
Examples:
  halyard project create "My shop"
  halyard project rotate-token 3
`;

const KEY_EXAMPLES = `
Examples:
  halyard key create --project 3 --label backend
  halyard key create --user ada@example.com --create-user --all-projects
  halyard key revoke 5f0c1d2e3b4a59687766f0e1
`;

const USER_EXAMPLES = `
Examples:
  halyard user create ada@example.com
  halyard user create bob@example.com --level member --password-stdin < password.txt
  halyard user reset-password ada@example.com
`;
